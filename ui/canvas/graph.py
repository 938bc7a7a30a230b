"""A recipe as the canvas draws it: its steps, the ways between them, open ends, and the problems of each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from hub import source
from hub.errors import Problem
from hub.recipes import RecipeDocument, to_plain
from hub.recipes.document import Step
from hub.recipes.graph import Edge, draw
from ui.canvas.layout import ROW, Line, lay_out
from ui.recipes.steps import TRIGGER, Patch, patch_of, trigger_patch

_STEP = re.compile(r"^spec\.steps\[(\d+)\]")
# An open end stands nearer to its step than a next one would
NEARER = 34
# Nothing comes after these
_LAST = frozenset({"stop"})


class Box(msgspec.Struct, frozen=True, kw_only=True):
    """One step, or the trigger, where it stands; `text` is what copying it gives."""

    id: str
    x: float
    y: float
    title: str
    sub: str
    icon: str
    tone: str
    uses: str
    off: bool = False
    cases: Sequence[str] = ()
    problems: Sequence[str] = ()
    copied: str = ""


class Cable(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=False):
    """One way from a step to another."""

    id: str
    source: str
    target: str
    case: str | None = None
    error: bool = False
    bend: float | None = None
    merges: bool = False


class End(msgspec.Struct, frozen=True, kw_only=True):
    """An open end, where a next step can be added."""

    id: str
    source: str
    case: str | None
    x: float
    y: float


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """All that the canvas draws, and the problems that belong to no step."""

    boxes: Sequence[Box]
    cables: Sequence[Cable]
    ends: Sequence[End]
    problems: Sequence[str]


def picture(document: RecipeDocument, problems: Sequence[Problem]) -> Picture:
    """Draw a recipe."""
    return _Drawing(document, problems).picture()


def cases_of(step: Step) -> list[str]:
    """Return the cases that a step tells apart; none but for a branch."""
    if step.uses != "branch":
        return []
    cases, otherwise = step.settings.get("cases"), step.settings.get("else")
    names = [str(name) for name in cases] if isinstance(cases, dict) else []
    return list(dict.fromkeys([*names, *([otherwise] if isinstance(otherwise, str) and otherwise else [])]))


def problems_of(document: RecipeDocument, problems: Sequence[Problem]) -> dict[str, list[str]]:
    """Return the problems by the step they lie in; under an empty name those of the whole recipe."""
    steps = document.spec.steps
    found: dict[str, list[str]] = {}
    for problem in problems:
        named = _STEP.match(problem.path)
        inside = TRIGGER if problem.path.startswith("spec.trigger") else ""
        owner = steps[int(named.group(1))].id if named and int(named.group(1)) < len(steps) else inside
        found.setdefault(owner, []).append(problem.message)
    return found


class _Drawing:
    """One drawing of one recipe."""

    def __init__(self, document: RecipeDocument, problems: Sequence[Problem]) -> None:
        self._document = document
        self._steps = document.spec.steps
        self._by_id = {step.id: step for step in self._steps}
        self._copied = {step["id"]: source.write([step]) for step in to_plain(document)["spec"].get("steps", [])}
        self._graph = draw(self._steps, [])
        self._cases = {step.id: cases_of(step) for step in self._steps}
        self._problems = problems_of(document, problems)

    def picture(self) -> Picture:
        """Return the drawing."""
        ways = self._ways()
        ends = self._ends(ways)
        lines = {
            key: Line(source=source, target=target, rank=self._rank(source, case), side=error)
            for key, (source, target, case, error) in {**ways, **ends}.items()
        }
        order = [TRIGGER, *(self._steps[index].id for index in self._graph.order), *ends]
        layout = lay_out(order, list(lines.values()), frozenset(ends))
        count: dict[str, int] = {}
        for _, target, _, _ in ways.values():
            count[target] = count.get(target, 0) + 1
        return Picture(
            boxes=[self._box(one, layout.columns[one], layout.rows[one] * ROW) for one in order if one not in ends],
            cables=[
                Cable(
                    id=key, source=source, target=target, case=case, error=error,
                    bend=layout.bends.get(lines[key]), merges=count[target] > 1,
                )
                for key, (source, target, case, error) in ways.items()
            ],
            ends=[
                End(id=key, source=source, case=case, x=layout.columns[key], y=layout.rows[key] * ROW - NEARER)
                for key, (source, _, case, _) in ends.items()
            ],
            problems=self._problems.get("", []),
        )  # fmt: skip

    def _ways(self) -> dict[str, tuple[str, str, str | None, bool]]:
        """Return every way by a name of its own; what comes after nothing comes after the trigger."""
        found = {}
        for step in self._steps:
            edges = self._graph.edges.get(step.id, ())
            for edge in dict.fromkeys(edges) or [Edge(TRIGGER)]:
                key = f"{edge.step} {step.id} {edge.case or ''}{' !' if edge.error else ''}"
                found[key] = (edge.step, step.id, edge.case, edge.error)
        return found

    def _ends(self, ways: dict[str, tuple[str, str, str | None, bool]]) -> dict[str, tuple[str, str, str | None, bool]]:
        led = {(source, case) for source, _, case, error in ways.values() if not error}
        found = {}
        for step in self._steps:
            cases: Sequence[str | None] = self._cases[step.id] or [None]
            if (step.id, None) in led or step.uses in _LAST:
                continue
            for case in cases:
                if (step.id, case) not in led:
                    key = f"+ {step.id} {case or ''}"
                    found[key] = (step.id, key, case, False)
        if not self._steps:
            found["+ trigger"] = (TRIGGER, "+ trigger", None, False)
        return found

    def _rank(self, source: str, case: str | None) -> int:
        cases = self._cases.get(source, [])
        return cases.index(case) if case in cases else len(cases)

    def _box(self, identity: str, x: float, y: float) -> Box:
        problems = self._problems.get(identity, [])
        if identity == TRIGGER:
            uses = self._document.spec.trigger.uses
            return _boxed(trigger_patch(self._document), x=x, y=y, problems=problems, uses=uses)
        step, copied = self._by_id[identity], self._copied[identity]
        return _boxed(
            patch_of(step), x=x, y=y, problems=problems, uses=step.uses, cases=self._cases[identity], copied=copied
        )


def _boxed(patch: Patch, **known: Any) -> Box:
    return Box(id=patch.id, title=patch.title, sub=patch.text, icon=patch.icon, tone=patch.tone, off=patch.off, **known)
