"""What the engine walks through: pure values and closures, made once for each version of a recipe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Literal

import msgspec

from connectors.sdk import Lookup, Target
from connectors.sdk import Trigger as TriggerPart
from hub.recipes.builtins import Work
from hub.recipes.conditions import Condition
from hub.recipes.graph import Edge
from hub.recipes.liquid import TemplateError
from hub.recipes.local import Decision, Local
from hub.recipes.templates import Rendered, Scope

MAX_ELEMENTS = 10_000

DONE = "done"
SKIPPED = "skipped"
FAILED = "failed"
_CASE = "case:"


class OnError(StrEnum):
    """What becomes of the item when a step has failed for good."""

    DEAD_LETTER = "dead_letter"
    CONTINUE = "continue"
    STEP = "step"


class Retrying(msgspec.Struct, frozen=True):
    """How often a step is tried and how long the pauses are, in seconds."""

    attempts: int
    first: float
    factor: float
    longest: float

    def pause(self, tries: int) -> float:
        """Return how long to wait after so many tries."""
        return float(min(self.first * self.factor ** min(tries - 1, 60), self.longest))


class CompiledTrigger(msgspec.Struct, frozen=True, kw_only=True):
    """Where items come in; templated settings read `trigger`."""

    uses: str
    part: TriggerPart
    connection: str | None
    settings: Rendered


class CompiledStep(msgspec.Struct, frozen=True, kw_only=True):
    """One step: when it runs, what it renders, what happens when it fails."""

    id: str
    index: int
    path: str
    uses: str
    work: Work
    part: Lookup | Target | None
    connection: str | None
    settings: Rendered
    record: Rendered | None
    rows: Rendered | None
    when: Condition
    each: Rendered | None
    alias: str
    edges: tuple[Edge, ...]
    retrying: Retrying
    timeout: float | None
    concurrency: int | None
    on_error: OnError
    error_step: str | None
    resend: bool
    disabled: bool
    local: Local | None

    @property
    def reads(self) -> frozenset[str]:
        """The names this step reads: `trigger`, steps before it, `vars` and so on."""
        values = (self.settings, self.record, self.rows, self.each, self.when)
        found = frozenset().union(*(value.roots for value in values if value is not None))
        within = frozenset(str(path[0]) for path in self.local.paths) if self.local else frozenset[str]()
        return (found | within) - {"row", "loop", self.alias}

    def reached(self, states: Mapping[str, str]) -> bool:
        """Tell whether any step before it leads here; a first step is always reached."""
        if not self.edges:
            return True
        return any(_leads(edge, states.get(edge.step, SKIPPED)) for edge in self.edges)

    def elements(self, scope: Scope) -> Sequence[Any]:
        """Return the list this step loops over; raises TemplateError when it is none or too long."""
        value = self.each.render(scope) if self.each else None
        if value is None:
            return []
        if not isinstance(value, list):
            raise TemplateError(f"{self.path}.each gives no list.")
        if len(value) > MAX_ELEMENTS:
            raise TemplateError(f"{self.path}.each gives {len(value):,} elements; {MAX_ELEMENTS:,} are allowed.")
        return value

    def inside(self, scope: Scope, element: Any, index: int) -> dict[str, Any]:
        """Return what is known inside the loop."""
        return {**scope, self.alias: element, "loop": {"index": index, "number": index + 1}}

    def written(self, scope: Scope) -> Sequence[Mapping[str, Any]]:
        """Return the rows a target writes; raises TemplateError when `rows` is no list of maps."""
        if self.rows is None:
            row = self.record.render(scope) if self.record else None
            return [] if row is None else _rows([row], self.path)
        rows = self.rows.render(scope)
        listed = [] if rows is None else rows if isinstance(rows, list) else [rows]
        if self.record is None:
            return _rows(listed, self.path)
        inner, render = dict(scope), self.record.render
        made = []
        for row in listed:
            inner["row"] = row
            made.append(render(inner))
        return _rows(made, self.path)

    def evaluate(self, scope: Scope) -> Decision:
        """Do an in-process step, for each element when it loops: a filter then keeps those that pass."""
        if self.local is None:
            raise TypeError(f"{self.uses} is not done in process.")
        if self.each is None:
            return self.local.evaluate(scope)
        elements = self.elements(scope)
        inside = [self.inside(scope, element, index) for index, element in enumerate(elements)]
        outputs = [self._output(self.local, inner) for inner in inside]
        if self.uses == "filter":
            return Decision([element for element, kept in zip(elements, outputs, strict=True) if kept])
        return Decision(outputs)

    def _output(self, local: Local, scope: Scope) -> Any:
        """Return one element's output; null in the place of a failed one when the step goes on regardless."""
        try:
            return local.evaluate(scope).output
        except TemplateError:
            if self.on_error is OnError.CONTINUE:
                return None
            raise


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """A chain of steps that one activity does; only the last of them may leave the process."""

    index: int
    steps: tuple[CompiledStep, ...]

    @property
    def work(self) -> Work:
        """What the last step needs."""
        return self.steps[-1].work


class CompiledRecipe(msgspec.Struct, frozen=True, kw_only=True):
    """A recipe's version, ready to run; steps stand in an order that respects what comes after what."""

    name: str
    title: str
    trigger: CompiledTrigger
    steps: tuple[CompiledStep, ...]
    by_id: Mapping[str, CompiledStep]
    stages: tuple[Stage, ...]
    concurrency: int | None
    time_zone: str
    keep_outputs: Literal["all", "failed", "none"]
    subject: Rendered | None
    live: Literal["start", "join", "ignore"]
    variables: Mapping[str, Any]
    responds: bool

    def stage_of(self, step: str) -> int:
        """Return the index of the stage that holds a step."""
        return next(stage.index for stage in self.stages for one in stage.steps if one.id == step)


def state_of(decision: Decision) -> str:
    """Return the state of a step that gave a decision, for `reached`."""
    return DONE if decision.case is None else _CASE + decision.case


def _leads(edge: Edge, state: str) -> bool:
    if edge.error:
        return state == FAILED
    if edge.case is not None:
        return state == _CASE + edge.case
    return state == DONE or state.startswith(_CASE)


def _rows(rows: Sequence[Any], path: str) -> Sequence[Mapping[str, Any]]:
    if all(type(row) is dict for row in rows):
        return rows
    raise TemplateError(f"{path}.with gives rows that are not maps of names and values.")
