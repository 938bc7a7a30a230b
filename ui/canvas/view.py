"""The canvas as an element: Vue Flow in the browser, bundled by scripts/canvas; gestures come back as events."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import msgspec
from nicegui.element import Element
from nicegui.events import GenericEventArguments

from hub.text import say
from ui.canvas.graph import Picture
from ui.recipes.palette import Offer

_SAID = (
    "add", "added", "all", "back", "changed", "commands", "compare", "copy", "cut", "duplicate", "find", "fit", "fold",
    "fold_group", "group", "insert", "keys", "label", "list", "many", "map", "none", "note", "note_text", "nothing",
    "on_error", "palette", "paste", "pinned", "publish", "redo", "remove", "removed", "rename", "search", "stale",
    "tidy", "tried_failed", "tried_ok", "trigger", "turn", "undo", "unfold_group", "ungroup", "zoom_in", "zoom_out",
)  # fmt: skip

Gesture = Callable[[Any], Awaitable[None]]


class Chip(msgspec.Struct, frozen=True, kw_only=True):
    """How many items of a run are in one state at a step."""

    kind: str
    text: str
    title: str


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """What a run did at a step, and why it failed there."""

    chips: Sequence[Chip]
    tone: str
    reason: str = ""


class CanvasView(Element, component="../static/canvas.js"):
    """Draws a picture and tells what a person does with it."""

    def __init__(self, picture: Picture, offers: Sequence[Offer], *, recipe: str, editable: bool, narrow: str) -> None:
        super().__init__()
        fixed = {
            "picture": msgspec.to_builtins(picture),
            "offers": msgspec.to_builtins(offers),
            "said": {key: say(f"canvas.{key}") for key in _SAID},
            "marks": {},
            "lit": [],
            "tries": {},
            "recipe": recipe,
            "editable": editable,
            "narrow": narrow,
        }
        for name, value in fixed.items():
            self.props[name] = value

    def hear(self, gestures: Mapping[str, Gesture]) -> None:
        """Call a function for each kind of gesture, with what it is about."""
        for name, act in gestures.items():

            async def heard(event: GenericEventArguments, act: Gesture = act) -> None:
                await act(event.args)

            self.on(name, heard)

    def draw(self, picture: Picture) -> None:
        """Show another picture."""
        self.props["picture"] = msgspec.to_builtins(picture)

    def tally(self, tallies: Mapping[str, Tally], lit: Sequence[str]) -> None:
        """Show what a run did at the steps, and on which ways its items went."""
        shown: dict[str, Any] = {"marks": msgspec.to_builtins(tallies), "lit": list(lit)}
        for name, value in shown.items():
            if value != self.props[name]:
                self.props[name] = value

    def marks(self, tries: Mapping[str, Mapping[str, Any]]) -> None:
        """Show which steps' outputs are pinned, which are stale, and how trying them went."""
        shown = {step: dict(mark) for step, mark in tries.items()}
        if shown != self.props["tries"]:
            self.props["tries"] = shown

    def select(self, steps: Sequence[str]) -> None:
        """Choose steps, as a click would."""
        self.run_method("select", list(steps))
