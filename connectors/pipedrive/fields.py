"""The fields of persons, organizations and deals: what each takes, and values as Pipedrive wants them written."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import msgspec

from connectors.pipedrive.connection import call
from connectors.sdk import Context, SettingsError

_WHOLE = frozenset({"int", "user", "org", "people", "deal", "lead", "project", "stage", "pipeline", "visible_to"})
_LISTS = frozenset({"set"})
# A person has many of each; the first is shown and written under the simple name
SEVERAL = {"email": "emails", "phone": "phones"}
MOST = "500"


class _Option(msgspec.Struct):
    id: int | str
    label: str = ""


class Field(msgspec.Struct, kw_only=True):
    """One field: its code, the name that people see, its type, and the options to choose from."""

    code: str = msgspec.field(name="field_code")
    name: str = msgspec.field(default="", name="field_name")
    type: str = msgspec.field(default="", name="field_type")
    custom: bool = msgspec.field(default=False, name="is_custom_field")
    options: list[_Option] | None = None


class _More(msgspec.Struct):
    next_cursor: str | None = None


class _Fields(msgspec.Struct):
    data: list[Field] = []
    additional_data: _More | None = None


async def fields_of(context: Context[Any, Any], thing: str) -> dict[str, Field]:
    """Return the fields of one kind of records by their codes."""
    found: dict[str, Field] = {}
    params = {"limit": MOST}
    while True:
        page = (await call(context, "GET", f"{thing.removesuffix('s')}Fields", {"params": params})).read(_Fields)
        found |= {one.code: one for one in page.data}
        following = page.additional_data.next_cursor if page.additional_data else None
        if not following:
            break
        params["cursor"] = following
    if thing == "persons":
        found |= {simple: Field(code=simple, name=simple.title()) for simple in SEVERAL}
    return found


def written(field: Field, value: Any) -> Any:
    """Return a value as its field takes it; SettingsError when it cannot."""
    if value in (None, ""):
        return None
    try:
        if field.type in _LISTS:
            return [_option(field, one) for one in (value if isinstance(value, (list, tuple)) else [value])]
        if field.type == "enum":
            return _option(field, value)
        if field.type in _WHOLE and not isinstance(value, Mapping):
            return int(value)
        if field.type in {"double", "monetary"} and not isinstance(value, Mapping):
            return _number(value)
    except (ValueError, TypeError, OverflowError) as error:
        raise SettingsError(
            f"{str(value)[:100]!r} cannot be a value of the field {field.name or field.code}."
        ) from error
    text = value.strip() if isinstance(value, str) else value
    return text.lower() if field.code == "email" and isinstance(text, str) else text


def _number(value: Any) -> float:
    number = float(value)
    # These would go out as null, and empty the field
    if not math.isfinite(number):
        raise ValueError
    return number


def _option(field: Field, value: Any) -> Any:
    """Return the id of an option that is named by its label or its id."""
    known = {str(name): one.id for one in field.options or [] for name in (one.id, one.label)}
    if not known:
        return int(value)
    return known[str(value)] if str(value) in known else int("no such option")
