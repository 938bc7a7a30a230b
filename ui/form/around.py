"""What surrounds a form: where its problems are shown, who lists choices, and who follows what is typed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

from nicegui.element import Element
from nicegui.elements.mixins.text_element import TextElement

from connectors.sdk.describe import FieldDescription
from hub.errors import NotFoundError, Problem
from hub.recipes.choices import Choices
from hub.recipes.pictures import PictureView
from hub.text import say
from ui.pieces import words

Path = Callable[[], str]
Store = Callable[[str, str, bytes], Awaitable[Mapping[str, Any]]]


class Mapped(Protocol):
    """A table of names and values that is being filled in."""

    def names(self) -> Sequence[str]:
        """Return the names that are there."""
        ...

    def add(self, name: str, held: Any) -> None:
        """Add a name with its value."""
        ...


class Around:
    """The surroundings of a form that stands by itself: nothing lists choices, nobody looks on.

    Widgets of nested forms share it; a path is asked for anew each time, as names and places in lists change.
    """

    asks = False

    def __init__(self) -> None:
        self._places: list[tuple[Path, TextElement]] = []
        # Keeps an uploaded file and returns the reference that stands for it; None where none can be uploaded
        self.store: Store | None = None

    def problem(self, path: Path) -> None:
        """Keep a line for the problems of a place, where widgets stand right now."""
        line = words("", "pd-bad pd-small pd-field-problem").props("role=alert").style("display: none")
        self._places.append((path, line))

    def blame(self, problems: Sequence[Problem]) -> None:
        """Show each problem at the innermost place it belongs to."""
        self._places = [(path, line) for path, line in self._places if not line.is_deleted]
        told: dict[int, list[str]] = {}
        for problem in problems:
            fitting = [(len(at), line) for path, line in self._places if _holds(at := path(), problem.path)]
            if fitting:
                _, line = max(fitting, key=lambda one: one[0])
                told.setdefault(line.id, []).append(problem.message)
        for _, line in self._places:
            messages = told.get(line.id, [])
            line.style(f"display: {'block' if messages else 'none'}")
            line.text = " ".join(messages)

    async def choices(self, field: FieldDescription) -> Choices:  # noqa: ARG002  # who knows of a service answers
        """Return what can be chosen for a field."""
        return Choices(choices=())

    async def picture(self, field: FieldDescription) -> PictureView:
        """Return what can be chosen for a field, where it stands on a picture."""
        raise NotFoundError(say("pick.no_picture", title=field.title))

    def changed(self) -> None:
        """Hear that something was filled in."""

    def takes(self, element: Element, path: Path, title: str) -> None:
        """Hear that a widget takes templates."""

    def maps(self, table: Mapped, field: FieldDescription) -> None:
        """Hear that names and values are mapped, beside the button that adds some."""


def _holds(place: str, path: str) -> bool:
    return path == place or path.startswith((f"{place}.", f"{place}["))
