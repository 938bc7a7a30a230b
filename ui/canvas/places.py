"""Where everything stands when people moved it: what they placed stays, newer steps stand by those before them."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from hub.recipes import RecipeDocument
from hub.recipes.document import Place
from hub.recipes.graph import draw
from hub.recipes.rewiring import Way
from hub.recipes.sketching import Sketch
from ui.canvas.layout import GAP, ROW, WIDE, Layout
from ui.recipes.steps import TRIGGER

HIGH = 66
Spot = tuple[float, float]


class Standing(msgspec.Struct, frozen=True):
    """Where each step stands, and how far that is from where it would stand by itself."""

    at: Mapping[str, Spot]
    moved: Mapping[str, Spot]


def stand(order: list[str], layout: Layout, kept: Mapping[str, Place], before: Mapping[str, str]) -> Standing:
    """Put every step at its place; `before` names the step by which one that has none finds its own."""
    auto = {one: (layout.columns[one], float(layout.rows[one] * ROW)) for one in order}
    if not kept:
        return Standing(auto, dict.fromkeys(order, (0.0, 0.0)))
    at: dict[str, Spot] = {one: (float(kept[one].x), float(kept[one].y)) for one in order if one in kept}
    for one in order:
        if one not in at:
            at[one] = _free(_after(one, before.get(one, TRIGGER), auto, at), at)
    moved = {one: (at[one][0] - auto[one][0], at[one][1] - auto[one][1]) for one in order}
    return Standing(at, moved)


def _after(one: str, earlier: str, auto: Mapping[str, Spot], at: Mapping[str, Spot]) -> Spot:
    """Return where a step stands by the one before it."""
    if earlier == one or earlier not in at:
        return auto[one]
    return at[earlier][0] + auto[one][0] - auto[earlier][0], at[earlier][1] + auto[one][1] - auto[earlier][1]


def _free(spot: Spot, at: Mapping[str, Spot]) -> Spot:
    """Return the first free spot from here to the right."""
    x, y = spot
    near = sorted(left for left, top in at.values() if abs(top - y) < HIGH + 14)
    for taken in near:
        if abs(taken - x) < WIDE + GAP / 2:
            x = taken + WIDE + GAP
    return x, y


def settle(document: RecipeDocument, at: Mapping[str, Spot], way: Way | None = None) -> RecipeDocument:
    """Write down where all steps stand, where people placed them; what follows a new step makes room for it."""
    if not document.metadata.canvas.places:
        return document
    sketch = Sketch(document)
    spots = {step: at[step] for step in (TRIGGER, *(step.id for step in document.spec.steps)) if step in at}
    sketch.stand(spots | (_room(document, spots, way) if way else {}))
    return sketch.document()


def _room(document: RecipeDocument, at: Mapping[str, Spot], way: Way) -> dict[str, Spot]:
    """Put what came into a way under where it begins, and move what comes after it down as far as that needs."""
    kept = document.metadata.canvas.places
    fresh = [step for step in at if step not in kept]
    if way.target not in at or way.source not in at or not fresh:
        return {}
    after = _after_all(document, way.target)
    shift = at[way.source][0] - at[fresh[0]][0]
    under = {step: (at[step][0] + shift, at[step][1]) for step in fresh}
    others = [spot for step, spot in at.items() if step not in after and step not in under]
    if any(_covers(spot, other) for spot in under.values() for other in others):
        under = {}
    lack = max(at[step][1] for step in fresh) + ROW - at[way.target][1]
    return under | {step: (at[step][0], at[step][1] + max(lack, 0)) for step in after if step in at}


def _after_all(document: RecipeDocument, start: str) -> set[str]:
    """Return a step and all that come after it."""
    edges = draw(document.spec.steps, []).edges
    found, waiting = {start}, [start]
    while waiting:
        one = waiting.pop()
        after = [step for step, ways in edges.items() if any(edge.step == one for edge in ways) and step not in found]
        found.update(after)
        waiting += after
    return found


def _covers(one: Spot, other: Spot) -> bool:
    return abs(one[0] - other[0]) < WIDE + GAP / 2 and abs(one[1] - other[1]) < HIGH + 14
