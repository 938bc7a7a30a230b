"""The steps of a recipe drawn in order as a cable of patches, with a lane for every way that a branch can take."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from nicegui import ui

from connectors.sdk import Lookup, Target
from connectors.sdk.registry import find, find_trigger
from hub.recipes import BUILT_INS, RecipeDocument
from hub.recipes.document import Step
from hub.recipes.graph import Edge, draw
from hub.text import say
from ui.pieces import div, state, symbol, words

TRIGGER = "trigger"
ERROR = "\0error"
Lane = tuple[tuple[str, str], ...]


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """What is known about a step besides what it is: how it fared, a word about it, whether it is looked at."""

    state: str = ""
    text: str = ""
    chosen: bool = False
    problem: str = ""


class Patch(msgspec.Struct, frozen=True, kw_only=True):
    """One step as it is drawn."""

    id: str
    title: str
    text: str
    icon: str
    tone: str
    off: bool = False


Choose = Callable[[str], object]


def flow(document: RecipeDocument, marks: Mapping[str, Mark] | None = None, choose: Choose | None = None) -> None:
    """Draw a recipe from its trigger down; with `choose` each step can be clicked."""
    _Drawing(document, marks or {}, choose).draw()


def patch_of(step: Step) -> Patch:
    """Return how a step is drawn: a built-in one by what it does, a connector's by where it goes."""
    built_in = BUILT_INS.get(step.uses)
    part = find(step.uses)
    if built_in is not None:
        icon, title, tone = built_in.icon, built_in.title, "wait" if step.uses == "extract" else "mute"
        short, service = title, ""
        otherwise = built_in.text.rstrip(".") if _usual(step, title) else title
    elif isinstance(part, (Lookup, Target)):
        icon, title = part.connector.icon, f"{part.connector.title}: {part.title}"
        short, service, tone = part.title, part.connector.title, "plum" if isinstance(part, Target) else "run"
        otherwise = title
    else:
        icon, title, tone, short, service, otherwise = "help", step.uses, "bad", "", "", step.uses
    usual = _usual(step, short)
    about = [title if step.title else service if usual else "", _about(step), step.connection or ""]
    about += [say("steps.each") if step.each else "", say("steps.off") if step.disabled else ""]
    text = " · ".join(part for part in about if part)
    return Patch(
        id=step.id,
        title=step.title or usual or step.id,
        text=text or otherwise,
        icon=icon,
        tone=tone,
        off=step.disabled,
    )


def _usual(step: Step, title: str) -> str:
    """Return a step's name by what it does, where nobody thought of an id for it."""
    given, number = step.uses.rpartition(".")[2], step.id.rpartition("_")[2]
    if title and step.id == given:
        return title
    return f"{title} {number}" if title and number.isdecimal() and step.id == f"{given}_{number}" else ""


def trigger_patch(document: RecipeDocument) -> Patch:
    """Return how the trigger is drawn."""
    trigger = document.spec.trigger
    part = find_trigger(trigger.uses)
    title = trigger.title or (part.title if part else trigger.uses)
    icon = part.connector.icon if part else "help"
    service = part.connector.title if part else ""
    text = " · ".join(one for one in (service, trigger.connection or "", _settings(trigger.settings)) if one)
    return Patch(id=TRIGGER, title=title, text=text, icon=icon, tone="accent")


def lanes_of(steps: Sequence[Step]) -> tuple[dict[str, Lane], Sequence[Step], Sequence[tuple[Lane, Lane]]]:
    """Return in which lane each step lies, the steps in order, and each way into a step with that step's lane.

    A lane is the way of branches and cases that leads to a step; where ways meet again, the step lies in what they
    have in common.
    """
    graph = draw(steps, [])
    fan = _fan(graph.edges)
    lanes: dict[str, Lane] = {}
    ways_in: list[tuple[Lane, Lane]] = []
    ordered = [steps[index] for index in graph.order]
    for step in ordered:
        ways = [_way(edge, step, lanes, fan) for edge in graph.edges.get(step.id, ())]
        lanes[step.id] = _common(ways)
        ways_in += [(way, lanes[step.id]) for way in ways]
    return lanes, ordered, ways_in


def _fan(edges: Mapping[str, Sequence[Edge]]) -> dict[str, int]:
    """Count the plain ways out of each step: where there are several, each is a lane."""
    fan: dict[str, int] = {}
    for found in edges.values():
        for edge in found:
            if edge.case is None and not edge.error:
                fan[edge.step] = fan.get(edge.step, 0) + 1
    return fan


def _way(edge: Edge, step: Step, lanes: Mapping[str, Lane], fan: Mapping[str, int]) -> Lane:
    before = lanes.get(edge.step, ())
    if edge.error:
        return (*before, (edge.step, ERROR))
    if edge.case is not None:
        return (*before, (edge.step, edge.case))
    return (*before, (edge.step, f"\0{step.id}")) if fan.get(edge.step, 0) > 1 else before


def _common(ways: Sequence[Lane]) -> Lane:
    if not ways:
        return ()
    length = 0
    while all(len(way) > length and way[length] == ways[0][length] for way in ways):
        length += 1
    return ways[0][:length]


class _Drawing:
    """One drawing of one recipe."""

    def __init__(self, document: RecipeDocument, marks: Mapping[str, Mark], choose: Choose | None) -> None:
        self._document = document
        self._marks = marks
        self._choose = choose
        self._lanes, self._steps, self._ways_in = lanes_of(document.spec.steps)

    def draw(self) -> None:
        """Draw the trigger and all that comes after it."""
        with div("pd-flow").props(f'role=group aria-label="{say("steps.label")}"'):
            self._patch(trigger_patch(self._document), first=True)
            self._lane(())

    def _lane(self, lane: Lane) -> None:
        for step in self._steps:
            if self._lanes[step.id] == lane:
                self._cable()
                self._patch(patch_of(step))
                self._ways(lane, step)

    def _ways(self, lane: Lane, step: Step) -> None:
        """Draw the lanes that begin at a step side by side."""
        here = len(lane)
        inner = [
            way for way in self._lanes.values() if len(way) > here and way[:here] == lane and way[here][0] == step.id
        ]
        names = list(dict.fromkeys(way[here][1] for way in inner))
        for case in self._cases(step):
            if case not in names:
                names.append(case)
        if not names:
            return
        self._cable()
        meeting = [number for number, name in enumerate(names) if self._meets((*lane, (step.id, name)))]
        classes = f"pd-lanes pd-lanes-{min(len(names), 4)} {'pd-meets' if meeting else ''}"
        with div("pd-lanes-room"), div(classes).style(f"--lanes: {len(names)}; --meets: {max(meeting, default=0)}"):
            for number, name in enumerate(names):
                with div("pd-flow"):
                    self._name(name)
                    self._lane((*lane, (step.id, name)))
                    if number in meeting:
                        div("pd-cable pd-cable-rest")
                    elif (*lane, (step.id, name)) not in self._lanes.values():
                        self._end()

    def _meets(self, lane: Lane) -> bool:
        """Tell whether a lane leads on to a step outside it."""
        here = len(lane)
        return any(way[:here] == lane and into[:here] != lane for way, into in self._ways_in)

    @staticmethod
    def _cases(step: Step) -> Sequence[str]:
        if step.uses != "branch":
            return ()
        cases = step.settings.get("cases")
        otherwise = step.settings.get("else")
        return [*(cases if isinstance(cases, dict) else ()), *([otherwise] if isinstance(otherwise, str) else ())]

    @staticmethod
    def _name(name: str) -> None:
        div("pd-cable pd-cable-short pd-cable-first")
        if name == ERROR:
            words(say("steps.on_error"), "pd-lane-name pd-error")
        elif not name.startswith("\0"):
            words(name, "pd-lane-name")

    @staticmethod
    def _end() -> None:
        div("pd-cable pd-cable-short")
        with div("pd-end-mark"):
            ui.icon("stop_circle").props("aria-hidden=true")
            words(say("steps.ends"))

    @staticmethod
    def _cable() -> None:
        div("pd-cable")

    def _patch(self, patch: Patch, *, first: bool = False) -> None:
        mark = self._marks.get(patch.id, Mark())
        classes = " ".join(
            name
            for name, holds in (
                ("pd-patch", True), (f"pd-tone-{patch.tone}", True), ("pd-first", first), ("pd-off", patch.off),
                ("pd-chosen", mark.chosen), ("pd-skipped", mark.state == "skipped"),
            )
            if holds
        )  # fmt: skip
        with div(classes, "button" if self._choose else "div").mark(f"step-{patch.id}") as box:
            box.props["data-testid"] = f"step-{patch.id}"
            if self._choose:
                choose = self._choose
                box.props("type=button").on("click", lambda: choose(patch.id))
                box.props["aria-pressed"] = "true" if mark.chosen else "false"
            symbol(patch.icon, patch.tone)
            with div("pd-patch-words"):
                words(patch.title, "pd-patch-title")
                words(mark.problem or patch.text, f"pd-patch-sub {'pd-bad' if mark.problem else ''}")
            with div("pd-patch-marks"):
                if mark.state:
                    state(mark.state)
                if mark.text:
                    words(mark.text, "pd-muted pd-small pd-number")


def _about(step: Step) -> str:
    """Say in a few words what a step is set to do."""
    if step.uses == "filter":
        return ""
    return _settings(step.settings)


def _settings(settings: Mapping[str, Any]) -> str:
    """Show the first settings that are short texts."""
    for name in ("schema", "table", "dataset", "file", "url", "path", "folder", "cron", "every", "recipe", "text"):
        value = settings.get(name)
        if isinstance(value, (str, int)) and value:
            return str(value)[:80]
    return ""
