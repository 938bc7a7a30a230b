"""The panel's part for one step: try it, see what came of it, pin what it gave."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, Protocol
from uuid import UUID

from nicegui import ui

from connectors.sdk import Target
from connectors.sdk.registry import find
from hub.members import Member
from hub.recipes.document import Step
from hub.runs.trying import Board, Known, Pin, Tried
from hub.text import say
from ui.pieces import button, div, note, words
from ui.trying.pinning import ask_for_pin
from ui.trying.shown import draw_known, draw_output, draw_tried
from ui.visit import Visit, tell

WHOLE = -1


class Trying(Protocol):
    """What tries steps for the panel."""

    # Which element of its list each step was last tried with; what is drawn anew keeps the choice
    elements: dict[str, int]

    @property
    def may(self) -> bool:
        """Whether the person may."""
        ...

    @property
    def visit(self) -> Visit:
        """The look at the page."""
        ...

    @property
    def recipe(self) -> UUID:
        """The recipe."""
        ...

    def attempt(self, step: str, *, up_to: bool = False, element: int | None = None) -> Awaitable[None]:
        """Try a step."""
        ...

    def fresh(self, member: Member) -> Awaitable[None]:
        """Draw what is known now."""
        ...


class StepTrial:
    """Draws how a step stands for the sample, and what can be done."""

    def __init__(self, trying: Trying, board: Board, step: Step) -> None:
        self._trying = trying
        self._step = step
        self._pin: Pin | None = next((one for one in board.pins if one.step == step.id), None)
        self._known: Known | None = next((one for one in board.outputs if one.step == step.id), None)
        tries = [one for one in board.tries if one.step == step.id]
        self._tried: Tried | None = max(tries, key=lambda one: one.at, default=None)
        self._elements = max((one.elements or 0 for one in tries), default=0)

    def draw(self) -> None:
        """Draw the part."""
        if self._trying.may:
            self._draw_buttons()
        if self._pin is not None:
            self._draw_pin(self._pin)
        if self._tried is not None and self._pin is not None:
            with ui.expansion(say("try.last"), icon="history").props("dense").style("width: 100%").mark("last-try"):
                draw_tried(self._tried, writes=isinstance(find(self._step.uses), Target))
        elif self._tried is not None:
            draw_tried(self._tried, writes=isinstance(find(self._step.uses), Target))
        elif self._known is not None and self._known.source == "run":
            draw_known(self._known)
        elif self._pin is None:
            words(say("try.none"), "pd-muted")
        if self._trying.may and self._pin is None:
            self._draw_pinning()

    def _draw_buttons(self) -> None:
        step, trying = self._step.id, self._trying
        with div("pd-actions"):
            if self._step.each is not None:
                self._draw_elements()

            async def alone() -> None:
                element = trying.elements.get(step, WHOLE)
                await trying.attempt(step, element=element if element != WHOLE else None)

            button(say("try.step"), "try-step", alone, kind="primary", icon="play_arrow")
            button(say("try.up_to"), "try-up-to", lambda: trying.attempt(step, up_to=True), icon="playlist_play")

    def _draw_elements(self) -> None:
        """Let one element of the list be chosen."""
        elements, of = self._trying.elements, f"{self._elements:,}"
        names = {n: say("try.element_of", number=n + 1, of=of) for n in range(min(self._elements, 200))}
        offered = {WHOLE: say("try.all_elements")} | (names or {0: say("try.first_element")})
        before = elements.get(self._step.id, WHOLE)
        elements[self._step.id] = before if before in offered else WHOLE

        def choose() -> None:
            elements[self._step.id] = WHOLE if chosen.value is None else int(chosen.value)

        chosen = ui.select(offered, value=elements[self._step.id], label=say("try.element"), on_change=choose)
        chosen.props("outlined dense options-dense").mark("try-element").props["data-testid"] = "try-element"

    def _draw_pin(self, pin: Pin) -> None:
        with note("run", "push_pin", say("try.pinned"), say("try.pin_text")):
            pass
        if self._trying.may:
            with div("pd-actions"):
                button(say("try.pin_edit"), "edit-pin", lambda: self._ask(pin.value), icon="edit")
                button(say("try.unpin"), "unpin", self._trying.visit.does(self._unpin))
        draw_output(pin.value)

    def _draw_pinning(self) -> None:
        value = self._output()
        with div("pd-actions"):
            if value is not None:
                button(say("try.pin"), "pin-output", self._trying.visit.does(self._keep), icon="push_pin")
            label = say("try.pin_edit_first") if value is not None else say("try.pin_by_hand")
            button(label, "pin-by-hand", lambda: self._ask({} if value is None else value), kind="quiet")

    def _output(self) -> Any:
        """Return what can be pinned: what the whole step gave in a try or in the sample's run."""
        known = self._known
        return known.value if known is not None and known.state in ("done", "waits") else None

    def _ask(self, value: Any) -> None:
        ask_for_pin(self._trying.visit, self._trying.recipe, self._step.id, value, self._trying.fresh)

    async def _keep(self, member: Member) -> None:
        pins = self._trying.visit.services.pins
        await pins.put(member, self._trying.recipe, self._step.id, self._output())
        tell(say("try.pinned_done"))
        await self._trying.fresh(member)

    async def _unpin(self, member: Member) -> None:
        await self._trying.visit.services.pins.remove(member, self._trying.recipe, self._step.id)
        tell(say("try.unpinned"))
        await self._trying.fresh(member)
