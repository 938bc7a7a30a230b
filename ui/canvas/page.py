"""The canvas of a recipe: drawn steps that are added, led and set by hand; the same draft as the list beside it."""

from __future__ import annotations

import msgspec
from nicegui import ui

from hub.errors import HubError, InvalidError
from hub.members import Verb
from hub.outages import GONE
from hub.recipes import RecipeView
from hub.recipes.rewiring import Wiring
from hub.text import count, say
from ui.canvas.changes import changed_steps, removed_steps
from ui.canvas.opening import opened
from ui.canvas.overlay import RunOverlay
from ui.canvas.view import CanvasView
from ui.canvas.workbench import Workbench
from ui.frame import page
from ui.live import SOON, after_load, look_every
from ui.pieces import bones, button, div, link_button, note, round_button, words
from ui.recipes.listing import recipe_state
from ui.services import Services
from ui.trying.tryout import TryOut
from ui.visit import Visit, outage_sentence

CALM = 0.8


def create(services: Services) -> None:
    """Serve the page at /recipes/{recipe}/canvas."""

    @page("/recipes/{recipe}/canvas", services, "recipes", say("canvas.link"))
    async def canvas_page(visit: Visit) -> None:
        await CanvasPage(visit, await opened(visit, say("canvas.link"))).draw()


class CanvasPage:
    """One look at a recipe's canvas."""

    def __init__(self, visit: Visit, recipe: RecipeView) -> None:
        self._visit = visit
        self._id = recipe.id
        self._may = visit.may(Verb.EDIT_RECIPES)
        self._bench = Workbench(visit, recipe, self._show_state)
        self._overlay = RunOverlay(visit, recipe.id)
        self._tryout = TryOut(visit, self._bench)

    async def draw(self) -> None:
        """Draw the page and follow what others and runs do."""
        bench, services = self._bench, self._visit.services
        try:
            Wiring(bench.draft.document)
        except InvalidError as error:
            with note("bad", "error", say("canvas.twice"), error.message):
                link_button(say("canvas.list"), f"/recipes/{self._id}?tab=editor", "to-list", kind="primary")
            return
        bench.connections = await services.connections.list(self._visit.opened_by)
        await bench.draft.learn(self._visit.opened_by)
        narrow = "" if self._visit.asked("anyway") else self._list
        with div("pd-canvas-page") as room:
            self._bar()
            bench.draft.banner = div("pd-stack pd-canvas-banner")
            with div("pd-canvas-room"):
                self._view = CanvasView(bench.drawn(), bench.offers, recipe=self._id, editable=self._may, narrow=narrow)
                self._view.classes("pd-canvas").mark("canvas")
                with div("pd-canvas-panel pd-stack", "aside").props("data-testid=panel") as box:
                    bones(3)
        self._room = room
        bench.begin(room, box, self._view, editable=self._may)
        bench.panel.also.extend((self._overlay.draw_at, self._tryout.draw_at))
        self._tryout.mark_with(self._view.marks)
        self._hear()
        self._show_state()
        after_load(self._follow)

    @property
    def _list(self) -> str:
        return f"/recipes/{self._id}/list"

    def _bar(self) -> None:
        bench = self._bench
        with div("pd-canvas-bar"):
            self._title = words("", tag="h1")
            self._state = div("pd-line")
            self._status = words("", "pd-muted pd-small pd-grow").props("role=status data-testid=save-status")
            if self._may:
                self._undo_button = round_button("undo", say("canvas.undo"), "undo", bench.undo)
                self._redo_button = round_button("redo", say("canvas.redo"), "redo", bench.redo)
            link_button(
                say("canvas.versions"), f"/recipes/{self._id}/compare", "to-versions", kind="quiet", icon="history"
            )
            link_button(say("canvas.list"), self._list, "to-list", kind="quiet", icon="list")
            if self._may:
                button(say("recipe.publish"), "canvas-publish", bench.publish, kind="primary", icon="publish")
        with div("pd-canvas-bar pd-canvas-sub"):
            self._overlay.draw_bar()
            div("pd-grow")
            self._tryout.draw_bar()

    def _hear(self) -> None:
        bench = self._bench
        self._view.hear({"choose": bench.choose, "list": self._to_list, "compare": self._to_compare})
        if self._may:
            self._view.hear(bench.gestures())

    async def _to_list(self, _: object) -> None:
        ui.navigate.to(self._list)

    async def _to_compare(self, _: object) -> None:
        ui.navigate.to(f"/recipes/{self._id}/compare")

    def _show_state(self) -> None:
        draft = self._bench.draft
        self._status.text = draft.status if self._may else say("editor.read_only")
        self._title.text = draft.recipe.title or draft.recipe.name
        self._state.clear()
        with self._state:
            recipe_state(msgspec.structs.replace(draft.recipe, problems=list(draft.problems) if draft.begun else []))
            self._say_changed()
        if self._may:
            self._undo_button.set_enabled(draft.can_undo)
            self._redo_button.set_enabled(draft.can_redo)

    def _say_changed(self) -> None:
        """Say how far the draft is from what runs, with the way to see it."""
        draft = self._bench.draft
        if draft.published is None or draft.as_published:
            return
        steps = len(changed_steps(draft.published, draft.document))
        steps += len(removed_steps(draft.published, draft.document))
        sentence = count("canvas.differs", steps) if steps else say("canvas.differs_else")
        link = ui.link(sentence, f"/recipes/{self._id}/compare").classes("pd-small").mark("differs")
        link.props["data-testid"] = "differs"

    def _follow(self) -> None:
        with self._room:
            self._timer = look_every(SOON, self._look)

    async def _look(self) -> None:
        """Look at the run, and whether somebody else has saved; the next look may succeed where one fails."""
        bench = self._bench
        try:
            member = await self._visit.member()
            recipe = await self._visit.services.recipes.show(member, self._id)
            busy = await self._overlay.look(member, self._view, bench.draft.document)
            await self._tryout.look(member)
            if not bench.turn.locked():
                await bench.draft.follow(recipe)
                if await bench.draft.learn(member):
                    bench.show()
                await bench.panel.check(member)
        except HubError:
            return
        except GONE as error:
            self._status.text = outage_sentence(error)
            return
        self._timer.interval = SOON if busy else CALM
