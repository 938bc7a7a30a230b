"""Dialogs for what lines say on the canvas: what a step comes after, and where a new one goes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from nicegui import ui

from hub.recipes import RecipeDocument
from hub.recipes.graph import Edge
from hub.recipes.rewiring import Way, Wiring
from hub.text import say
from ui.ask import answer_buttons, dialog
from ui.canvas.graph import cases_of
from ui.pieces import div, words
from ui.recipes.steps import TRIGGER, patch_of, trigger_patch

FAILS = ("dead_letter", "continue")


def ask_for_ways(document: RecipeDocument, step: str, keep: Callable[[Sequence[Edge], str], Awaitable[None]]) -> None:
    """Ask what a step comes after, and what happens when it fails."""
    wiring = Wiring(document)
    before = set(wiring.before(step))
    names = titles(document)
    choices = _choices(document, wiring.candidates(step))
    catchers = {one.id: names[one.id] for one in document.spec.steps if one.id != step}
    options = {word: say(f"canvas.fails_{word}") for word in FAILS}
    options |= {one: say("canvas.fails_step", step=title) for one, title in catchers.items()}
    caught = next(one.on_error for one in document.spec.steps if one.id == step)
    with dialog(say("canvas.ways"), say("canvas.ways_text", step=names[step])) as opened:
        boxes: list[tuple[Edge, ui.checkbox]] = []
        with div("pd-stack pd-scroll").props(f'role=group aria-label="{say("canvas.ways")}"'):
            if not choices:
                words(say("canvas.ways_none"), "pd-muted")
            for edge in choices:
                label = way_name(edge, names)
                box = ui.checkbox(label, value=edge in before)
                box.props["data-testid"] = f"after-{edge.step}{'-' + edge.case if edge.case else ''}"
                boxes.append((edge, box))
        fails = ui.select(options, value=caught if caught in options else None, label=say("canvas.fails"))
        fails.props("outlined").mark("on-error").style("width: 100%").props["data-testid"] = "on-error"

        async def take() -> None:
            opened.close()
            await keep([edge for edge, box in boxes if box.value], str(fails.value or "dead_letter"))

        answer_buttons(opened, say("step.save"), take)


def ask_for_way(ways: Sequence[Way], document: RecipeDocument, choose: Callable[[Way], Awaitable[None]]) -> None:
    """Ask into which of several ways something goes."""
    names = titles(document)
    labels = {place: _between(way, names) for place, way in enumerate(ways)}
    with dialog(say("canvas.which_way")) as opened:
        picked = ui.radio(labels, value=0).mark("which-way")

        async def take() -> None:
            opened.close()
            await choose(ways[int(picked.value or 0)])

        answer_buttons(opened, say("canvas.add"), take)


def ways_into(document: RecipeDocument, step: str) -> list[Way]:
    """Return every way that leads to a step; one that nothing leads to comes after the trigger."""
    found = [Way(source=edge.step, target=step, case=edge.case) for edge in Wiring(document).before(step)]
    return found or [Way(source=TRIGGER, target=step)]


def titles(document: RecipeDocument) -> dict[str, str]:
    """Return how each step is called, and the trigger."""
    return {TRIGGER: trigger_patch(document).title} | {step.id: patch_of(step).title for step in document.spec.steps}


def way_name(edge: Edge, names: dict[str, str]) -> str:
    """Name the beginning of a way."""
    title = names.get(edge.step, edge.step)
    return title if edge.case is None else say("canvas.in_case", step=title, case=edge.case)


def _between(way: Way, names: dict[str, str]) -> str:
    return say("canvas.between", first=way_name(Edge(way.source, way.case), names), second=names.get(way.target, ""))


def _choices(document: RecipeDocument, candidates: Sequence[str]) -> list[Edge]:
    cases = {step.id: cases_of(step) for step in document.spec.steps}
    found: list[Edge] = []
    for step in candidates:
        found += [Edge(step, case) for case in cases[step]] or [Edge(step)]
    return found
