"""The same draft as a list, at an address of its own: nothing needs a mouse, a wide screen, or YAML."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import msgspec

from hub.errors import HubError, InvalidError
from hub.members import Verb
from hub.outages import GONE
from hub.recipes import RecipeView
from hub.recipes.graph import Edge
from hub.recipes.rewiring import Way, Wiring
from hub.text import say
from ui.canvas.graph import End, Picture
from ui.canvas.opening import opened
from ui.canvas.overlay import RunOverlay
from ui.canvas.step_list import ListActs, StepList, draw_around
from ui.canvas.ways import ask_for_way, ask_for_ways, ways_into
from ui.canvas.workbench import Workbench
from ui.frame import page
from ui.live import after_load, look_every
from ui.pieces import bones, button, card, div, heading, link_button, note, words
from ui.recipes.listing import recipe_state
from ui.recipes.palette import Offer, ask_for_part
from ui.redraw import emptied
from ui.services import Services
from ui.trying.tryout import TryOut
from ui.visit import Visit, outage_sentence

PACE = 0.8


def create(services: Services) -> None:
    """Serve the page at /recipes/{recipe}/list."""

    @page("/recipes/{recipe}/list", services, "recipes", say("canvas.list_title"))
    async def list_page(visit: Visit) -> None:
        await ListPage(visit, await opened(visit, say("canvas.list_title"))).draw()


class ListPage:
    """One look at a recipe's list of steps."""

    def __init__(self, visit: Visit, recipe: RecipeView) -> None:
        self._visit = visit
        self._id = recipe.id
        self._may = visit.may(Verb.EDIT_RECIPES)
        self._bench = Workbench(visit, recipe, self._show_state)
        self._bench.folds = False
        self._overlay = RunOverlay(visit, recipe.id)
        self._tryout = TryOut(visit, self._bench)

    async def draw(self) -> None:
        """Draw the page and follow what others do."""
        bench, services = self._bench, self._visit.services
        try:
            Wiring(bench.draft.document)
        except InvalidError as error:
            with note("bad", "error", say("canvas.twice"), error.message):
                link_button(say("canvas.text"), f"/recipes/{self._id}?tab=editor", "to-text", kind="primary")
            return
        bench.connections = await services.connections.list(self._visit.opened_by)
        await bench.draft.learn(self._visit.opened_by)
        with div() as self._room:
            self._head()
            bench.draft.banner = div("pd-stack")
            with div("pd-two-even"):
                with div("pd-stack"):
                    with card(say("steps.label"), pad=False) as box:
                        pass
                    self._around = div("pd-stack")
                with card() as panel:
                    panel.props("data-testid=panel")
                    bones(3)
        self._list = StepList(box, lambda: bench.draft.document, editable=self._may)
        bench.begin(self._room, panel, _Both(self._list, self._draw_around), editable=self._may)
        bench.panel.also.extend((self._overlay.draw_at, self._tryout.draw_at))
        self._tryout.mark_with(self._list.marks)
        bench.panel.hint = "canvas.list_select"
        bench.panel.show([], bench.connections)
        self._list.begin(bench.drawn(), self._acts())
        self._draw_around(bench.drawn())
        self._show_state()
        after_load(self._follow)

    def _head(self) -> None:
        bench = self._bench
        recipe = bench.recipe
        with heading(recipe.title or recipe.name, say("canvas.list_text")):
            if self._may:
                self._undo_button = button(say("canvas.undo"), "undo", bench.undo, icon="undo")
                self._redo_button = button(say("canvas.redo"), "redo", bench.redo, icon="redo")
            link_button(say("canvas.link"), f"/recipes/{self._id}/canvas?anyway=1", "to-canvas", icon="schema")
            link_button(say("canvas.versions"), f"/recipes/{self._id}/compare", "to-versions", icon="history")
            link_button(say("canvas.text"), f"/recipes/{self._id}?tab=editor", "to-text", icon="code")
            if self._may:
                button(say("recipe.publish"), "canvas-publish", bench.publish, kind="primary", icon="publish")
        with div("pd-line").style("margin: -12px 0 18px"):
            self._state = div("pd-line")
            self._status = words("", "pd-muted pd-small").props("role=status data-testid=save-status")
        with div("pd-line").style("margin: 0 0 18px"):
            self._overlay.draw_bar()
            div("pd-grow")
            self._tryout.draw_bar()

    def _acts(self) -> ListActs:
        bench = self._bench
        steps: dict[str, tuple[str, Callable[[str], Awaitable[None]]]] = {
            "list_after": ("add", self._add_after),
            "list_before": ("vertical_align_top", self._add_before),
            "list_up": ("arrow_upward", lambda step: self._move(step, up=True)),
            "list_down": ("arrow_downward", lambda step: self._move(step, up=False)),
            "ways": ("alt_route", self._ask_ways),
            "rename": ("edit", bench.ask_rename),
            "list_switch": ("toggle_off", lambda step: bench.switch([step])),
            "duplicate_button": ("content_copy", lambda step: bench.duplicate([step])),
            "group_button": ("select_all", lambda step: bench.gestures()["group"]([step])),
            "remove_button": ("delete", lambda step: bench.remove({"steps": [step], "ways": []})),
        }
        return ListActs(choose=bench.choose, step=steps, add_at=self._add_at)

    async def _add_after(self, step: str) -> None:
        await self._offer(self._bench.way_after(step))

    async def _add_at(self, end: End) -> None:
        await self._offer(Way(source=end.source, case=end.case))

    async def _add_before(self, step: str) -> None:
        document = self._bench.draft.document
        ways = ways_into(document, step)
        if len(ways) == 1:
            await self._offer(ways[0])
        else:
            ask_for_way(ways, document, self._offer)

    async def _offer(self, way: Way) -> None:
        async def choose(offer: Offer) -> None:
            await self._bench.insert({"uses": offer.uses, **msgspec.structs.asdict(way)})

        ask_for_part(triggers=False, choose=choose)

    async def _move(self, step: str, *, up: bool) -> None:
        def act(wiring: Wiring) -> Sequence[str]:
            wiring.move(step, up=up)
            return [step]

        await self._bench.rewire(act)

    async def _ask_ways(self, step: str) -> None:
        async def keep(edges: Sequence[Edge], on_error: str) -> None:
            def act(wiring: Wiring) -> Sequence[str]:
                wiring.lead(step, edges, on_error)
                return [step]

            await self._bench.rewire(act)

        ask_for_ways(self._bench.draft.document, step, keep)

    def _draw_around(self, picture: Picture) -> None:
        with emptied(self._around):
            if self._may:
                with div("pd-actions"):
                    button(say("canvas.note"), "add-note", self._bench.add_note, icon="sticky_note_2")
                    if self._bench.draft.published is not None and not self._bench.draft.as_published:
                        button(
                            say("canvas.back"), "back", self._bench.back_to_published, icon="settings_backup_restore"
                        )
            if picture.notes or picture.frames:
                with card(say("canvas.around"), pad=False):
                    draw_around(picture, self._bench.choose)

    def _show_state(self) -> None:
        draft = self._bench.draft
        self._status.text = draft.status if self._may else say("editor.read_only")
        self._state.clear()
        with self._state:
            recipe_state(msgspec.structs.replace(draft.recipe, problems=list(draft.problems) if draft.begun else []))
        if self._may:
            self._undo_button.set_enabled(draft.can_undo)
            self._redo_button.set_enabled(draft.can_redo)

    def _follow(self) -> None:
        with self._room:
            look_every(PACE, self._look)
        self._room.props["data-ready"] = "true"

    async def _look(self) -> None:
        bench = self._bench
        if bench.turn.locked():
            return
        try:
            member = await self._visit.member()
            await bench.draft.follow(await self._visit.services.recipes.show(member, self._id))
            if await bench.draft.learn(member):
                bench.show()
            await bench.panel.check(member)
            await self._overlay.look(member, self._list, bench.draft.document)
            await self._tryout.look(member)
        except HubError:
            return
        except GONE as error:
            self._status.text = outage_sentence(error)


class _Both:
    """The list and what is around it, as one view."""

    def __init__(self, steps: StepList, around: Callable[[Picture], None]) -> None:
        self._steps = steps
        self._around = around

    def draw(self, picture: Picture) -> None:
        """Show another picture."""
        self._steps.draw(picture)
        self._around(picture)

    def select(self, steps: Sequence[str]) -> None:
        """Choose steps."""
        self._steps.select(steps)
