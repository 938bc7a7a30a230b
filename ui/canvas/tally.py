"""What a run did at each step and on which ways its items went, as the canvas shows it."""

from __future__ import annotations

from hub.recipes import RecipeDocument
from hub.recipes.graph import Edge, draw
from hub.runs.passages import Passage, StepPassage
from hub.text import say
from ui.canvas.view import Chip, Tally
from ui.recipes.steps import TRIGGER


def tallies(passage: Passage, document: RecipeDocument) -> dict[str, Tally]:
    """Return what to show at each step that the run has reached, and at those that it works on now."""
    found = {one.step: _tally(one) for one in passage.steps}
    for step in _worked_on(passage, document):
        number = f"{passage.running:,}"
        chip = Chip(kind="running", text=number, title=say("canvas.count_running", number=number))
        found[step] = Tally(chips=[chip], tone="run")
    total = passage.run.counts.total
    if total:
        chip = Chip(kind="done", text=f"{total:,}", title=say("canvas.count_arrived", number=f"{total:,}"))
        found[TRIGGER] = Tally(chips=[chip], tone="ok")
    return found


def lit_ways(passage: Passage, document: RecipeDocument) -> list[str]:
    """Return the ways on which items went, by the names that drawings give them."""
    at = {one.step: one for one in passage.steps}
    return [
        f"{edge.step} {step} {edge.case or ''}{' !' if edge.error else ''}"
        for step, edges in draw(document.spec.steps, []).edges.items()
        if step in at
        for edge in edges or (Edge(TRIGGER),)
        if _taken(edge, at.get(edge.step))
    ]


def _taken(edge: Edge, origin: StepPassage | None) -> bool:
    if edge.step == TRIGGER:
        return True
    if origin is None:
        return False
    if edge.error:
        return origin.caught > 0
    return origin.cases.get(edge.case, 0) > 0 if edge.case is not None else origin.done > 0


def _worked_on(passage: Passage, document: RecipeDocument) -> list[str]:
    """Return the first steps that items of a running run have not come through yet."""
    if not passage.running:
        return []
    at = {one.step: one for one in passage.steps}
    edges = draw(document.spec.steps, []).edges
    return [
        step.id
        for step in document.spec.steps
        if step.id not in at and all(_taken(edge, at.get(edge.step)) for edge in edges[step.id])
    ]


def _tally(one: StepPassage) -> Tally:
    chips = [
        Chip(kind=kind, text=f"{number:,}", title=say(f"canvas.count_{kind}", number=f"{number:,}"))
        for kind, number in (
            ("done", one.done), ("filtered", one.filtered),
            ("caught", one.caught), ("waiting", one.waiting), ("failed", one.failed),
        )
        if number
    ]  # fmt: skip
    tone = "bad" if one.failed else "wait" if one.waiting or one.caught else "ok"
    return Tally(chips=chips, tone=tone, reason=one.reason if one.failed else "")
