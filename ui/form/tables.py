"""Widgets for names and values: pairs, and the table that maps values to the columns of a target."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nicegui import ui
from nicegui.element import Element

from hub.errors import InvalidError, Problem
from hub.shapes import join
from hub.text import say
from ui.form.anything import template
from ui.form.choosing import choose_with
from ui.form.plain import as_before, plain
from ui.form.slot import Read, Slot
from ui.pieces import button, div, round_button


class Pair:
    """One name and its value."""

    def __init__(self, box: Element, name: ui.input, value: ui.input, held: Any) -> None:
        self.box = box
        self.name = name
        self.value = value
        self.held = held

    def read(self) -> tuple[str, Any]:
        """Return the name, and the value in the type it had."""
        return str(self.name.value or "").strip(), as_before(self.value.value or "", self.held)


class Table:
    """The rows of a mapping; the record that a target writes is one whose names are columns."""

    def __init__(self, slot: Slot) -> None:
        self._slot = slot
        self._pairs: list[Pair] = []

    def draw(self) -> None:
        """Draw what there is, and the ways to more."""
        slot = self._slot
        with slot.framed():
            self._body = div("pd-stack")
            for name, held in (slot.value or {}).items():
                self.add(str(name), held)
            with div("pd-line"):
                button(say("form.add"), f"add-{slot.field.name}", lambda: self.add("", ""), kind="quiet", icon="add")
                slot.around.maps(self, slot.field)

    def names(self) -> list[str]:
        """Return the names that are there."""
        return [pair.read()[0] for pair in self._pairs]

    def add(self, name: str, held: Any) -> None:
        """Draw one more pair."""
        slot, number = self._slot, len(self._pairs) + 1
        title, record = slot.field.title, slot.field.record
        with self._body, div("pd-pair") as box:
            first = ui.input(say("map.column", number=number) if record else say("form.name"), value=name)
            first.props("outlined dense").props["data-testid"] = f"{slot.field.name}-name-{number - 1}"
            first.props["aria-label"] = say("form.name_of", number=number, title=title)
            if slot.field.asks and slot.around.asks:
                choose_with(slot.around, slot.field, first)
            with div("pd-pair-value"):
                label = say("map.from", number=number) if record else say("form.value")
                second = ui.textarea(label, value=plain(held)).props("outlined dense autogrow rows=1")
                second.props["data-testid"] = f"{slot.field.name}-value-{number - 1}"
                second.props["aria-label"] = say("form.value_of", number=number, title=title)
                pair = Pair(box, first, second, held)
                self._pairs.append(pair)
                if slot.field.templated:
                    slot.around.takes(second, lambda: self._path(pair), f"{title} {number}")
                slot.around.problem(lambda: self._path(pair))
            round_button(
                "close", say("form.remove", title=title), f"remove-{slot.field.name}-{number - 1}", self._drop(pair)
            )
        first.on_value_change(slot.changed)
        second.on_value_change(slot.changed)
        slot.changed()

    def values(self) -> dict[str, Any]:
        """Return names with values; two pairs of one name are a mistake."""
        found: dict[str, Any] = {}
        for name, value in (pair.read() for pair in self._pairs):
            if name in found:
                message = say("form.names_twice", title=self._slot.field.title, name=name)
                raise InvalidError(message, errors=[Problem(self._slot.path(), message)])
            if name:
                found[name] = value
        return found

    def _path(self, pair: Pair) -> str:
        return join(self._slot.path(), str(pair.name.value or "").strip())

    def _drop(self, pair: Pair) -> Any:
        def drop() -> None:
            self._pairs.remove(pair)
            pair.box.delete()
            self._slot.changed()

        return drop


def mapping(slot: Slot) -> Read:
    """Draw names and values in pairs."""
    if not isinstance(slot.value or {}, Mapping):
        return template(slot)
    table = Table(slot)
    table.draw()
    return table.values
