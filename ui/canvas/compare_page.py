"""Two states of a recipe in one drawing: what is new, other and gone, what differs in each step, and the way back."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from nicegui import ui

from hub.documents import Difference
from hub.errors import InvalidError
from hub.members import Member, Verb
from hub.recipes import RecipeDocument, RecipeView, VersionView, from_plain
from hub.recipes.document import CANVAS
from hub.text import say
from ui.ask import confirm
from ui.canvas.changes import Both, both, differences, differences_at, differences_elsewhere
from ui.canvas.draft import Draft
from ui.canvas.graph import Picture, picture
from ui.canvas.opening import opened
from ui.canvas.view import CanvasView
from ui.canvas.ways import titles
from ui.frame import page
from ui.pieces import button, div, empty, link_button, moment, note, state, words
from ui.recipes.page import publish
from ui.recipes.versions import DRAFT, differences_of
from ui.redraw import emptied
from ui.services import Services
from ui.visit import Visit

MOST = 100
ICONS = {"added": "add_circle", "changed": "change_circle", "removed": "remove_circle"}
TONES = {"added": "ok", "changed": "wait", "removed": "bad"}


def create(services: Services) -> None:
    """Serve the page at /recipes/{recipe}/compare."""

    @page("/recipes/{recipe}/compare", services, "recipes", say("canvas.versions"))
    async def compare_page(visit: Visit) -> None:
        await ComparePage(visit, await opened(visit, say("canvas.versions"))).draw()


class ComparePage:
    """One comparison; what is restored becomes the draft, and can be undone here."""

    def __init__(self, visit: Visit, recipe: RecipeView) -> None:
        self._visit = visit
        self._recipe = recipe
        self._may = visit.may(Verb.EDIT_RECIPES)
        self._draft = Draft(visit, recipe, lambda: None)
        self._both: Both | None = None
        self._differences: Sequence[Difference] = ()
        self._chosen = ""

    async def draw(self) -> None:
        """Draw the versions, the two that are chosen, and what differs."""
        versions = self._visit.services.recipe_versions
        self._versions = (await versions.list(self._visit.opened_by, self._recipe.id, limit=MOST)).items
        if not self._versions:
            empty("history", say("versions.none"), say("versions.none_text"), self._to_canvas)
            return
        live = next((one.number for one in self._versions if one.active), self._versions[0].number)
        self._pair = self._asked("from", live), self._asked("to", DRAFT)
        before, after = [await self._content(self._visit.opened_by, one) for one in self._pair]
        drawn = self._compared(before, after)
        with div("pd-canvas-page pd-compare"):
            self._bar()
            self._draft.banner = div("pd-stack pd-canvas-banner")
            with div("pd-canvas-room"):
                self._view = CanvasView(drawn, [], recipe=f"{self._recipe.id}-compare", editable=False, narrow="")
                self._view.classes("pd-canvas").mark("canvas")
                self._view.hear({"choose": self._choose})
                self._panel = div("pd-canvas-panel pd-stack", "aside").props("data-testid=panel")
        self._show_panel()

    def _asked(self, name: str, otherwise: int) -> int:
        said = self._visit.asked(name)
        numbers = {str(one.number): one.number for one in self._versions}
        return DRAFT if said == "draft" else numbers.get(said, otherwise)

    def _to_canvas(self) -> None:
        link_button(say("canvas.link"), f"/recipes/{self._recipe.id}/canvas", "to-canvas", icon="schema")

    def _bar(self) -> None:
        choices = {one.number: say("recipe.version", number=one.number) for one in self._versions}
        choices |= {DRAFT: say("versions.draft")}
        with div("pd-canvas-bar"):
            words(self._recipe.title or self._recipe.name, tag="h1")
            picked = [
                ui.select(choices, value=value, label=say(f"versions.{side}"), on_change=self._again)
                for side, value in zip(("from", "to"), self._pair, strict=True)
            ]
            for one, mark in zip(picked, ("compare-from", "compare-to"), strict=True):
                one.props("outlined dense").style("min-width: 130px").mark(mark).props["data-testid"] = mark
            self._picked = picked
            self._summary = div("pd-line pd-grow").props("role=status data-testid=compare-summary")
            self._to_canvas()
            link_button(say("canvas.list"), f"/recipes/{self._recipe.id}/list", "to-list", kind="quiet", icon="list")
            if self._may:
                button(say("recipe.publish"), "compare-publish", self._publish, kind="primary", icon="publish")

    async def _content(self, member: Member, number: int) -> RecipeDocument:
        if number == DRAFT:
            return self._draft.document
        versions = self._visit.services.recipe_versions
        return from_plain((await versions.show(member, self._recipe.id, number)).document)

    def _compared(self, before: RecipeDocument, after: RecipeDocument) -> Picture:
        self._differences = differences(before, after)
        self._names = titles(before) | titles(after)
        try:
            self._both = both(before, after)
        except InvalidError:
            # Together they may hold more steps than one recipe can
            return picture(after, ())
        return picture(self._both.document, (), self._both.steps, self._both.ways)

    async def _again(self) -> None:
        first, second = self._picked
        self._pair = int(first.value or DRAFT), int(second.value or DRAFT)

        async def show(member: Member) -> None:
            before, after = [await self._content(member, one) for one in self._pair]
            self._view.draw(self._compared(before, after))
            self._chosen = ""
            self._show_panel()

        await self._visit.try_to(show)

    async def _choose(self, chosen: list[str]) -> None:
        self._chosen = chosen[0] if len(chosen) == 1 else ""
        self._show_panel()

    def _show_panel(self) -> None:
        steps = self._both.steps if self._both else {}
        self._summary.clear()
        with self._summary:
            for kind in ("added", "changed", "removed"):
                number = sum(1 for one in steps.values() if one == kind)
                if number:
                    _kind(kind, f"{say(f'canvas.{kind}')}: {number:,}")
        with emptied(self._panel):
            if self._chosen:
                self._step(self._chosen, steps.get(self._chosen, ""))
            else:
                self._whole()

    def _step(self, step: str, kind: str) -> None:
        words(self._names.get(step, step), tag="h2").props("data-testid=panel-title")
        if kind:
            _kind(kind, say(f"canvas.{kind}"))
        differences_of(differences_at(self._differences, step))

    def _whole(self) -> None:
        recipe, drawing = differences_elsewhere(self._differences)
        if not self._differences:
            with note("ok", "check_circle", say("versions.same")):
                pass
        for step, kind in (self._both.steps if self._both else {}).items():
            with ui.expansion().props("dense").style("width: 100%").mark(f"changed-{step}") as opened:
                opened.props["data-testid"] = f"changed-{step}"
                with opened.add_slot("header"), div("pd-line pd-grow"):
                    _kind(kind, say(f"canvas.{kind}"))
                    words(self._names.get(step, step), "pd-strong pd-clip", "span")
                differences_of(differences_at(self._differences, step))
        if recipe:
            words(say("canvas.whole"), tag="h3")
            differences_of(recipe)
        if drawing:
            _drawing(drawing)
        words(say("versions.title"), tag="h2")
        for version in self._versions:
            self._version(version)

    def _version(self, version: VersionView) -> None:
        with div("pd-version"):
            with div("pd-line"):
                words(say("recipe.version", number=version.number), "pd-strong", "span")
                if version.active:
                    state("live")
                moment(version.published_at)
            words(version.note or say("versions.no_note"), "pd-soft" if version.note else "pd-muted pd-small")
            if self._may:
                mark = f"restore-{version.number}"
                button(say("versions.restore"), mark, lambda: self._ask_restore(version), kind="quiet", icon="restore")

    def _ask_restore(self, version: VersionView) -> None:
        async def restore(member: Member) -> None:
            await self._draft.change(await self._content(member, version.number))
            self._say_restored(version.number)
            await self._again()

        sentence = say("versions.restore_text", number=version.number)
        confirm(self._visit, say("versions.restore"), sentence, restore, grave=False)

    def _say_restored(self, number: int) -> None:
        banner = self._draft.banner
        if banner is None or not self._draft.can_undo:
            return

        async def undo() -> None:
            await self._draft.undo()
            banner.clear()
            await self._again()

        banner.clear()
        with banner, note("ok", "restore", say("canvas.restored", number=number), say("canvas.restored_text")):
            button(say("canvas.undo"), "undo-restore", undo, icon="undo")

    def _publish(self) -> None:
        publish(self._visit, self._recipe.id, self._draft.revision)


def _drawing(drawing: Sequence[Difference]) -> None:
    """Draw what differs in notes and groups, and say how many steps stand elsewhere."""
    words(say("canvas.drawing_differs"), tag="h3")
    places = [one for one in drawing if one.path.startswith(f"{CANVAS}.places")]
    others = [one for one in drawing if one not in places]
    if others:
        differences_of([msgspec.structs.replace(one, path=one.path.removeprefix(f"{CANVAS}.")) for one in others])
    if places:
        words(say("canvas.places_differ"), "pd-soft")


def _kind(kind: str, text: str) -> None:
    with div(f"pd-change pd-tone-{TONES[kind]}", "span"):
        ui.icon(ICONS[kind]).props("aria-hidden=true")
        words(text, tag="span")
