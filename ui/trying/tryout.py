"""Trying a draft out beside its steps: the sample in the bar, tries and pins in the panel, marks in the drawing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from uuid import UUID

import msgspec
from nicegui import ui
from nicegui.element import Element

from hub.errors import HubError
from hub.ids import parse
from hub.members import Member, Verb
from hub.recipes.document import Step
from hub.runs.trying import Attempted, Board
from hub.text import say
from ui.canvas.workbench import Workbench
from ui.pieces import button, div, words
from ui.recipes.steps import TRIGGER
from ui.redraw import emptied
from ui.trying.samples import Chooser
from ui.trying.step import StepTrial
from ui.values import value_box
from ui.visit import Visit, tell

PACE = 4.0
Marks = Mapping[str, Mapping[str, object]]


class TryOut:
    """What one look at a recipe knows of trying it out."""

    def __init__(self, visit: Visit, bench: Workbench) -> None:
        self._visit = visit
        self._bench = bench
        self._mark: Callable[[Marks], None] | None = None
        self._recipe: UUID = parse("rcp", bench.recipe.id)
        self._board: Board | None = None
        self._sample: str | None = visit.asked("item") or None
        self._looked = (-1, 0.0)
        self._step = ""
        self._box: Element | None = None
        self._trying: asyncio.Task[object] | None = None
        self.elements: dict[str, int] = {}

    def mark_with(self, mark: Callable[[Marks], None]) -> None:
        """Show in the drawing which steps are pinned, out of date or tried."""
        self._mark = mark

    def draw_bar(self) -> None:
        """Draw the way to a plan of the whole recipe."""
        if self.may:
            planning = button(say("try.plan"), "plan-sample", self._plan, icon="fact_check")
            planning.tooltip(say("try.plan_title"))

    def draw_at(self, step: str) -> None:
        """Draw the panel's part for a step, the trigger, or the whole recipe."""
        self._step, self._box = step, div("pd-stack").props("data-testid=try")
        self._draw()

    async def look(self, member: Member) -> None:
        """Fetch how it stands when the draft has changed or the last look is a while ago."""
        revision, at = self._looked
        if revision == self._bench.draft.revision and time.monotonic() - at < PACE:
            return
        await self._fetch(member)

    async def _fetch(self, member: Member) -> None:
        self._looked = (self._bench.draft.revision, time.monotonic())
        item = parse("itm", self._sample) if self._sample else None
        try:
            board = await self._visit.services.tries.board(member, self._recipe, item)
        except HubError:
            if item is None:
                raise
            self._sample = None  # it was removed meanwhile
            return
        if board != self._board:
            self._board = board
            self._sample = board.sample.id if board.sample else None
            if self._mark is not None:
                self._mark({step: msgspec.to_builtins(mark) for step, mark in board.marks.items()})
            self._draw()

    def _draw(self) -> None:
        box, board = self._box, self._board
        if box is None or box.is_deleted or self._trying is not None:
            return
        emptied(box)
        if board is None:
            return
        with box:
            step = self._known_step()
            if self._step == TRIGGER:
                self._draw_sample(board)
            elif step is not None:
                self._draw_chosen(board)
                StepTrial(self, board, step).draw()
            elif not self._step:
                self._draw_chosen(board)

    def _draw_chosen(self, board: Board) -> None:
        """Name the sample that is tried with, and let another be chosen."""
        with div("pd-spread"):
            words(say("try.title"), tag="h3")
            sample = board.sample
            named = say("try.which", title=(sample.title or sample.id)[:60]) if sample else say("try.choose")
            if self.may:
                button(named, "choose-sample", self._ask, kind="quiet", icon="science")

    def _known_step(self) -> Step | None:
        return next((one for one in self._bench.draft.document.spec.steps if one.id == self._step), None)

    def _draw_sample(self, board: Board) -> None:
        words(say("try.sample"), tag="h3")
        if board.sample is None:
            words(say("try.no_sample"), "pd-soft")
        else:
            words(board.sample.title or board.sample.id, "pd-strong")
        if self.may:
            with div("pd-actions"):
                if board.sample is not None:
                    button(say("try.choose"), "panel-samples", self._ask, icon="list")
                self._chooser().draw_ways()
        if board.sample is not None:
            value_box(board.content, "sample")

    @property
    def may(self) -> bool:
        """Whether the person may try things."""
        return self._visit.may(Verb.PLAN)

    @property
    def visit(self) -> Visit:
        """The look at the page."""
        return self._visit

    @property
    def recipe(self) -> UUID:
        """The recipe that is tried."""
        return self._recipe

    def _chooser(self) -> Chooser:
        return Chooser(self._visit, self._recipe, self._bench.draft.document.spec.trigger.uses, self._take)

    async def _ask(self) -> None:
        async def ask(member: Member) -> None:
            await self._chooser().ask(member, self._sample)

        # The panel may be drawn anew meanwhile, and what was pressed be gone
        async with self._bench.turned():
            if await self._bench.panel.settle():
                await self._visit.try_to(ask)

    async def _take(self, member: Member, item: str) -> None:
        """Try with another sample from now on."""
        self._sample = item
        await self._fetch(member)

    async def fresh(self, member: Member) -> None:
        """Draw what is known now."""
        await self._fetch(member)

    async def _plan(self) -> None:
        async with self._bench.turned():
            if not await self._bench.panel.settle():
                return
        if self._sample is None:
            await self._ask()
            return
        item = parse("itm", self._sample)

        async def plan(member: Member) -> None:
            made = await self._visit.services.runs.plan(member, self._recipe, None, item=item)
            ui.navigate.to(f"/runs/{made.run.id}")

        await self._visit.try_to(plan)

    async def attempt(self, step: str, *, up_to: bool = False, element: int | None = None) -> None:
        """Try a step with the sample; what is being done stands in the panel, with a way to stop it."""
        if self._trying is not None:
            return
        async with self._bench.turned():
            if not await self._bench.panel.settle():
                return
        if self._sample is None:
            await self._ask()
            return
        wish = Attempted(item=self._sample, up_to=up_to, element=element)

        async def do(member: Member) -> None:
            await self._visit.services.tries.attempt(member, self._recipe, step, wish, self._told)

        self._show_busy(step)
        work = asyncio.ensure_future(self._visit.try_to(do))
        self._trying = work
        try:
            await asyncio.wait([work])
        finally:
            self._trying = None
        if work.cancelled():
            tell(say("try.stopped"))
        self._board = None
        await self._visit.try_to(self._fetch)

    def _show_busy(self, step: str) -> None:
        if self._box is None:
            return
        self._box.clear()
        with self._box, div("pd-line").props("role=status"):
            ui.spinner(size="sm")
            self._doing = words(say("try.doing", step=step), "pd-grow", "span")
            button(say("try.cancel"), "stop-trying", self._stop, icon="stop")

    def _told(self, step: str) -> None:
        self._doing.set_text(say("try.doing", step=step))

    def _stop(self) -> None:
        if self._trying is not None:
            self._trying.cancel()
