"""The attributes of one field of a schema as a form; each problem stands at the attribute it belongs to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec
from nicegui import ui
from nicegui.element import Element

from hub.errors import Problem
from hub.extraction.schemas.fields import SCALARS, Field, FieldType, Format
from hub.text import say
from ui.pieces import div
from ui.schemas.draft import DATES, NUMBERS, place_of, retyped

Changed = Callable[[Field], None]
Made = TypeVar("Made", ui.input, ui.textarea, ui.select)
_BOUNDED = NUMBERS | DATES | {FieldType.STRING}


class FieldForm:
    """Draws what a field says and tells of every change; without the right it only shows it."""

    def __init__(self, field: Field, changed: Changed, *, may: bool, nested: bool = False) -> None:
        self._field = field
        self._changed = changed
        self._may = may
        self._kinds = [kind for kind in FieldType if not nested or kind in SCALARS]
        self._elements: dict[str, Element] = {}

    def draw(self) -> None:
        """Draw the attributes that fields of this type have."""
        field = self._field
        with div("pd-stack pd-field-form"):
            with div("pd-form-pair"):
                self._text("name", field.name)
                self._text("title", field.title)
            with div("pd-form-pair"):
                self._kind()
                self._format()
            required = ui.switch(say("schema.required"), value=field.required).mark("attribute-required")
            required.props["data-testid"] = "attribute-required"
            required.enabled = self._may
            required.on_value_change(lambda event: self._set(required=bool(event.value)))
            self._lines("labels", field.labels)
            self._text("hint", field.hint, long=True)
            self._text("help", field.help, long=True)
            if FieldType.ENUM in {field.type, field.of}:
                self._lines("options", field.options)
            self._bounds()
            self._lines("examples", [_plain(one) for one in field.examples])

    def blame(self, problems: Sequence[Problem]) -> None:
        """Show problems at their attributes."""
        told = {found[1]: one.message for one in reversed(problems) if (found := place_of(one.path))}
        for name, element in self._elements.items():
            element.props["error"] = name in told
            element.props["error-message"] = told.get(name, "")
            element.update()

    def _set(self, **values: object) -> None:
        self._field = msgspec.structs.replace(self._field, **values)
        self._changed(self._field)

    def _kind(self) -> None:
        names = {kind.value: say(f"schemas.type_{kind}") for kind in self._kinds}
        made = ui.select(names, label=say("schema.type"), value=self._field.type.value)
        self._dressed("type", made).on_value_change(lambda event: self._retype(FieldType(event.value)))

    def _retype(self, kind: FieldType) -> None:
        self._field = retyped(self._field, kind)
        self._changed(self._field)

    def _format(self) -> None:
        field = self._field
        if field.type is FieldType.LIST:
            names = {kind.value: say(f"schemas.type_{kind}") for kind in FieldType if kind in SCALARS}
            made = ui.select(names, label=say("schema.of"), value=field.of.value)
            self._dressed("of", made).on_value_change(lambda event: self._set(of=FieldType(event.value)))
        elif field.type is FieldType.STRING:
            formats = {"": say("schema.no_format"), **{one.value: say(f"schema.format_{one}") for one in Format}}
            shown = ui.select(formats, label=say("schema.format"), value=field.format.value if field.format else "")
            self._dressed("format", shown).on_value_change(
                lambda event: self._set(format=Format(event.value) if event.value else None)
            )

    def _bounds(self) -> None:
        field = self._field
        if field.type in {FieldType.STRING, FieldType.LIST}:
            self._text("pattern", field.pattern or "", kept=lambda text: text or None)
        if field.type in _BOUNDED:
            dated = field.type in DATES
            with div("pd-form-pair"):
                for name, value in (("minimum", field.minimum), ("maximum", field.maximum)):
                    self._text(name, _plain(value), kept=lambda text: _bound(text, dated=dated))

    def _text(
        self, name: str, value: str, *, long: bool = False, kept: Callable[[str], object] = lambda text: text
    ) -> None:
        made = (ui.textarea if long else ui.input)(say(f"schema.{name}"), value=value)
        if long:
            made.props("autogrow")
        self._dressed(name, made).on_value_change(lambda event: self._set(**{name: kept(str(event.value or ""))}))

    def _lines(self, name: str, values: Sequence[str]) -> None:
        made = ui.textarea(say(f"schema.{name}"), value="\n".join(values)).props("autogrow")
        self._dressed(name, made).on_value_change(lambda event: self._set(**{name: _lines(str(event.value or ""))}))

    def _dressed(self, name: str, made: Made) -> Made:
        made.props("outlined dense debounce=250").style("width: 100%").mark(f"attribute-{name}")
        made.props["data-testid"] = f"attribute-{name}"
        made.props["hint"] = say(f"schema.{name}_hint")
        made.enabled = self._may
        self._elements[name] = made
        return made


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _bound(text: str, *, dated: bool) -> float | str | None:
    """Read a bound; what is no number stays as it is, so that the problem is told where it stands."""
    if not text.strip():
        return None
    if dated:
        return text.strip()
    try:
        return float(text)
    except ValueError:
        return text.strip()


def _plain(value: object) -> str:
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
