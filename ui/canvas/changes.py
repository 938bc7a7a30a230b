"""What differs between two states of a recipe, step by step, and one drawing that shows both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from hub.documents import Difference, compare
from hub.recipes import RecipeDocument, from_plain, to_plain
from hub.recipes.document import CANVAS, Step
from hub.recipes.graph import Edge, draw
from ui.recipes.steps import TRIGGER

ADDED, CHANGED, REMOVED = "added", "changed", "removed"


class Both(msgspec.Struct, frozen=True, kw_only=True):
    """Two states in one drawing: what is new, other or gone, by step, and the ways that are gone or new, by way."""

    document: RecipeDocument
    steps: Mapping[str, str]
    ways: Mapping[str, str]


def changed_steps(before: RecipeDocument | None, after: RecipeDocument) -> dict[str, str]:
    """Tell which steps are new or other than they were; where they stand is no change."""
    if before is None:
        return {}
    known = {step.id: step for step in before.spec.steps}
    old, new = _ways(before), _ways(after)
    found = {TRIGGER: CHANGED} if before.spec.trigger != after.spec.trigger else {}
    for step in after.spec.steps:
        earlier = known.get(step.id)
        if earlier is None:
            found[step.id] = ADDED
        elif _bare(step) != _bare(earlier) or old.get(step.id) != new.get(step.id):
            found[step.id] = CHANGED
    return found


def removed_steps(before: RecipeDocument | None, after: RecipeDocument) -> list[str]:
    """Return the steps that are gone, in the order in which they stood."""
    known = {step.id for step in after.spec.steps}
    return [step.id for step in before.spec.steps if step.id not in known] if before else []


def both(before: RecipeDocument, after: RecipeDocument) -> Both:
    """Return a recipe that holds the steps of both states, each led to as it is now, or was when it is gone."""
    gone = set(removed_steps(before, after))
    old, new = _ways(before), _ways(after)
    plain = to_plain(after)
    earlier = {step["id"]: step for step in to_plain(before)["spec"].get("steps", [])}
    steps: list[dict[str, Any]] = plain["spec"].setdefault("steps", [])
    for place, identity in enumerate(step.id for step in before.spec.steps):
        if identity in gone:
            steps.insert(min(place, len(steps)), earlier[identity])
    ways: dict[str, str] = {}
    for step in steps:
        identity = step["id"]
        now, was = new.get(identity, frozenset()), old.get(identity, frozenset())
        lost = {edge for edge in was if edge.step in gone or identity in gone}
        edges = [edge for edge in sorted(now | lost, key=str) if not edge.error]
        step["after"] = [_named(edge) for edge in edges] or TRIGGER
        ways |= {_key(edge, identity): REMOVED for edge in lost}
        ways |= {_key(edge, identity): ADDED for edge in now - was if identity in old}
    plain["metadata"]["canvas"] = {"places": _places(before, after, gone)}
    marks = changed_steps(before, after) | dict.fromkeys(gone, REMOVED)
    return Both(document=from_plain(plain), steps=marks, ways=ways)


def differences_at(differences: Sequence[Difference], step: str) -> list[Difference]:
    """Return what differs in one step, named from the step on."""
    path = "spec.trigger" if step == TRIGGER else f"spec.steps[{step}]"
    return [
        msgspec.structs.replace(one, path=one.path.removeprefix(path).lstrip("."))
        for one in differences
        if one.path == path or one.path.startswith((f"{path}.", f"{path}["))
    ]


def differences_elsewhere(differences: Sequence[Difference]) -> tuple[list[Difference], list[Difference]]:
    """Return what differs in no step: in the recipe itself, and in its drawing."""
    rest = [one for one in differences if not one.path.startswith(("spec.trigger", "spec.steps["))]
    return [one for one in rest if not one.path.startswith(CANVAS)], [
        one for one in rest if one.path.startswith(CANVAS)
    ]


def differences(before: RecipeDocument, after: RecipeDocument) -> list[Difference]:
    """Return all that differs, path by path."""
    return compare(to_plain(before), to_plain(after))


def _bare(step: Step) -> Step:
    """Return a step without how its place among the others happens to be written."""
    return msgspec.structs.replace(step, after=None)


def _ways(document: RecipeDocument) -> dict[str, frozenset[Edge]]:
    return {step: frozenset(edges) for step, edges in draw(document.spec.steps, []).edges.items()}


def _named(edge: Edge) -> str | dict[str, str]:
    return edge.step if edge.case is None else {"step": edge.step, "case": edge.case}


def _key(edge: Edge, step: str) -> str:
    return f"{edge.step} {step} {edge.case or ''}{' !' if edge.error else ''}"


def _places(before: RecipeDocument, after: RecipeDocument, gone: set[str]) -> dict[str, Any]:
    """Return where steps stand; those that are gone stand where they stood, if anybody placed them."""
    now, was = after.metadata.canvas.places, before.metadata.canvas.places
    kept = {step: place for step, place in was.items() if step in gone and now}
    plain: dict[str, Any] = msgspec.to_builtins({**kept, **now})
    return plain
