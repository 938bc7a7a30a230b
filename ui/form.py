"""Forms made of settings structs; this module alone knows which field is which widget."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from nicegui import ui
from nicegui.element import Element

from connectors.sdk.describe import FieldDescription, FieldKind
from hub.errors import InvalidError, Problem
from hub.text import say
from ui.pieces import button, div, words

Read = Callable[[], Any]


class Form:
    """One form: draws the fields of a struct and reads what was filled in; empty means not given."""

    def __init__(
        self, fields: Sequence[FieldDescription], values: Mapping[str, Any], secrets: Sequence[str] = ()
    ) -> None:
        self._fields = fields
        self._values = values
        self._secrets = frozenset(secrets)
        self._reads: dict[str, Read] = {}
        self._elements: dict[str, Element] = {}

    def draw(self) -> None:
        """Draw all fields; rarely needed ones are folded away."""
        with div("pd-stack"):
            for field in self._fields:
                if not field.advanced:
                    self._field(field)
            rare = [field for field in self._fields if field.advanced]
            if rare:
                folded = ui.expansion(say("form.advanced"), icon="tune").props("dense").mark("advanced")
                with folded.style("width: 100%"), div("pd-stack").style("padding-top: 10px"):
                    for field in rare:
                        self._field(field)

    def values(self) -> dict[str, Any]:
        """Return what was filled in; InvalidError names the fields that cannot be read."""
        known = {field.name: field.default for field in self._fields}
        found = {name: value for name, value in self._values.items() if name not in known}
        for name, read in self._reads.items():
            value = read()
            usual = name not in self._values and value == known[name]
            if value not in (None, "", [], {}) and not usual:
                found[name] = value
            elif name in self._secrets:
                found[name] = ""
        return found

    def blame(self, problems: Sequence[Problem]) -> None:
        """Show problems at their fields."""
        for name, element in self._elements.items():
            mine = next(
                (
                    one.message
                    for one in problems
                    if one.path.removeprefix("settings.").split(".")[0].split("[")[0] == name
                ),
                "",
            )
            element.props["error"] = bool(mine)
            element.props["error-message"] = mine

    def _field(self, field: FieldDescription) -> None:
        value = self._values.get(field.name, field.default)
        kind = field.kind
        if field.templated and isinstance(value, str) and kind in _FIXED:
            kind = FieldKind.TEXT  # a template stands in the place of the value
        self._reads[field.name] = WIDGETS[kind](self, field, value)

    def _dressed(self, element: Element, field: FieldDescription, hint: str = "") -> Element:
        """Give a widget its hint, its mark and its look; the label is its own."""
        element.props("outlined").style("width: 100%").mark(f"field-{field.name}")
        element.props["data-testid"] = f"field-{field.name}"
        said = " ".join(part for part in (hint or field.hint, _example(field)) if part)
        if said:
            element.props["hint"] = said
        self._elements[field.name] = element
        return element

    def text(self, field: FieldDescription, value: Any) -> Read:
        """Draw one line of text."""
        made = ui.input(_label(field), value=_plain(value))
        self._dressed(made, field)
        return lambda: str(made.value or "").strip()

    def multiline(self, field: FieldDescription, value: Any) -> Read:
        """Draw several lines of text."""
        made = ui.textarea(_label(field), value=_plain(value)).props("autogrow")
        self._dressed(made, field)
        return lambda: made.value or ""

    def number(self, field: FieldDescription, value: Any) -> Read:
        """Draw a number."""
        made = ui.number(_label(field), value=value)
        self._dressed(made, field)
        return lambda: _whole(made.value)

    def boolean(self, field: FieldDescription, value: Any) -> Read:
        """Draw a switch."""
        made = ui.switch(field.title, value=bool(value)).mark(f"field-{field.name}")
        made.props["data-testid"] = f"field-{field.name}"
        if field.hint:
            words(field.hint, "pd-muted pd-small")
        return lambda: made.value

    def choice(self, field: FieldDescription, value: Any) -> Read:
        """Draw a list to choose from."""
        options = list(field.choices)
        made = ui.select(
            options,
            label=_label(field),
            value=value if value in options else None,
            clearable=not field.required and field.default is None,
        )
        self._dressed(made, field)
        return lambda: made.value

    def secret(self, field: FieldDescription, _value: Any) -> Read:
        """Draw a secret: written, never shown; left empty it stays as it is."""
        made = ui.input(_label(field), password=True, password_toggle_button=True)
        made.props("autocomplete=new-password")
        self._dressed(made, field, say("form.secret_set") if field.name in self._secrets else field.hint)
        return lambda: made.value or ""

    def lines(self, field: FieldDescription, value: Any) -> Read:
        """Draw a list of texts, one a line; a list of groups as JSON."""
        if field.fields:
            return self.json(field, value)
        made = ui.textarea(_label(field), value="\n".join(_plain(one) for one in value or ())).props("autogrow")
        self._dressed(made, field, f"{field.hint} {say('form.one_a_line')}".strip())
        return lambda: [line.strip() for line in (made.value or "").splitlines() if line.strip()]

    def mapping(self, field: FieldDescription, value: Any) -> Read:
        """Draw names and values in pairs."""
        pairs: list[tuple[ui.input, ui.input, Any]] = []
        words(_label(field), "pd-small pd-strong")
        if field.hint:
            words(field.hint, "pd-muted pd-small")
        box = div("pd-stack")

        def add(name: str = "", held: Any = "") -> None:
            with box, div("pd-line").style("flex-wrap: nowrap"):
                first = ui.input(say("form.name"), value=name).props("outlined dense").classes("pd-grow")
                second = ui.input(say("form.value"), value=_plain(held)).props("outlined dense").classes("pd-grow")
                pairs.append((first, second, held))

        for name, held in (value or {}).items():
            add(str(name), held)
        button(say("form.add"), f"add-{field.name}", lambda _: add(), kind="quiet", icon="add")
        return lambda: {name.value: _as_before(typed.value or "", held) for name, typed, held in pairs if name.value}

    def group(self, field: FieldDescription, value: Any) -> Read:
        """Draw a form within the form."""
        inner = Form(field.fields, value if isinstance(value, Mapping) else {})
        words(field.title, "pd-small pd-strong")
        with div("pd-stack").style("padding-left: 14px; border-left: 2px solid var(--line)"):
            inner.draw()
        return inner.values

    def json(self, field: FieldDescription, value: Any) -> Read:
        """Draw a value of any shape as JSON."""
        shown = "" if value in (None, [], {}) else _indented(value)
        made = ui.textarea(_label(field), value=shown).props("autogrow input-class='pd-mono'")
        self._dressed(made, field)
        return lambda: _decoded(field, made.value or "")


_FIXED = frozenset(
    {FieldKind.NUMBER, FieldKind.BOOLEAN, FieldKind.CHOICE, FieldKind.LIST, FieldKind.MAPPING, FieldKind.GROUP}
)
WIDGETS: Mapping[FieldKind, Callable[[Form, FieldDescription, Any], Read]] = {
    FieldKind.TEXT: Form.text,
    FieldKind.MULTILINE: Form.multiline,
    FieldKind.NUMBER: Form.number,
    FieldKind.BOOLEAN: Form.boolean,
    FieldKind.CHOICE: Form.choice,
    FieldKind.LIST: Form.lines,
    FieldKind.MAPPING: Form.mapping,
    FieldKind.SECRET: Form.secret,
    FieldKind.GROUP: Form.group,
    FieldKind.ANY: Form.json,
}


def _label(field: FieldDescription) -> str:
    given = field.required or field.default not in (None, "", [], {})
    return field.title if given else say("form.optional", title=field.title)


def _example(field: FieldDescription) -> str:
    if field.example is None or field.kind is FieldKind.SECRET:
        return ""
    shown = field.example if isinstance(field.example, str) else msgspec.json.encode(field.example).decode()
    return say("form.example", example=shown)


def _plain(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _indented(value: Any) -> str:
    """Write a template as it is, anything else as JSON."""
    if isinstance(value, str):
        return value
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


def _as_before(text: str, held: Any) -> Any:
    """Return a value in the type it had: what was a number or a list stays one, a text stays a text."""
    if text == _plain(held):
        return held
    if isinstance(held, str) and not text.startswith(("[", '{"')):
        return text
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text


def _whole(value: float | None) -> float | int | None:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _decoded(field: FieldDescription, text: str) -> Any:
    if not text.strip():
        return None
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        if field.templated and not text.lstrip().startswith(('{"', "{ ", "[", "{\n")):
            return text.strip()
        raise InvalidError(say("form.bad_json", title=field.title), errors=[Problem(field.name, str(error))]) from error
