"""One form: draws the fields of a struct and reads what was filled in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nicegui import ui
from nicegui.element import Element

from connectors.sdk.describe import FieldDescription, FieldKind
from hub.errors import Problem
from hub.shapes import join
from hub.text import say
from ui.form import anything, files, lists, single, tables, times
from ui.form.around import Around, Path
from ui.form.slot import Read, Slot
from ui.pieces import div, round_button

_EMPTY: tuple[Any, ...] = (None, "", [], {})


class Form:
    """The fields of one struct; what nobody touched is given back as it was, even where it was left out."""

    def __init__(
        self,
        fields: Sequence[FieldDescription],
        values: Mapping[str, Any],
        secrets: Sequence[str] = (),
        *,
        around: Around | None = None,
        path: Path | None = None,
    ) -> None:
        self._fields = fields
        self._values = values
        self._secrets = frozenset(secrets)
        self._path = path or (lambda: "")
        self._reads: dict[str, Read] = {}
        self._first: dict[str, Any] = {}
        self._boxes: dict[str, Element] = {}
        self._kept: set[str] = set()
        self._drawn = False
        self._folded: Element | None = None
        self.around = around or Around()

    def draw(self) -> None:
        """Draw all fields; rarely needed ones are folded away."""
        with div("pd-stack"):
            for field in self._fields:
                if not field.advanced:
                    self._field(field)
            rare = [field for field in self._fields if field.advanced]
            if rare:
                used = any(field.name in self._values for field in rare)
                folded = ui.expansion(say("form.advanced"), icon="tune", value=used).props("dense").mark("advanced")
                with folded.style("width: 100%"), div("pd-stack").style("padding-top: 10px"):
                    for field in rare:
                        self._field(field)
                self._folded = folded
        self._kept = {field.name for field in self._fields if not self._holds(field) and field.name in self._values}
        self._drawn = True
        self._show()

    def read(self, name: str) -> Any:
        """Return what one widget holds."""
        return self._reads[name]()

    def values(self) -> dict[str, Any]:
        """Return what was filled in; InvalidError names the fields that cannot be read."""
        known = {field.name: field for field in self._fields}
        found = {name: value for name, value in self._values.items() if name not in known}
        for name, read in self._reads.items():
            value = read()
            untouched = value == self._first[name] and type(value) is type(self._first[name])
            if not self._counts(known[name]):
                continue
            if untouched and name in self._values:
                found[name] = self._values[name]
            elif name in self._secrets and value in _EMPTY:
                found[name] = ""
            elif not untouched and value not in _EMPTY:
                found[name] = value
        return found

    def blame(self, problems: Sequence[Problem]) -> None:
        """Show problems at their fields."""
        self.around.blame([Problem(one.path.removeprefix("settings."), one.message) for one in problems])

    def _field(self, field: FieldDescription) -> None:
        value = self._values.get(field.name, field.default)
        with div("pd-form-field") as box:
            self._boxes[field.name] = box
            slot = Slot(field, value, self.around, lambda: join(self._path(), field.name), self._changed)
            slot.sealed = field.name in self._secrets
            self._reads[field.name] = _toggled(slot) if field.templated and field.kind in FIXED else draw(slot)
            self._first[field.name] = self._reads[field.name]()
            self.around.problem(slot.path)

    def _changed(self) -> None:
        if not self._drawn:
            return
        self._show()
        self.around.changed()

    def _show(self) -> None:
        """Show the fields that mean something with what the others hold."""
        for field in self._fields:
            if field.when:
                told = field.name in self._kept and self._values[field.name] not in (*_EMPTY, field.default)
                self._boxes[field.name].set_visibility(told or self._holds(field))
        if self._folded is not None:
            self._folded.set_visibility(any(self._boxes[one.name].visible for one in self._fields if one.advanced))

    def _counts(self, field: FieldDescription) -> bool:
        return field.name in self._kept or self._holds(field)

    def _holds(self, field: FieldDescription) -> bool:
        return all(
            self._reads[name]() in wanted if wanted else self._reads[name]() not in _EMPTY
            for name, wanted in field.when.items()
            if name in self._reads
        )


def draw(slot: Slot) -> Read:
    """Draw the widget of a field's kind."""
    return WIDGETS[slot.field.kind](slot)


def _group(slot: Slot) -> Read:
    """Draw a form within the form."""
    with slot.framed():
        inner = _inner(slot, slot.value if isinstance(slot.value, Mapping) else {}, slot.path)
    return inner.values


def _groups(slot: Slot) -> Read:
    """Draw a list of forms."""
    return lists.groups(slot, lambda value, path: _inner(slot, value, path).values)


def _inner(slot: Slot, values: Mapping[str, Any], path: Path) -> Form:
    inner = Form(slot.field.fields, values, around=slot.around, path=path)
    inner.draw()
    return inner


def _toggled(slot: Slot) -> Read:
    """Draw a field that holds either a fixed value or a template, and the way from one to the other."""
    held: dict[str, Any] = {"templated": isinstance(slot.value, str) and _is_open(slot.value)}

    def fill() -> None:
        box.clear()
        over = slot.field.kind in _FRAMED and not held["templated"]
        with box, div("pd-line pd-toggled pd-toggled-over" if over else "pd-line pd-toggled"):
            with div("pd-grow"):
                held["read"] = anything.template(slot) if held["templated"] else draw(slot)
            label = say("form.fixed" if held["templated"] else "form.from_field", title=slot.field.title)
            icon = "edit" if held["templated"] else "data_object"
            round_button(icon, label, f"toggle-{slot.field.name}", turn)

    def turn() -> None:
        slot.value = None if held["templated"] else ""
        held["templated"] = not held["templated"]
        fill()
        slot.changed()

    box = div()
    fill()

    def read() -> Any:
        return held["read"]()

    return read


def _is_open(text: str) -> bool:
    return "{{" in text or "{%" in text


_FRAMED = frozenset({FieldKind.MAPPING, FieldKind.GROUP, FieldKind.GROUPS})
FIXED = frozenset({
    FieldKind.NUMBER, FieldKind.BOOLEAN, FieldKind.CHOICE, FieldKind.CHOICES, FieldKind.LIST, FieldKind.MAPPING,
    FieldKind.GROUP, FieldKind.GROUPS, FieldKind.DURATION, FieldKind.MOMENT,
})  # fmt: skip
WIDGETS: Mapping[FieldKind, Callable[[Slot], Read]] = {
    FieldKind.TEXT: single.text,
    FieldKind.MULTILINE: single.multiline,
    FieldKind.NUMBER: single.number,
    FieldKind.BOOLEAN: single.boolean,
    FieldKind.DURATION: times.duration,
    FieldKind.MOMENT: times.moment,
    FieldKind.CHOICE: single.choice,
    FieldKind.CHOICES: single.choices,
    FieldKind.LIST: lists.lines,
    FieldKind.MAPPING: tables.mapping,
    FieldKind.SECRET: single.secret,
    FieldKind.GROUP: _group,
    FieldKind.GROUPS: _groups,
    FieldKind.FILE: files.file,
    FieldKind.ANY: anything.json,
}
