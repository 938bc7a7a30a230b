"""Between values and what people type: nothing changes its type only by having been looked at."""

from __future__ import annotations

from typing import Any

import msgspec

from connectors.sdk.describe import FieldDescription, FieldKind
from connectors.sdk.registry import find_connector
from hub.errors import InvalidError, Problem
from hub.text import MESSAGES, say


def label_of(field: FieldDescription) -> str:
    """Return what stands above a field; one that may always be left out says so.

    One that is only asked for with some choice belongs to it: what it may do without, its hint tells.
    """
    given = field.required or field.when or field.default not in (None, "", [], {})
    return field.title if given else say("form.optional", title=field.title)


def hint_of(field: FieldDescription, more: str = "") -> str:
    """Return the words below a field, with an example; choices that have words of their own show those."""
    hint = "" if field.meanings else field.hint
    return " ".join(part for part in (hint, more, _example(field)) if part)


def word_of(field: FieldDescription, value: str) -> str:
    """Return a choice in words: its own, a service's title, or the value without underscores."""
    known = MESSAGES.get(f"choice.{field.name}.{value}")
    if known is None and field.kind is FieldKind.CHOICES and (connector := find_connector(value)):
        return connector.title
    return known or value.replace("_", " ")


def plain(value: Any) -> str:
    """Write a value as people type it: texts as they are, anything else as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def indented(value: Any) -> str:
    """Write a template as it is, anything else as JSON over several lines."""
    if isinstance(value, str):
        return value
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


def as_before(text: str, held: Any) -> Any:
    """Return a value in the type it had: what was a number or a list stays one, a text stays a text."""
    if text == plain(held):
        return held
    if (isinstance(held, str) or held is None) and not text.startswith(("[", '{"')):
        return text
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text


def whole(value: float | None) -> float | int | None:
    """Return 3 for 3.0: numbers come from the browser with a point."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def decoded(field: FieldDescription, text: str, held: Any, path: str) -> Any:
    """Read a value of any shape: a template or words where these may stand, else JSON."""
    if text == ("" if held in (None, [], {}) else indented(held)):
        return held
    if not text.strip():
        return None
    looks = text.lstrip().startswith(('{"', "{ ", "{}", "[", "{\n"))
    if isinstance(held, str) and not looks:
        return text.strip()
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        if field.templated and not looks:
            return text.strip()
        message = say("form.bad_json", title=field.title)
        raise InvalidError(message, errors=[Problem(path, message)]) from error


def _example(field: FieldDescription) -> str:
    if field.example is None or field.kind in {FieldKind.SECRET, FieldKind.DURATION}:
        return ""
    given = field.example
    if isinstance(given, list) and all(isinstance(one, str) for one in given):
        given = ", ".join(given)
    shown = given if isinstance(given, str) else msgspec.json.encode(given).decode()
    return say("form.example", example=shown)
