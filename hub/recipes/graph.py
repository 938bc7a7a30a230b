"""The order of a recipe's steps: who comes after whom, by which case, and on whose error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from hub.errors import Problem
from hub.recipes.document import After, Step
from hub.shapes import suggest

WORDS = frozenset({"dead_letter", "continue"})


class Edge(msgspec.Struct, frozen=True):
    """A step that leads here: in any case, in one case of a branch, or only when it failed."""

    step: str
    case: str | None = None
    error: bool = False


class Graph(msgspec.Struct, frozen=True, kw_only=True):
    """The edges into every step, the steps in an order that respects them, and all that come before each."""

    edges: Mapping[str, Sequence[Edge]]
    order: Sequence[int]
    before: Mapping[str, frozenset[str]]


def draw(steps: Sequence[Step], problems: list[Problem]) -> Graph:
    """Connect the steps; what cannot be connected is added to `problems`."""
    known = {step.id: step for step in steps}
    _check_ids(steps, problems)
    edges: dict[str, list[Edge]] = {}
    for index, step in enumerate(steps):
        edges.setdefault(step.id, []).extend(_edges(steps, index, known, problems))
    for index, step in enumerate(steps):
        if step.on_error in WORDS:
            continue
        if step.on_error not in known or step.on_error == step.id:
            near = suggest(step.on_error, [*WORDS, *known])
            problems.append(Problem(f"spec.steps[{index}].on_error", f"There is no step {step.on_error!r}.{near}"))
        else:
            edges[step.on_error].append(Edge(step.id, error=True))
    order = _sort(steps, edges, problems) if len(known) == len(steps) else list(range(len(steps)))
    return Graph(edges=edges, order=order, before=_before(steps, edges, order))


def _check_ids(steps: Sequence[Step], problems: list[Problem]) -> None:
    seen: set[str] = set()
    for index, step in enumerate(steps):
        if step.id in seen:
            problems.append(Problem(f"spec.steps[{index}].id", f"There is another step {step.id!r}."))
        seen.add(step.id)


def _edges(steps: Sequence[Step], index: int, known: Mapping[str, Step], problems: list[Problem]) -> list[Edge]:
    step = steps[index]
    if step.after is None:
        caught = any(other.on_error == step.id for other in steps)
        return [] if index == 0 or caught else [Edge(steps[index - 1].id)]
    single = isinstance(step.after, str)
    entries: Sequence[str | After] = [step.after] if isinstance(step.after, str) else step.after
    found = []
    for place, entry in enumerate(entries):
        path = f"spec.steps[{index}].after" if single else f"spec.steps[{index}].after[{place}]"
        edge = Edge(entry) if isinstance(entry, str) else Edge(entry.step, entry.case)
        path = path if isinstance(entry, str) else f"{path}.step"
        if edge.step == "trigger":
            continue
        if edge.step not in known:
            near = suggest(edge.step, known)
            problems.append(Problem(path, f"There is no step {edge.step!r}.{near}"))
        elif edge.step == step.id:
            problems.append(Problem(path, "A step cannot come after itself."))
        else:
            found.append(edge)
    return found


def _sort(steps: Sequence[Step], edges: Mapping[str, Sequence[Edge]], problems: list[Problem]) -> list[int]:
    """Order the steps so that each follows all that lead to it, and otherwise as they are written."""
    order: list[int] = []
    done: set[str] = set()
    waiting = list(range(len(steps)))
    while waiting:
        ready = next((i for i in waiting if all(edge.step in done for edge in edges[steps[i].id])), None)
        if ready is None:
            problems.extend(
                Problem(f"spec.steps[{index}].after", f"The steps go round in a circle: {circle}.")
                for index, circle in _circle(steps, edges, waiting)
            )
            return [*order, *waiting]
        waiting.remove(ready)
        order.append(ready)
        done.add(steps[ready].id)
    return order


def _circle(
    steps: Sequence[Step], edges: Mapping[str, Sequence[Edge]], waiting: Sequence[int]
) -> list[tuple[int, str]]:
    """Walk backwards from a step that never becomes ready until one comes again."""
    stuck = {steps[index].id: index for index in waiting}
    trail = [steps[waiting[0]].id]
    while True:
        following = next(edge.step for edge in edges[trail[-1]] if edge.step in stuck)
        if following in trail:
            ring = [*trail[trail.index(following) :], following]
            return [(stuck[following], " -> ".join(reversed(ring)))]
        trail.append(following)


def _before(
    steps: Sequence[Step], edges: Mapping[str, Sequence[Edge]], order: Sequence[int]
) -> dict[str, frozenset[str]]:
    before: dict[str, frozenset[str]] = {}
    for index in order:
        identity = steps[index].id
        direct = frozenset(edge.step for edge in edges[identity])
        before[identity] = direct.union(*(before.get(step, frozenset()) for step in direct))
    return before
