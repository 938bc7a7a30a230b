"""The canvas of a recipe: drawn steps that are added, led and set by hand; the same draft as the list beside it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from nicegui import ui

from hub.connections import ConnectionSummary
from hub.errors import HubError, InvalidError
from hub.ids import parse as parse_id
from hub.members import Verb
from hub.outages import GONE
from hub.recipes import RecipeView
from hub.recipes.rewiring import Way, Wiring
from hub.runs import Filter, RunSummary
from hub.text import say
from ui.ask import answer_buttons, dialog
from ui.canvas.draft import Draft
from ui.canvas.graph import picture
from ui.canvas.panel import Acts, Panel, ask_for_title
from ui.canvas.tally import tallies
from ui.canvas.view import CanvasView
from ui.frame import crumbs, page
from ui.live import LATER, SOON, after_load
from ui.pieces import bones, button, div, link_button, note, round_button, words
from ui.recipes.listing import recipe_state
from ui.recipes.page import publish
from ui.recipes.palette import Offer, ask_for_part, offers, part_for, with_trigger
from ui.runs.listing import run_state
from ui.services import Services
from ui.visit import Visit, complain, outage_sentence, sentence_of


def create(services: Services) -> None:
    """Serve the page at /recipes/{recipe}/canvas."""

    @page("/recipes/{recipe}/canvas", services, "recipes", say("canvas.link"))
    async def canvas_page(visit: Visit) -> None:
        recipe = await services.recipes.show(visit.opened_by, visit.named("recipe"))
        name = recipe.title or recipe.name
        crumbs((say("nav.recipes"), "/recipes"), (name, f"/recipes/{recipe.id}"), (say("canvas.link"), visit.path))
        await CanvasPage(visit, recipe).draw()


class CanvasPage:
    """One look at a recipe's canvas."""

    def __init__(self, visit: Visit, recipe: RecipeView) -> None:
        self._visit = visit
        self._recipe = recipe
        self._may = visit.may(Verb.EDIT_RECIPES)
        self._draft = Draft(visit, recipe, self._show)
        self._turn = asyncio.Lock()
        self._offers = offers(triggers=False)
        self._connections: Sequence[ConnectionSummary] = ()
        self._run: RunSummary | None = None

    async def draw(self) -> None:
        """Draw the page and follow what others and runs do."""
        try:
            drawn = picture(self._draft.document, self._draft.problems)
            Wiring(self._draft.document)
        except InvalidError as error:
            with note("bad", "error", say("canvas.twice"), error.message):
                link_button(say("canvas.list"), self._list, "to-list", kind="primary")
            return
        services = self._visit.services
        self._connections = await services.connections.list(self._visit.opened_by)
        narrow = "" if self._visit.asked("anyway") else self._list
        with div("pd-canvas-page") as self._room:
            self._bar()
            self._draft.banner = div("pd-stack pd-canvas-banner")
            with div("pd-canvas-room"):
                self._view = CanvasView(drawn, self._offers, recipe=self._recipe.id, editable=self._may, narrow=narrow)
                self._view.classes("pd-canvas").mark("canvas")
                with div("pd-canvas-panel pd-stack", "aside").props("data-testid=panel") as box:
                    bones(3)
        acts = Acts(take_out=self._take_out, switch=self._switch, trigger=self._ask_for_trigger)
        self._panel = Panel(self._draft, box, acts, editable=self._may)
        self._panel.show([], self._connections)
        self._hear()
        self._show_state()
        after_load(self._follow)

    @property
    def _list(self) -> str:
        return f"/recipes/{self._recipe.id}?tab=editor"

    def _bar(self) -> None:
        with div("pd-canvas-bar"):
            self._title = words("", tag="h1")
            self._state = div("pd-line")
            self._latest = div("pd-line pd-grow")
            self._status = words("", "pd-muted pd-small").props("role=status data-testid=save-status")
            if self._may:
                self._undo_button = round_button("undo", say("canvas.undo"), "undo", self._undo)
                self._redo_button = round_button("redo", say("canvas.redo"), "redo", self._redo)
            link_button(say("canvas.list"), self._list, "to-list", kind="quiet", icon="list")
            if self._may:
                button(say("recipe.publish"), "canvas-publish", self._publish, kind="primary", icon="publish")

    def _hear(self) -> None:
        view = self._view
        view.hear({"choose": self._choose, "list": self._to_list})
        if self._may:
            view.hear({
                "insert": self._insert, "connect": self._connect, "remove": self._remove, "paste": self._paste,
                "rename": self._ask_rename, "switch": self._switch, "undo": self._undo, "redo": self._redo,
                "publish": self._publish, "trigger": self._ask_for_trigger,
            })  # fmt: skip

    async def _to_list(self, _: Any) -> None:
        ui.navigate.to(self._list)

    async def _choose(self, chosen: list[str]) -> None:
        if chosen == self._panel.chosen:
            return
        async with self._turned():
            left = self._panel.chosen
            if await self._panel.settle():
                self._panel.show(chosen, self._connections)
            else:
                self._view.select(left)

    @asynccontextmanager
    async def _turned(self) -> AsyncIterator[None]:
        """Do one gesture after the other; what a gesture began in may be gone before it ends, the bar stays."""
        async with self._turn:
            with self._room:
                yield

    async def _rewire(self, act: Callable[[Wiring], Sequence[str] | None]) -> None:
        """Change the draft; `act` returns what is to be chosen then, if anything else than before."""
        async with self._turned():
            if not await self._panel.settle():
                return
            try:
                wiring = Wiring(self._draft.document)
                chosen = act(wiring)
                document = wiring.document()
            except HubError as error:
                complain(sentence_of(error))
                return
            await self._draft.change(document)
            self._panel.show(self._panel.chosen if chosen is None else chosen, self._connections)
            if chosen is not None:
                self._view.select(chosen)

    async def _insert(self, asked: dict[str, Any]) -> None:
        offer = next((one for one in self._offers if one.uses == asked["uses"]), None)
        if offer is not None:
            await self._rewire(lambda wiring: [wiring.insert(part_for(offer, self._connections), _way(asked))])

    async def _connect(self, asked: dict[str, Any]) -> None:
        await self._rewire(lambda wiring: wiring.connect(_way(asked)))

    async def _remove(self, asked: dict[str, Any]) -> None:
        def act(wiring: Wiring) -> list[str]:
            for way in asked["ways"]:
                if not {way["source"], way["target"]} & set(asked["steps"]):
                    wiring.cut(_way(way))
            wiring.remove(frozenset(asked["steps"]))
            return []

        await self._rewire(act)

    async def _take_out(self, steps: Sequence[str]) -> None:
        await self._remove({"steps": list(steps), "ways": []})

    async def _paste(self, asked: dict[str, Any]) -> None:
        await self._rewire(lambda wiring: wiring.paste(str(asked["text"]), _way(asked["way"])))

    async def _switch(self, steps: Sequence[str]) -> None:
        known = {step.id: step.disabled for step in self._draft.document.spec.steps}
        off = not all(known.get(step, True) for step in steps)

        def turn(plain: dict[str, Any]) -> None:
            plain.pop("disabled", None)
            if off:
                plain["disabled"] = True

        def act(wiring: Wiring) -> Sequence[str]:
            for step in steps:
                wiring.change(step, turn)
            return list(steps)

        await self._rewire(act)

    async def _ask_rename(self, step: str) -> None:
        with dialog(say("canvas.rename")) as opened:
            asked = ask_for_title(self._draft.document, step)

            def entitle(plain: dict[str, Any]) -> None:
                plain.pop("title", None)
                if title := str(asked.value or "").strip():
                    plain["title"] = title

            def act(wiring: Wiring) -> Sequence[str]:
                wiring.change(step, entitle)
                return [step]

            async def rename() -> None:
                opened.close()
                await self._rewire(act)

            asked.on("keydown.enter", rename)
            answer_buttons(opened, say("canvas.rename"), rename)

    async def _ask_for_trigger(self, *_: Any) -> None:
        async def choose(offer: Offer) -> None:
            async with self._turned():
                text = with_trigger(self._draft.document, offer, self._connections)
                await self._draft.change_to(text)
                self._panel.show(["trigger"], self._connections)

        ask_for_part(triggers=True, choose=choose)

    async def _undo(self, *_: Any) -> None:
        await self._step(self._draft.undo)

    async def _redo(self, *_: Any) -> None:
        await self._step(self._draft.redo)

    async def _step(self, move: Callable[[], Awaitable[None]]) -> None:
        async with self._turned():
            if await self._panel.settle():
                await move()
                self._panel.show(self._panel.chosen, self._connections)

    async def _publish(self, *_: Any) -> None:
        async with self._turned():
            if await self._panel.settle():
                publish(self._visit, self._recipe.id, self._draft.revision)

    def _show(self) -> None:
        """Draw the draft anew after a change."""
        self._view.draw(picture(self._draft.document, self._draft.problems))
        self._show_state()
        if not self._panel.chosen:
            self._panel.show([], self._connections)

    def _show_state(self) -> None:
        self._status.text = self._draft.status if self._may else say("editor.read_only")
        self._title.text = self._draft.recipe.title or self._draft.recipe.name
        self._state.clear()
        with self._state:
            recipe_state(msgspec.structs.replace(self._draft.recipe, problems=list(self._draft.problems)))
        if self._may:
            self._undo_button.set_enabled(self._draft.can_undo)
            self._redo_button.set_enabled(self._draft.can_redo)

    def _follow(self) -> None:
        with self._room:
            self._timer = ui.timer(SOON, self._look)

    async def _look(self) -> None:
        """Look at the latest run, and whether somebody else has saved; the next look may succeed where one fails."""
        services = self._visit.services
        try:
            member = await self._visit.member()
            recipe = await services.recipes.show(member, self._recipe.id)
            wanted = Filter(recipe=parse_id("rcp", self._recipe.id), kind="live", limit=1)
            run = next(iter((await services.history.list(member, wanted)).entries), None)
            steps = await services.history.steps(member, parse_id("run", run.id)) if run else ()
        except HubError:
            return
        except GONE as error:
            self._status.text = outage_sentence(error)
            return
        if not self._turn.locked():
            await self._draft.follow(recipe)
        self._view.tally(tallies(steps))
        self._timer.interval = SOON if run and run.state == "running" else LATER / 4
        if run != self._run:
            self._run = run
            self._latest.clear()
            with self._latest:
                self._show_run(run)

    @staticmethod
    def _show_run(run: RunSummary | None) -> None:
        if run is not None:
            ui.link(say("canvas.latest"), f"/runs/{run.id}").classes("pd-small").mark("latest-run")
            run_state(run)


def _way(asked: dict[str, Any]) -> Way:
    """Read a place between two steps as the browser names it."""
    return Way(
        source=str(asked.get("source") or ""),
        target=str(asked.get("target") or ""),
        case=None if asked.get("case") is None else str(asked["case"]),
        error=bool(asked.get("error")),
    )
