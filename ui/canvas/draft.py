"""The draft that a canvas shows: saved after every change, with a way back and forth, never over others' work."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from nicegui.element import Element

from hub.errors import HubError, Problem, StaleError, UnauthorizedError
from hub.members import Member
from hub.outages import GONE
from hub.recipes import RecipeDocument, RecipeView, export, from_plain, parse
from hub.text import say
from ui.pieces import button, note
from ui.values import brief, rows_table
from ui.visit import Visit, complain, in_browser, outage_sentence, sentence_of, tell, to_sign_in

LONGEST_WAY_BACK = 200


class Draft:
    """A recipe's draft with its revision, and the documents that undo and redo lead to."""

    def __init__(self, visit: Visit, recipe: RecipeView, show: Callable[[], object]) -> None:
        self._visit = visit
        self._show = show
        self._before: list[RecipeDocument] = []
        self._behind: list[RecipeDocument] = []
        self._asking = False
        self._unsaved = False
        self._live: int | None = None
        self.published: RecipeDocument | None = None
        self.banner: Element | None = None
        self.take(recipe)

    def take(self, recipe: RecipeView) -> None:
        """Be what the hub has."""
        self.recipe = recipe
        self.document = from_plain(recipe.document)
        self.problems: Sequence[Problem] = recipe.problems
        self.revision = recipe.revision
        self._unsaved = False

    async def learn(self, member: Member) -> bool:
        """Fetch the published version when it is another than the one known here; returns whether it was."""
        number = self.recipe.version
        if number == self._live:
            return False
        versions, plain = self._visit.services.recipe_versions, None
        if number is not None:
            plain = (await versions.show(member, self.recipe.id, number)).document
        self.published, self._live = from_plain(plain) if plain else None, number
        return True

    async def look(self, member: Member, document: RecipeDocument) -> Sequence[Problem]:
        """Return what would be wrong with another document; nothing is saved."""
        return await self._visit.services.recipes.validate(member, document)

    @property
    def as_published(self) -> bool:
        """Whether the draft says nothing else than what runs."""
        return self.document == self.published

    @property
    def begun(self) -> bool:
        """Whether there is a step yet; before, what is missing is no mistake."""
        return bool(self.document.spec.steps)

    @property
    def can_undo(self) -> bool:
        """Whether there is a way back."""
        return bool(self._before)

    @property
    def can_redo(self) -> bool:
        """Whether there is a way forth."""
        return bool(self._behind)

    async def change(self, document: RecipeDocument) -> None:
        """Make the draft another document, which can be undone, and save it."""
        if document == self.document:
            return
        self._remember()
        self._behind.clear()
        await self._become(document)

    async def change_to(self, text: str) -> None:
        """Make the draft what a text says."""
        await self.change(parse(text))

    async def back_to_published(self) -> None:
        """Make the draft what runs; what it was is one undo away."""
        if self.published is not None:
            await self.change(self.published)

    async def undo(self) -> None:
        """Go one change back."""
        if self._before:
            self._behind.append(self.document)
            await self._become(self._before.pop())

    async def redo(self) -> None:
        """Go one change forth again."""
        if self._behind:
            self._before.append(self.document)
            await self._become(self._behind.pop())

    async def follow(self, recipe: RecipeView) -> None:
        """Show what somebody else saved meanwhile; what was here stays one undo away."""
        fresh = recipe.revision > self.revision and not self._asking and not self._unsaved
        if not fresh:
            if recipe.revision == self.revision:
                self.recipe = recipe
            return
        before = self.document
        self.take(recipe)
        if self.document != before:
            self._before.append(before)
            self._behind.clear()
            tell(say("canvas.outside"))
        self._show()

    def _remember(self) -> None:
        self._before = [*self._before[-LONGEST_WAY_BACK:], self.document]

    async def _become(self, document: RecipeDocument) -> None:
        self.document = document
        await self._save(self.revision)
        self._show()

    async def _save(self, revision: int) -> None:
        """Store the draft; what could not be stored stays here and in this browser."""
        self._unsaved = True
        in_browser("keep", self.recipe.id, export(self.document))
        try:
            member = await self._visit.member()
            saved = await self._visit.services.recipes.save(member, self.recipe.id, self.document, revision=revision)
        except StaleError:
            await self._conflict()
        except UnauthorizedError as error:
            complain(error.message)
            to_sign_in(self._visit.path)
        except HubError as error:
            complain(sentence_of(error))
        except GONE as error:
            complain(outage_sentence(error))
        else:
            self.take(saved)
            in_browser("drop", self.recipe.id, export(self.document))

    @property
    def status(self) -> str:
        """Say whether the draft is stored."""
        if self._unsaved:
            return say("editor.not_saved")
        if self.as_published:
            return say("canvas.as_published", number=self._live)
        return say("editor.saved", revision=self.revision)

    async def _conflict(self) -> None:
        """Show what differs from what somebody else saved, and let the person choose; the other one stays undoable."""
        services, member = self._visit.services, await self._visit.member()
        theirs = await services.recipes.show(member, self.recipe.id)
        differences = (await services.recipes.apply(member, self.document, dry=True)).differences
        banner = self.banner
        if banner is None:
            return
        self._asking = True

        async def mine() -> None:
            self._asking = False
            self._before.append(from_plain(theirs.document))
            await self._save(theirs.revision)
            self._show()
            if not self._asking:
                banner.clear()

        def take() -> None:
            self._asking = False
            self._before.append(self.document)
            self.take(theirs)
            in_browser("drop", self.recipe.id, export(self.document))
            self._show()
            banner.clear()

        banner.clear()
        with banner:
            with note("wait", "people", say("editor.conflict"), say("canvas.conflict_text")):
                button(say("editor.keep_mine"), "keep-mine", mine)
                button(say("editor.take_theirs"), "take-theirs", take)
            rows = [[one.path, brief(one.before), brief(one.after)] for one in differences[:12]]
            rows_table([say("editor.place"), say("editor.theirs"), say("editor.mine")], rows)
