"""A run laid over the drawing of its recipe: counts at each step, the ways items took, and what a step did to each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from nicegui import ui
from nicegui.element import Element

from hub.errors import HubError
from hub.ids import parse
from hub.members import Member
from hub.recipes import RecipeDocument
from hub.runs import Filter, RunSummary
from hub.runs.passages import Passage, Passed, StepPassage
from hub.text import count, say
from ui.canvas.tally import lit_ways, tallies
from ui.canvas.view import Tally
from ui.live import after_load
from ui.pieces import ago, div, link_button, note, state, words
from ui.recipes.steps import TRIGGER
from ui.redraw import redrawn
from ui.runs.listing import run_state
from ui.values import value_box
from ui.visit import Visit

LATEST = ""
OFFERED, SHOWN = 20, 10
# The others are folded: below them are the settings, which most people come for
FIRST = 3
# Where an item's own state says more than what the step itself gave
ENDS = frozenset({"dead", "filtered", "waiting_until", "waiting_for"})


class Tallied(Protocol):
    """What shows how a run fared: the canvas, or the list."""

    def tally(self, tallies: Mapping[str, Tally], lit: Sequence[str]) -> None:
        """Show what a run did at the steps, and on which ways its items went."""
        ...


class RunOverlay:
    """Follows one run of a recipe, the latest unless another is chosen."""

    def __init__(self, visit: Visit, recipe: str) -> None:
        self._visit = visit
        self._recipe = recipe
        self._wanted = visit.asked("run")
        self._passage: Passage | None = None
        self._runs: list[RunSummary] = []
        self._step = ""
        self._box: Element | None = None

    def draw_bar(self) -> None:
        """Draw the choice of the run, its state, and the way to its page."""
        options = {LATEST: say("canvas.latest")} | ({self._wanted: self._wanted} if self._wanted else {})
        picked = ui.select(options, value=self._wanted, on_change=self._pick).props("outlined dense options-dense")
        picked.props["aria-label"] = say("canvas.which_run")
        picked.props["data-testid"] = "choose-run"
        self._picked = picked.mark("choose-run").classes("pd-canvas-run")
        self._state = div("pd-line")

    async def look(self, member: Member, view: Tallied, document: RecipeDocument) -> bool:
        """Fetch how the run stands and draw it; returns whether it goes on."""
        wanted = Filter(recipe=parse("rcp", self._recipe), limit=OFFERED)
        runs = list((await self._visit.services.history.list(member, wanted)).entries)
        run = self._wanted or next((one.id for one in runs if one.kind == "live"), "")
        passage = await self._show(member, run) if run else None
        self._offer(runs)
        self._mark(view, document, passage)
        if passage != self._passage:
            fresh = self._at(passage, self._step) != self._at(self._passage, self._step) or self._passage is None
            self._passage = passage
            self._say_state()
            if fresh and self._box is not None:
                await self._fill(member)
        return passage is not None and passage.run.state == "running"

    def draw_at(self, step: str) -> None:
        """Draw what the run did at a step, in the panel."""
        self._step, self._box = step, None
        if self._passage is None or not step or step == TRIGGER:
            return
        self._box = div("pd-stack").props("data-testid=at-step")

        async def fill() -> None:
            await self._visit.try_to(self._fill)

        with self._box:
            after_load(fill)

    async def _show(self, member: Member, run: str) -> Passage | None:
        try:
            return await self._visit.services.passages.show(member, parse("run", run))
        except HubError:
            self._wanted = LATEST
            return None

    async def _pick(self) -> None:
        self._wanted = str(self._picked.value or LATEST)

    def _offer(self, runs: Sequence[RunSummary]) -> None:
        if [one.id for one in runs] == [one.id for one in self._runs]:
            return
        self._runs = list(runs)
        options = {LATEST: say("canvas.latest")} | {one.id: _named(one) for one in runs}
        if self._wanted and self._wanted not in options:
            options[self._wanted] = self._wanted
        self._picked.set_options(options, value=self._wanted)

    def _mark(self, view: Tallied, document: RecipeDocument, passage: Passage | None) -> None:
        if passage is None:
            view.tally({}, ())
        else:
            view.tally(tallies(passage, document), lit_ways(passage, document))

    def _say_state(self) -> None:
        self._state.clear()
        if self._passage is None:
            return
        run = self._passage.run
        with self._state:
            run_state(run)
            ui.link(say("canvas.run_page"), f"/runs/{run.id}").classes("pd-small").mark("latest-run")

    @staticmethod
    def _at(passage: Passage | None, step: str) -> StepPassage | None:
        return next((one for one in passage.steps if one.step == step), None) if passage else None

    async def _fill(self, member: Member) -> None:
        """Draw the items that a step worked on."""
        box, step, passage = self._box, self._step, self._passage
        if box is None or passage is None:
            return
        passed = await self._visit.services.passages.items(member, parse("run", passage.run.id), step, SHOWN)
        at = self._at(passage, step)
        if box is not self._box:
            return
        with redrawn(box):
            words(say("canvas.in_run", when=ago(passage.run.started_at)), tag="h3")
            if at is not None and at.failed and at.reason:
                with note("bad", "error", count("canvas.failed_here", at.failed), at.reason):
                    pass
            if not passed:
                words(say("item.not_reached"), "pd-muted")
            for one in passed[:FIRST]:
                _item(one, step)
            if more := passed[FIRST:]:
                with ui.expansion(count("canvas.more_items", len(more))).props("dense data-testid=more-items"):
                    for one in more:
                        _item(one, step)
            if at is not None and len(passed) >= SHOWN:
                ui.link(say("canvas.all_items"), f"/runs/{passage.run.id}").classes("pd-small")


def _named(run: RunSummary) -> str:
    kind = "" if run.kind == "live" else f"{say(f'runs.kind_{run.kind}')} · "
    return f"{kind}{count('canvas.run_items', run.counts.total)} · {ago(run.started_at)}"


def _item(passed: Passed, step: str) -> None:
    """Draw one item as it stands at a step, its input and output once it is opened."""
    item, attempt = passed.item, passed.attempt
    opened = ui.expansion(item.title or item.id).props("dense").style("width: 100%").mark(f"at {item.id}")
    opened.props["data-testid"] = f"at-{item.id}"
    with opened.add_slot("header"), div("pd-line pd-grow").style("flex-wrap: nowrap; min-width: 0"):
        ended = item.step == step and item.state in ENDS
        state(item.state if ended or attempt is None else attempt.state)
        words(item.title or item.id, "pd-clip", "span")
    with opened:
        box = div("pd-stack")
    drawn: list[Any] = []

    def draw() -> None:
        if drawn:
            return
        drawn.append(True)
        with box:
            if attempt is not None and attempt.message:
                with note("bad", "error", attempt.error_kind or say("state.failed"), attempt.message):
                    pass
            if item.reason and not (attempt and attempt.message):
                words(item.reason, "pd-soft")
            for label, value in _values(passed).items():
                words(label, tag="h4")
                value_box(value, f"{item.id}-{label}")
            link_button(say("canvas.item_page"), f"/items/{item.id}", "to-item", kind="quiet", icon="open_in_new")

    opened.on_value_change(draw)


def _values(passed: Passed) -> Mapping[str, Any]:
    attempt = passed.attempt
    return {} if attempt is None else {say("item.output"): attempt.output, say("item.input"): attempt.input}
