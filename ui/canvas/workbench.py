"""What people do to a draft, on the canvas and in the list alike: each gesture one change that can be undone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Protocol

from nicegui.element import Element

from hub import source
from hub.connections import ConnectionSummary
from hub.errors import HubError
from hub.ids import parse as parse_id
from hub.members import Member
from hub.recipes import RecipeDocument, RecipeView, to_plain
from hub.recipes.rewiring import Way, Wiring
from hub.text import say
from ui.ask import answer_buttons, dialog
from ui.canvas.changes import changed_steps
from ui.canvas.draft import Draft
from ui.canvas.frames import GROUP, NOTE
from ui.canvas.graph import Picture, picture
from ui.canvas.panel import Acts, Panel, ask_for_title
from ui.canvas.places import settle
from ui.canvas.surroundings import Surroundings
from ui.recipes.fitting import Beginning
from ui.recipes.lookahead import Bench
from ui.recipes.page import publish
from ui.recipes.palette import Offer, ask_for_part, offers, part_for, settings_of, with_trigger
from ui.visit import Visit, complain, sentence_of

Gesture = Callable[[Any], Awaitable[None]]


class View(Protocol):
    """What shows the draft: the canvas, or the list."""

    def draw(self, picture: Picture) -> None:
        """Show another picture."""
        ...

    def select(self, steps: Sequence[str]) -> None:
        """Choose steps."""
        ...


class Workbench:
    """One draft under work; every gesture is done after the one before it, and ends in the view."""

    def __init__(self, visit: Visit, recipe: RecipeView, show_state: Callable[[], None]) -> None:
        self.visit = visit
        self.recipe = recipe
        self.draft = Draft(visit, recipe, self.show)
        self.offers = offers(triggers=False)
        self.connections: Sequence[ConnectionSummary] = ()
        self.turn = asyncio.Lock()
        self.folds = True  # whether folded groups hide their steps
        self._show_state = show_state
        self._beginning = Beginning(visit, parse_id("rcp", recipe.id))
        self._around = Surroundings(lambda: self.draft.document, self.sketch)

    def begin(self, room: Element, box: Element, view: View, *, editable: bool) -> None:
        """Take up work in what a page has drawn."""
        self._room, self._view = room, view
        acts = Acts(
            take_out=self._take_out, switch=self.switch, trigger=self.ask_for_trigger,
            duplicate=self.duplicate, around=self._around, checked=self._checked, turned=self.turned,
        )  # fmt: skip
        self.panel = Panel(self.draft, box, acts, editable=editable)
        self.panel.bench = Bench(visit=self.visit, recipe=parse_id("rcp", self.recipe.id))
        self.panel.show([], self.connections)

    def gestures(self) -> dict[str, Gesture]:
        """Return what can be done, by the names under which views tell of it."""
        return {
            "insert": self.insert, "connect": self.connect, "remove": self.remove, "paste": self.paste,
            "rename": self.ask_rename, "switch": self.switch, "undo": self.undo, "redo": self.redo,
            "publish": self.publish, "trigger": self.ask_for_trigger, "duplicate": self.duplicate,
            "back": self.back_to_published, **self._around.gestures(),
        }  # fmt: skip

    def drawn(self) -> Picture:
        """Return the draft as it is to be drawn, with what differs from the published version."""
        draft = self.draft
        changes = changed_steps(draft.published, draft.document)
        return picture(draft.document, draft.problems, changes, folds=self.folds)

    def show(self) -> None:
        """Draw the draft anew after a change."""
        self._view.draw(self.drawn())
        self._show_state()
        if not self.panel.chosen:
            self.panel.show([], self.connections)

    async def choose(self, chosen: list[str]) -> None:
        """Show other steps in the panel, once what was filled in there is taken over."""
        if chosen == self.panel.chosen:
            return
        async with self.turned():
            left = self.panel.chosen
            if await self.panel.settle():
                self.panel.show(chosen, self.connections)
            else:
                self._view.select(left)

    @asynccontextmanager
    async def turned(self) -> AsyncIterator[None]:
        """Do one gesture after the other; what a gesture began in may be gone before it ends, the room stays."""
        async with self.turn:
            with self._room:
                yield

    async def rewire(self, act: Callable[[Wiring], Sequence[str] | None], way: Way | None = None) -> None:
        """Change the steps; `act` returns what is to be chosen then, if anything else than before."""

        def change() -> tuple[RecipeDocument, Sequence[str] | None]:
            wiring = Wiring(self.draft.document)
            chosen = act(wiring)
            document = wiring.document()
            placed = document.metadata.canvas.places
            return settle(document, picture(document, ()).places, way) if placed else document, chosen

        await self._change(change)

    async def sketch(self, change: Callable[[RecipeDocument], tuple[RecipeDocument, Sequence[str] | None]]) -> None:
        """Change what is drawn around the steps."""
        await self._change(lambda: change(self.draft.document))

    async def _change(self, change: Callable[[], tuple[RecipeDocument, Sequence[str] | None]]) -> None:
        async with self.turned():
            if not await self.panel.settle():
                return
            try:
                document, chosen = change()
            except HubError as error:
                complain(sentence_of(error))
                self.show()
                return
            await self.draft.change(document)
            self.panel.follow(self.panel.chosen if chosen is None else chosen)
            if chosen is not None:
                self._view.select(chosen)

    async def insert(self, asked: Mapping[str, Any]) -> None:
        """Put a new step into a way."""
        offer = next((one for one in self.offers if one.uses == asked["uses"]), None)
        if offer is None:
            return
        way = way_of(asked)
        async with self.turned():
            if not await self.panel.settle():
                return
            begun = part_for(offer, self.connections)
            part = await self._beginning.fitted(begun, settings_of(offer), self.draft.document, way)
        await self.rewire(lambda wiring: [wiring.insert(part, way)], way)

    async def connect(self, asked: Mapping[str, Any]) -> None:
        """Lead from one step to another."""
        await self.rewire(lambda wiring: wiring.connect(way_of(asked)))

    async def remove(self, asked: Mapping[str, Any]) -> None:
        """Take steps and ways out, notes off and frames away."""
        chosen = [str(one) for one in asked["steps"]]
        steps = [one for one in chosen if not one.startswith((NOTE, GROUP))]
        document = self._around.without(self.draft.document, chosen)

        def change() -> tuple[RecipeDocument, Sequence[str]]:
            wiring = Wiring(document)
            for way in asked["ways"]:
                if not {way["source"], way["target"]} & set(steps):
                    wiring.cut(way_of(way))
            wiring.remove(frozenset(steps))
            return wiring.document(), []

        await self._change(change)

    async def _take_out(self, steps: Sequence[str]) -> None:
        await self.remove({"steps": list(steps), "ways": []})

    async def paste(self, asked: Mapping[str, Any]) -> None:
        """Put copied steps into a way."""
        way = way_of(asked["way"])
        await self.rewire(lambda wiring: wiring.paste(str(asked["text"]), way), way)

    async def duplicate(self, steps: Sequence[str]) -> None:
        """Put a copy of steps after the last of them."""
        plain = to_plain(self.draft.document)["spec"].get("steps", [])
        copied = [step for step in plain if step["id"] in steps]
        if copied:
            way = self.way_after(str(copied[-1]["id"]))
            await self.rewire(lambda wiring: wiring.paste(source.write(copied), way), way)

    def way_after(self, step: str) -> Way:
        """Return where something is put that comes right after a step."""
        drawn = picture(self.draft.document, (), folds=False)
        end = next((one for one in drawn.ends if one.source == step), None)
        leads = [one for one in drawn.cables if one.source == step and not one.error]
        if end is not None or len(leads) != 1:
            return Way(source=step, case=end.case if end else None)
        return Way(source=step, target=leads[0].target, case=leads[0].case)

    async def add_note(self) -> None:
        """Stick a note on beside the steps."""
        await self._around.add_note()

    async def switch(self, steps: Sequence[str]) -> None:
        """Switch steps off, or all of them on again."""
        known = {step.id: step.disabled for step in self.draft.document.spec.steps}
        steps = [step for step in steps if step in known]
        off = not all(known[step] for step in steps)

        def turn(plain: dict[str, Any]) -> None:
            plain.pop("disabled", None)
            if off:
                plain["disabled"] = True

        def act(wiring: Wiring) -> Sequence[str]:
            for step in steps:
                wiring.change(step, turn)
            return list(steps)

        await self.rewire(act)

    async def ask_rename(self, step: str) -> None:
        """Ask for a step's title."""
        with dialog(say("canvas.rename")) as opened:
            asked = ask_for_title(self.draft.document, step)

            def entitle(plain: dict[str, Any]) -> None:
                plain.pop("title", None)
                if title := str(asked.value or "").strip():
                    plain["title"] = title

            def act(wiring: Wiring) -> Sequence[str]:
                wiring.change(step, entitle)
                return [step]

            async def rename() -> None:
                opened.close()
                await self.rewire(act)

            asked.on("keydown.enter", rename)
            answer_buttons(opened, say("canvas.rename"), rename)

    async def ask_for_trigger(self, *_: Any) -> None:
        """Let another trigger be chosen."""

        async def choose(offer: Offer) -> None:
            async with self.turned():
                await self.draft.change_to(with_trigger(self.draft.document, offer, self.connections))
                self.panel.show(["trigger"], self.connections)

        ask_for_part(triggers=True, choose=choose)

    async def undo(self, *_: Any) -> None:
        """Go one change back."""
        await self._step(self.draft.undo)

    async def redo(self, *_: Any) -> None:
        """Go one change forth again."""
        await self._step(self.draft.redo)

    async def back_to_published(self, *_: Any) -> None:
        """Make the draft what runs; one undo brings back what it was."""
        await self._step(self.draft.back_to_published)

    async def _step(self, move: Callable[[], Awaitable[None]]) -> None:
        async with self.turned():
            if await self.panel.settle():
                await move()
                self.panel.follow(self.panel.chosen)

    async def publish(self, *_: Any) -> None:
        """Ask for a note and publish; the way back by undo stays as it was."""
        async with self.turned():
            if await self.panel.settle():
                publish(self.visit, self.recipe.id, self.draft.revision, self._published)

    async def _published(self, member: Member) -> None:
        recipe = await self.visit.services.recipes.show(member, self.recipe.id)
        async with self.turned():
            await self.draft.follow(recipe)
            await self.draft.learn(member)
            self.show()

    def _checked(self) -> None:
        """Show what is wrong with what is being filled in."""
        self._view.draw(self.panel.preview(self.drawn()))


def way_of(asked: Mapping[str, Any]) -> Way:
    """Read a place between two steps as the browser names it."""
    return Way(
        source=str(asked.get("source") or ""),
        target=str(asked.get("target") or ""),
        case=None if asked.get("case") is None else str(asked["case"]),
        error=bool(asked.get("error")),
    )
