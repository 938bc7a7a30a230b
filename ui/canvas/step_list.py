"""The steps of a recipe as a list: all that the canvas can do, by keyboard and for screen readers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

import msgspec
from nicegui.element import Element

from hub.recipes import RecipeDocument
from hub.recipes.document import Step
from hub.recipes.graph import Edge, draw
from hub.text import count, say
from ui.canvas.frames import GROUP, NOTE
from ui.canvas.graph import Box, End, Picture
from ui.canvas.view import Tally
from ui.canvas.ways import titles, way_name
from ui.pieces import button, div, pill, symbol, words
from ui.recipes.steps import TRIGGER, lanes_of
from ui.redraw import emptied
from ui.visit import in_browser

Act = Callable[[str], Awaitable[None]]
# What leads to a step of its own, where the keyboard goes on
ADDS = frozenset({"list_after", "list_before"})
# The first field of what stands around the steps
FIELDS = {NOTE: "note-text", GROUP: "group-name"}
COUNTS = {"done": "ok", "filtered": "mute", "failed": "bad", "caught": "wait", "waiting": "wait", "running": "run"}


class ListActs(msgspec.Struct, frozen=True, kw_only=True):
    """What the list's buttons do: to the chosen step by the button's name, to open ends, and choosing."""

    choose: Callable[[list[str]], Awaitable[None]]
    step: Mapping[str, tuple[str, Act]]
    add_at: Callable[[End], Awaitable[None]]


class StepList:
    """Shows a picture as a list; the chosen step has its buttons below it."""

    def __init__(self, box: Element, document: Callable[[], RecipeDocument], *, editable: bool) -> None:
        self._box = box
        self._document = document
        self._editable = editable
        self._picture: Picture | None = None
        self._acts: ListActs | None = None
        self._chosen: list[str] = []
        self._tallies: Mapping[str, Tally] = {}
        self._tries: Mapping[str, Mapping[str, object]] = {}
        # What the keyboard goes back to once a gesture is done, what was pressed, and the place of its step
        self._kept = ""
        self._pressed: str | None = None
        self._place = 0

    def begin(self, picture: Picture, acts: ListActs) -> None:
        """Show the first picture."""
        self._acts = acts
        self.draw(picture)

    def draw(self, picture: Picture) -> None:
        """Show another picture; the keyboard stays at what it was on."""
        if picture == self._picture:
            return
        self._picture = picture
        self._redraw()

    def select(self, steps: Sequence[str]) -> None:
        """Show which steps are chosen; the keyboard goes back to what was pressed, or to the step."""
        self._chosen = list(steps)
        self._redraw()
        boxes = self._picture.boxes if self._picture else ()
        beside = boxes[min(self._place, len(boxes)) - 1].id if boxes else ""
        around = next((mark for kind, mark in FIELDS.items() if steps and steps[-1].startswith(kind)), "")
        mark = around or (self._kept if steps and self._kept else f"row-{steps[-1] if steps else beside}")
        self._focus(mark, None if around else self._pressed)
        self._kept, self._pressed = "", None

    def _focus(self, mark: str, pressed: str | None) -> None:
        """Move the keyboard, unless somebody has gone on from what was pressed."""
        # What was pressed is gone by now, the box stays
        with self._box:
            in_browser("focus", mark, pressed)

    def tally(self, tallies: Mapping[str, Tally], lit: Sequence[str]) -> None:  # noqa: ARG002 - a list has no ways
        """Show what a run did at the steps."""
        if tallies != self._tallies:
            self._tallies = dict(tallies)
            self._redraw()

    def marks(self, tries: Mapping[str, Mapping[str, object]]) -> None:
        """Show which steps' outputs are pinned, which are stale, and how trying them went."""
        if tries != self._tries:
            self._tries = dict(tries)
            self._redraw()

    def _redraw(self) -> None:
        picture, document = self._picture, self._document()
        if picture is None:
            return
        names, edges = titles(document), draw(document.spec.steps, []).edges
        lanes = lanes_of(document.spec.steps)[0]
        ends: dict[str, list[End]] = {}
        for end in picture.ends:
            ends.setdefault(end.source, []).append(end)
        with emptied(self._box), div("pd-steps", "ol").props(f'aria-label="{say("steps.label")}"'):
            for number, box in enumerate(picture.boxes):
                with div("pd-step", "li").style(f"--lane: {min(len(lanes.get(box.id, ())), 5)}"):
                    self._row(number, box, _after(edges.get(box.id, ()), box.id, names))
                    if box.id in self._chosen and self._editable:
                        self._buttons(box)
                    for end in ends.get(box.id, ()):
                        self._end(end, names)

    def _row(self, number: int, box: Box, after: str) -> None:
        chosen = box.id in self._chosen
        with div(f"pd-step-row pd-tone-{box.tone} {'pd-chosen' if chosen else ''}", "button") as row:
            row.props("type=button").mark(f"row-{box.id}").props["data-testid"] = f"row-{box.id}"
            row.props["aria-pressed"] = "true" if chosen else "false"
            row.on("click", lambda: self._choose(box.id))
            words("" if box.id == TRIGGER else str(number), "pd-step-number pd-number", "span")
            symbol(box.icon, box.tone, small=True)
            with div("pd-grow"):
                words(box.title, "pd-strong")
                words(" · ".join(part for part in (box.sub, after) if part), "pd-muted pd-small")
                for problem in box.problems:
                    words(problem, "pd-bad pd-small")
            for chip in self._tallies[box.id].chips if box.id in self._tallies else ():
                words(chip.title, f"pd-change pd-tone-{COUNTS[chip.kind]}", "span")
            for word, alert in _tried(self._tries.get(box.id, {})):
                pill(say(f"list.{word}"), alert=alert).tooltip(say(f"canvas.{word}"))
            if box.change:
                pill(say(f"canvas.{box.change}"))
            if box.problems:
                pill(count("editor.problems", len(box.problems)), alert=True)

    def _buttons(self, box: Box) -> None:
        acts = self._acts
        if acts is None:
            return
        trigger = box.id == TRIGGER
        with div("pd-step-actions").props(f'role=toolbar aria-label="{say("canvas.step_actions")}"'):
            for name, (icon, act) in acts.step.items():
                if trigger and name != "list_after":
                    continue

                async def do(act: Act = act, name: str = name) -> None:
                    self._pressed = f"do-{name}"
                    self._kept = "" if name in ADDS else self._pressed
                    self._place = [one.id for one in self._picture.boxes].index(box.id) if self._picture else 0
                    await act(box.id)

                button(say(f"canvas.{name}"), f"do-{name}", do, kind="quiet", icon=icon)

    def _end(self, end: End, names: dict[str, str]) -> None:
        acts = self._acts
        label = way_name(Edge(end.source, end.case), names)
        with div("pd-step-end"):
            words(say("canvas.open_end", step=label), "pd-muted pd-small")
            if self._editable and acts is not None:
                mark = f"add-after-{end.source}{'-' + end.case if end.case else ''}"
                made = button(say("canvas.add"), mark, self._adds(acts, end), kind="quiet", icon="add")
                made.props["aria-label"] = say("canvas.add_after", step=label)

    def _adds(self, acts: ListActs, end: End) -> Callable[[], Awaitable[None]]:
        async def add() -> None:
            self._kept, self._pressed = "", None
            await acts.add_at(end)

        return add

    async def _choose(self, step: str) -> None:
        if self._acts is None:
            return
        self._chosen, self._kept, self._pressed = [] if self._chosen == [step] else [step], "", None
        self._redraw()
        await self._acts.choose(list(self._chosen))


def draw_around(picture: Picture, choose: Callable[[list[str]], Awaitable[None]]) -> None:
    """List notes and groups; choosing one shows its fields."""
    for one in picture.frames:
        text = f"{one.title} · {one.sub}"
        _around(one.id, "select_all", text, choose)
    for note in picture.notes:
        _around(note.id, "sticky_note_2", note.text.strip() or say("canvas.note_empty"), choose)


def _around(identity: str, icon: str, text: str, choose: Callable[[list[str]], Awaitable[None]]) -> None:
    kind = say("canvas.note_title" if identity.startswith(NOTE) else "canvas.group_title")
    with div("pd-step-row", "button") as row:
        row.props("type=button").mark(identity).props["data-testid"] = identity
        row.on("click", lambda *_: choose([identity]))
        symbol(icon, "mute", small=True)
        with div("pd-grow"):
            words(kind, "pd-muted pd-small")
            words(text[:200], "pd-clip")


def _after(edges: Sequence[Edge], step: str, names: dict[str, str]) -> str:
    """Say what a step comes after."""
    if step == TRIGGER:
        return ""
    plain = [way_name(edge, names) for edge in edges if not edge.error]
    failed = [names.get(edge.step, edge.step) for edge in edges if edge.error]
    said = [say("canvas.comes_after", steps=", ".join(plain))] if plain else []
    said += [say("canvas.comes_on_error", steps=", ".join(failed))] if failed else []
    return " · ".join(said or [say("canvas.comes_after", steps=names[TRIGGER])])


def step_of(document: RecipeDocument, identity: str) -> Step | None:
    """Return a step by its id."""
    return next((step for step in document.spec.steps if step.id == identity), None)


def _tried(mark: Mapping[str, object]) -> list[tuple[str, bool]]:
    """Return the words for how a step stands, and whether each asks for something."""
    outcome = mark.get("tried")
    found = [("pinned", False)] if mark.get("pinned") else []
    if mark.get("stale"):
        return [*found, ("stale", True)]
    return [*found, *([(f"tried_{outcome}", outcome == "failed")] if outcome else [])]
