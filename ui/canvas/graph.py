"""A recipe as the canvas draws it: its steps, the ways between them, open ends, and the problems of each."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from hub.errors import Problem
from hub.recipes import RecipeDocument, to_plain
from hub.recipes.copying import copied
from hub.recipes.document import Step
from hub.recipes.graph import Edge, draw
from ui.canvas.frames import Frame, Sticker, folded_into, frames_of, stickers_of
from ui.canvas.layout import ROW, Layout, Line, lay_out
from ui.canvas.places import Spot, Standing, stand
from ui.recipes.parts import named_problem
from ui.recipes.steps import TRIGGER, Patch, patch_of, trigger_patch

_STEP = re.compile(r"^spec\.steps\[(\d+)\]")
# An open end stands nearer to its step than a next one would
NEARER = 34
# A way by its id: where it begins and leads, in which case, and whether on a failure
_Ways = dict[str, tuple[str, str, str | None, bool]]
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
    change: str = ""


class Cable(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=False):
    """One way from a step to another."""

    id: str
    source: str
    target: str
    case: str | None = None
    error: bool = False
    bend: float | None = None
    merges: bool = False
    fixed: bool = False
    change: str = ""


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
    notes: Sequence[Sticker]
    frames: Sequence[Frame]
    problems: Sequence[str]
    places: Mapping[str, Spot]


def picture(
    document: RecipeDocument,
    problems: Sequence[Problem],
    changes: Mapping[str, str] = {},
    gone: Mapping[str, str] = {},
    *,
    folds: bool = True,
) -> Picture:
    """Draw a recipe; `changes` says what is different about steps, `gone` about ways, by their ids."""
    drawn = _Drawing(document, problems).picture(folds=folds)
    if not changes and not gone:
        return drawn
    boxes = [msgspec.structs.replace(one, change=changes.get(one.id, "")) for one in drawn.boxes]
    cables = [msgspec.structs.replace(one, change=gone.get(one.id, "")) for one in drawn.cables]
    return msgspec.structs.replace(drawn, boxes=boxes, cables=cables)


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
        step = steps[int(named.group(1))] if named and int(named.group(1)) < len(steps) else None
        uses = step.uses if step else document.spec.trigger.uses
        found.setdefault(step.id if step else inside, []).append(named_problem(problem, uses))
    return found


class _Drawing:
    """One drawing of one recipe."""

    def __init__(self, document: RecipeDocument, problems: Sequence[Problem]) -> None:
        self._document = document
        self._steps = document.spec.steps
        self._by_id = {step.id: step for step in self._steps}
        self._copied = {step["id"]: copied(step) for step in to_plain(document)["spec"].get("steps", [])}
        self._graph = draw(self._steps, [])
        self._cases = {step.id: cases_of(step) for step in self._steps}
        self._problems = problems_of(document, problems)

    def picture(self, *, folds: bool) -> Picture:
        """Return the drawing; folded groups hide their steps if they fold."""
        ways = self._ways()
        ends = self._ends(ways)
        lines = {
            key: Line(source=origin, target=target, rank=self._rank(origin, case), side=error)
            for key, (origin, target, case, error) in {**ways, **ends}.items()
        }
        order = [TRIGGER, *(self._steps[index].id for index in self._graph.order)]
        layout = lay_out([*order, *ends], list(lines.values()), frozenset(ends))
        before: dict[str, str] = {}
        for origin, target, _, _ in ways.values():
            before.setdefault(target, origin)
        standing = stand(order, layout, self._document.metadata.canvas.places, before)
        boxes = {one: self._box(one, *standing.at[one]) for one in order}
        frames = frames_of(self._document.metadata.canvas, standing.at, self._problems)
        hidden = folded_into(frames) if folds else {}
        return Picture(
            boxes=[box for one, box in boxes.items() if one not in hidden],
            cables=self._cables(ways, lines, layout, standing, hidden),
            ends=[one for one in self._open(ends, layout, standing) if one.source not in hidden],
            notes=stickers_of(self._document.metadata.canvas),
            frames=frames,
            problems=self._problems.get("", []),
            places=standing.at,
        )

    def _open(self, ends: _Ways, layout: Layout, standing: Standing) -> list[End]:
        found = []
        for key, (origin, _, case, _) in ends.items():
            dx, dy = standing.moved[origin]
            x, y = layout.columns[key] + dx, layout.rows[key] * ROW - NEARER + dy
            found.append(End(id=key, source=origin, case=case, x=x, y=y))
        return found

    def _cables(
        self, ways: _Ways, lines: Mapping[str, Line], layout: Layout, standing: Standing, hidden: Mapping[str, str]
    ) -> list[Cable]:
        count: dict[str, int] = {}
        for _, target, _, _ in ways.values():
            count[target] = count.get(target, 0) + 1
        found: dict[Any, Cable] = {}
        for key, (origin, target, case, error) in ways.items():
            begins, leads = hidden.get(origin, origin), hidden.get(target, target)
            if begins == leads:
                continue
            fixed = origin in hidden or target in hidden
            bend, shift = layout.bends.get(lines[key]), standing.moved[origin]
            together = not fixed and shift == standing.moved[target]
            cable = Cable(
                id=key, source=begins, target=leads, case=None if origin in hidden else case, error=error,
                bend=bend + shift[0] if bend is not None and together else None,
                merges=count[target] > 1, fixed=fixed,
            )  # fmt: skip
            found.setdefault((begins, leads, cable.case, error) if fixed else key, cable)
        return list(found.values())

    def _ways(self) -> _Ways:
        """Return every way by a name of its own; what comes after nothing comes after the trigger."""
        found = {}
        for step in self._steps:
            edges = self._graph.edges.get(step.id, ())
            for edge in dict.fromkeys(edges) or [Edge(TRIGGER)]:
                key = f"{edge.step} {step.id} {edge.case or ''}{' !' if edge.error else ''}"
                found[key] = (edge.step, step.id, edge.case, edge.error)
        return found

    def _ends(self, ways: _Ways) -> _Ways:
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
        step, text = self._by_id[identity], self._copied[identity]
        return _boxed(
            patch_of(step), x=x, y=y, problems=problems, uses=step.uses, cases=self._cases[identity], copied=text
        )


def _boxed(patch: Patch, **known: Any) -> Box:
    return Box(id=patch.id, title=patch.title, sub=patch.text, icon=patch.icon, tone=patch.tone, off=patch.off, **known)
