"""The place of one field in a form, and what all widgets have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from nicegui import ui
from nicegui.element import Element
from nicegui.elements.mixins.value_element import ValueElement

from connectors.sdk.describe import FieldDescription
from ui.form.around import Around, Path
from ui.form.choosing import choose_with
from ui.form.plain import hint_of, label_of
from ui.pieces import div, words

Read = Callable[[], Any]


class Slot:
    """A field, the value it begins with, and whom to tell of changes."""

    def __init__(
        self, field: FieldDescription, value: Any, around: Around, path: Path, changed: Callable[[], None]
    ) -> None:
        self.field = field
        self.value = value
        self.around = around
        self.path = path
        self.changed = changed
        self.sealed = False

    def dress(self, element: ValueElement[Any], hint: str = "") -> None:
        """Give a widget its hint, its mark and its look; the label is its own."""
        element.props("outlined").style("width: 100%").mark(f"field-{self.field.name}")
        element.props["data-testid"] = f"field-{self.field.name}"
        if said := hint_of(self.field, hint):
            element.props["hint"] = said
        element.on_value_change(self.changed)

    def takes(self, element: Element) -> None:
        """Let a widget take templates, where the field may hold some."""
        if self.field.templated:
            self.around.takes(element, self.path, self.field.title)

    def chooses(self, element: ui.input, take: Callable[[str], None] | None = None) -> None:
        """Offer what the service has for the field."""
        if self.field.asks and self.around.asks:
            choose_with(self.around, self.field, element, take)

    @contextmanager
    def framed(self) -> Iterator[Element]:
        """Draw a heading and a frame for widgets that belong together."""
        with div("pd-stack pd-group", "fieldset").mark(f"field-{self.field.name}") as box:
            box.props["data-testid"] = f"field-{self.field.name}"
            words(label_of(self.field), "pd-small pd-strong", "legend")
            if self.field.hint:
                words(self.field.hint, "pd-muted pd-small")
            yield box
