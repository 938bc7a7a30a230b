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
    "add", "all", "commands", "copy", "cut", "find", "fit", "fold", "insert", "keys", "label", "list", "many", "map",
    "none", "nothing", "on_error", "palette", "paste", "publish", "redo", "remove", "rename", "search", "tidy",
    "trigger", "turn", "undo", "zoom_in", "zoom_out",
)  # fmt: skip

Gesture = Callable[[Any], Awaitable[None]]


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """What the latest run did at a step."""

    text: str
    title: str
    tone: str


class CanvasView(Element, component="../static/canvas.js"):
    """Draws a picture and tells what a person does with it."""

    def __init__(self, picture: Picture, offers: Sequence[Offer], *, recipe: str, editable: bool, narrow: str) -> None:
        super().__init__()
        fixed = {
            "picture": msgspec.to_builtins(picture),
            "offers": msgspec.to_builtins(offers),
            "said": {key: say(f"canvas.{key}") for key in _SAID},
            "marks": {},
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

    def tally(self, tallies: Mapping[str, Tally]) -> None:
        """Show what the latest run did."""
        shown = msgspec.to_builtins(tallies)
        if shown != self.props["marks"]:
            self.props["marks"] = shown

    def select(self, steps: Sequence[str]) -> None:
        """Choose steps, as a click would."""
        self.run_method("select", list(steps))
