"""Whether a step takes whole lists, writes one row for each element, or is done once for each of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from nicegui import ui

from connectors.sdk import Settings
from connectors.sdk.describe import FieldDescription, FieldKind, describe
from hub.recipes import BUILT_INS
from hub.recipes.lists import by_element, path_of, whole
from hub.text import say
from ui.form.anything import json
from ui.form.around import Around
from ui.form.slot import Slot
from ui.pieces import div

ONCE, ROWS, EACH = "once", "rows", "each"
ELEMENT = "element"


class Ways(msgspec.Struct, frozen=True):
    """In which ways a step can go through a list: by rows of its record, and as a loop."""

    record: str = ""
    loops: bool = False

    @property
    def any(self) -> bool:
        """Whether there is anything to choose."""
        return bool(self.record) or self.loops


def ways_of(uses: str, settings: type[Settings] | None) -> Ways:
    """Return the ways that a part has."""
    built_in = BUILT_INS.get(uses)
    fields = describe(settings) if settings else ()
    rows = any(field.name == ROWS for field in fields)
    record = next((field.name for field in fields if field.record), "") if rows else ""
    return Ways(record=record, loops=built_in.loops if built_in else True)


class Repeat:
    """The choice, with the list that is gone through and the name of an element."""

    def __init__(self, ways: Ways, place: Mapping[str, Any], around: Around, turned: Callable[[], None]) -> None:
        self._ways = ways
        self._place = place
        self._around = around
        self._turned = turned
        self._read: Callable[[], Any] = lambda: None
        self._alias: Callable[[], str] = str
        self.way = way_of(place)

    def draw(self) -> None:
        """Draw the choice; the list and the name only where there is one."""
        offered = {ONCE: say("lists.once")}
        if self._ways.record or self.way == ROWS:
            offered[ROWS] = say("lists.rows")
        if self._ways.loops or self.way == EACH:
            offered[EACH] = say("lists.each")
        chosen = ui.select(offered, value=self.way, label=say("lists.label")).props("outlined").style("width: 100%")
        chosen.mark("lists").props["data-testid"] = "lists"
        chosen.on_value_change(lambda event: self._choose(str(event.value)))
        if self.way == ONCE:
            return
        each = self.way == EACH
        with div("pd-stack pd-form-field"):
            path = "each" if each else "with.rows"
            field = FieldDescription(
                name="list", title=say("lists.of"), kind=FieldKind.ANY, required=True, templated=True
            )
            held = self._place.get("each") if each else self._place.get("with", {}).get(ROWS)
            self._read = json(Slot(field, held, self._around, lambda: path, self._around.changed))
            self._around.problem(lambda: path)
            if each:
                name = ui.input(say("lists.alias"), value=self._place.get("as", ELEMENT)).props("outlined")
                name.mark("alias").style("width: 100%").props["data-testid"] = "alias"
                name.on_value_change(self._around.changed)
                self._alias = lambda: str(name.value or "").strip()
                self._around.problem(lambda: "as")

    def _choose(self, way: str) -> None:
        self.way = way
        self._turned()

    def written(self, place: dict[str, Any]) -> dict[str, Any]:
        """Return a place with the list and the name as they are filled in."""
        found = self._read()
        place = {**place, "each": None, "as": self._place.get("as")}
        if way_of(self._place) == EACH:
            alias = self._alias()
            named = alias if "as" in self._place or alias != ELEMENT else None
            return {**place, "each": found, "as": named or None}
        if way_of(self._place) == ROWS and found is not None:
            place["with"] = {**place["with"], ROWS: found}
        return place


def way_of(place: Mapping[str, Any]) -> str:
    """Return in which way a place goes through a list."""
    if place.get("each") is not None:
        return EACH
    return ROWS if place.get("with", {}).get(ROWS) is not None else ONCE


def turned(place: Mapping[str, Any], way: str, record: str, within: str = "") -> dict[str, Any]:
    """Return a place that goes through its list, or the one named, in another way; its templates follow."""
    found, within = _unrolled(place, record, within)
    settings = dict(found["with"])
    if way == EACH:
        # A name that says what an element is reads better than "element"
        alias = found.get("as") or ELEMENT
        found["each"] = f"{{{{ {within} }}}}" if within else "{{ trigger.body }}"
        settings = by_element(settings, within, alias) if within else settings
    elif way == ROWS:
        settings[record] = by_element(settings.get(record, {}), within, "row") if within else settings.get(record, {})
        settings[ROWS] = f"{{{{ {within} }}}}" if within else "{{ trigger.body }}"
    return {**found, "with": settings}


def _unrolled(place: Mapping[str, Any], record: str, within: str) -> tuple[dict[str, Any], str]:
    """Return a place that takes whole lists, and the list it went through before unless another one is named."""
    settings = dict(place.get("with", {}))
    found = {**place, "with": settings}
    way = way_of(place)
    if way == EACH:
        listed = path_of(found.pop("each"))
        found["with"] = whole(settings, listed, str(found.get("as") or ELEMENT)) if listed else settings
        found.pop("as", None)
        return found, within or listed
    if way == ROWS:
        listed = path_of(settings.pop(ROWS))
        if listed and record:
            settings[record] = whole(settings.get(record, {}), listed, "row")
        return found, within or listed
    return found, within
