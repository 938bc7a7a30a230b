"""The editor of a recipe: YAML beside the drawing of it, saved as one types, with every problem and where it stands."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from nicegui import ui

from hub.errors import HubError, InvalidError, Problem, StaleError, UnauthorizedError
from hub.ids import parse as parse_id
from hub.members import Verb
from hub.recipes import RecipeDocument, RecipeView, parse
from hub.text import count, say
from ui.code import ANSWERS, code
from ui.live import after_load
from ui.pieces import ago, button, card, div, link_button, note, pill, words
from ui.recipes.lookahead import Bench
from ui.recipes.palette import Offer, ask_for_part, with_step, with_trigger
from ui.recipes.places import line_of
from ui.recipes.step_form import edit_step
from ui.recipes.steps import TRIGGER, flow
from ui.redraw import emptied
from ui.values import brief, rows_table
from ui.visit import Visit, complain, in_browser, to_sign_in

PAUSE = 0.6


class Editor:
    """One recipe's editor; knows which revision it began from, so that nobody's work is written over unseen."""

    def __init__(self, visit: Visit, recipe: RecipeView, publish: Callable[[Visit, str, int | None], None]) -> None:
        self._visit = visit
        self._recipe = recipe
        self._publish = publish
        self._revision = recipe.revision
        self._may = visit.may(Verb.EDIT_RECIPES)
        self._due: ui.timer | None = None
        self._text = ""
        self._turn = asyncio.Lock()

    async def draw(self) -> None:
        """Draw the editor with what belongs to it."""
        self._text = await self._visit.services.recipe_versions.export(self._visit.opened_by, self._recipe.id)
        with div("pd-stack"):
            self._banner = div("pd-stack")
            with div("pd-two"):
                with div("pd-stack"):
                    self._bar()
                    if self._may:
                        self._palette()
                    self._code = code(self._visit, self._text, say("editor.document"), self._changed)
                    self._code.enabled = self._may
                with div("pd-stack"):
                    self._problems = div()
                    self._drawing = div()
        self._show(self._recipe.problems)
        self._draw_steps(self._text)
        self._offer_kept()

    def _bar(self) -> None:
        with div("pd-spread"):
            words(say("editor.draft"), tag="h3")
            with div("pd-line"):
                self._status = (
                    words("", "pd-muted pd-small").props("role=status data-testid=save-status").mark("save-status")
                )
                canvas = link_button(
                    say("canvas.link"), f"/recipes/{self._recipe.id}/canvas", "editor-canvas", kind="quiet"
                )
                canvas.classes("pd-wide-only")
                if self._may:
                    button(say("recipe.publish"), "editor-publish", self._ask_publish, kind="primary", icon="publish")
        self._status.text = (
            say("editor.saved_at", when=ago(self._recipe.changed_at)) if self._may else say("editor.read_only")
        )

    def _palette(self) -> None:
        with div("pd-line"):
            button(say("palette.step"), "add-step", lambda: self._ask_for_part(triggers=False), icon="add")
            button(say("palette.trigger"), "change-trigger", lambda: self._ask_for_part(triggers=True), icon="bolt")

    def _ask_for_part(self, *, triggers: bool) -> None:
        async def choose(offer: Offer) -> None:
            try:
                document = parse(self._text)
            except InvalidError:
                complain(say("palette.unreadable"))
                return
            connections = await self._visit.services.connections.list(await self._visit.member())
            self._code.value = (with_trigger if triggers else with_step)(document, offer, connections)

        ask_for_part(triggers=triggers, choose=choose)

    async def _ask_publish(self) -> None:
        await self._save()
        self._publish(self._visit, self._recipe.id, self._revision)

    def _changed(self) -> None:
        self._text = self._code.value or ""
        self._status.text = say("editor.typing")
        if self._due is not None:
            self._due.cancel()
        with self._banner:
            self._due = ui.timer(PAUSE, self._save, once=True)

    async def _save(self) -> None:
        """Store what was typed; a text that cannot be read yet is kept in the browser until it can."""
        if not self._may:
            return
        # One after the other: who publishes while a pause in typing is being saved is nobody else
        async with self._turn:
            text = self._text
            try:
                document = parse(text)
            except InvalidError as error:
                self._show(error.errors or (Problem("", error.message),))
                self._status.text = say("editor.unreadable")
                return
            await self._try_to_store(document, text)

    async def _try_to_store(self, document: RecipeDocument, text: str) -> None:
        try:
            await self._store(document, text, self._revision)
        except StaleError:
            await self._conflict(document, text)
        except HubError as error:
            self._status.text = say("editor.not_saved")
            complain(error.message)
            if isinstance(error, UnauthorizedError):
                to_sign_in(self._visit.path)

    async def _store(self, document: RecipeDocument, text: str, revision: int) -> None:
        member = await self._visit.member()
        view = await self._visit.services.recipes.save(member, self._recipe.id, document, revision=revision)
        self._revision = view.revision
        self._show(view.problems)
        self._draw_steps(text)
        self._status.text = say("editor.saved", revision=view.revision)
        in_browser("drop", self._recipe.id, text)

    async def _conflict(self, document: RecipeDocument, text: str) -> None:
        """Somebody else saved meanwhile: show what differs and let the person choose."""
        services, member = self._visit.services, await self._visit.member()
        theirs = await services.recipes.show(member, self._recipe.id)
        differences = (await services.recipes.apply(member, document, dry=True)).differences

        async def mine() -> None:
            self._banner.clear()
            await self._store(document, text, theirs.revision)

        async def take() -> None:
            self._banner.clear()
            self._revision = theirs.revision
            self._code.value = await services.recipe_versions.export(await self._visit.member(), self._recipe.id)
            in_browser("drop", self._recipe.id, self._text)

        self._status.text = say("editor.not_saved")
        self._banner.clear()
        with self._banner:
            with note("wait", "people", say("editor.conflict"), say("editor.conflict_text")):
                button(say("editor.keep_mine"), "keep-mine", mine)
                button(say("editor.take_theirs"), "take-theirs", take)
            rows = [[one.path, brief(one.before), brief(one.after)] for one in differences[:40]]
            rows_table([say("editor.place"), say("editor.theirs"), say("editor.mine")], rows)

    def _offer_kept(self) -> None:
        """Offer the text that the browser kept because it was not saved, and have it keep what is typed from now on."""
        if not self._may:
            return
        box, saved = self._banner, self._text

        async def ask() -> None:
            kept = await ui.run_javascript(f"return pd.kept('{self._recipe.id}')", timeout=ANSWERS)
            in_browser("follow", self._code.html_id, self._recipe.id, saved)
            if not isinstance(kept, dict) or kept.get("text") in {None, self._text}:
                return
            at = datetime.fromtimestamp(float(kept["at"]) / 1000, UTC)
            with box:
                self._restore_note(str(kept["text"]), at)

        after_load(ask)

    def _restore_note(self, text: str, at: datetime) -> None:
        def restore() -> None:
            self._banner.clear()
            self._code.value = text

        def discard() -> None:
            self._banner.clear()
            in_browser("drop", self._recipe.id, self._text)

        with note("wait", "restore_page", say("editor.kept", when=ago(at)), say("editor.kept_text")):
            button(say("editor.restore"), "restore-kept", restore)
            button(say("editor.discard"), "discard-kept", discard, kind="quiet")

    def _show(self, problems: Sequence[Problem]) -> None:
        """List the problems; each leads to its line."""
        self._problems.clear()
        with self._problems:
            if not problems:
                with note("ok", "check_circle", say("editor.sound"), say("editor.sound_text")):
                    pass
                return
            with card(count("editor.problems", len(problems)), pad=False):
                for number, problem in enumerate(problems):
                    self._problem(problem, number)

    def _problem(self, problem: Problem, number: int) -> None:
        line = line_of(self._text, problem.path, problem.message)
        with (
            div("pd-row pd-cols-pair pd-row-link", "button")
            .props("type=button")
            .style(
                "border: 0; background: transparent; text-align: left; width: 100%; font: inherit; cursor: pointer"
            ) as box
        ):
            box.mark(f"problem-{number}").props(f"data-testid=problem-{number}")
            box.on("click", lambda: self._jump(line or 1))
            with div("pd-grow"):
                words(problem.message, "pd-strong")
                words(problem.path or say("editor.document"), "pd-mono pd-muted")
            if line:
                pill(say("editor.line", number=line))

    def _jump(self, line: int) -> None:
        self._code.reveal_line(line)
        in_browser("mark_line", self._code.html_id, line)

    def _draw_steps(self, text: str) -> None:
        """Draw the steps anew; a click leads to the step's place in the text."""
        document = _read(text)
        if document is None:
            return
        paths = {step.id: f"spec.steps[{index}]" for index, step in enumerate(document.spec.steps)}
        paths[TRIGGER] = "spec.trigger"
        with emptied(self._drawing):
            flow(document, choose=lambda step: self._open(step, line_of(self._text, paths[step]) or 1))

    async def _open(self, step: str, line: int) -> None:
        """Open a step's form; where it has none, or nothing may be changed, go to its place in the text."""

        async def save(text: str) -> None:
            self._code.value = text

        document = _read(self._text)
        if self._may and document is not None and step in {TRIGGER, *(one.id for one in document.spec.steps)}:
            connections = await self._visit.services.connections.list(await self._visit.member())
            bench = Bench(visit=self._visit, recipe=parse_id("rcp", self._recipe.id))
            if edit_step(document, step, connections, save, lambda: self._jump(line), bench):
                return
        self._jump(line)


def _read(text: str) -> RecipeDocument | None:
    try:
        return parse(text)
    except InvalidError:
        return None
