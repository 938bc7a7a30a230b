"""The fields of an object, as Salesforce describes them: what each takes, and how values are written and compared."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

import msgspec

from connectors.salesforce.calls import call
from connectors.salesforce.soql import NAME, quoted, written_moment
from connectors.sdk import Context, SettingsError
from connectors.sdk.texts import storable

_IDENTITY = re.compile(r"[A-Za-z0-9]{15}([A-Za-z0-9]{3})?")
_MOST_DIGITS = 18
_TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_CHECK_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


class Option(msgspec.Struct):
    """One value of a picklist."""

    value: str
    active: bool = True


class Field(msgspec.Struct, kw_only=True, rename="camel"):
    """One field: the name that programs use, the label that people see, its type, and what may be done with it."""

    name: str
    label: str = ""
    type: str = ""
    createable: bool = False
    updateable: bool = False
    nillable: bool = True
    defaulted_on_create: bool = False
    external_id: bool = False
    id_lookup: bool = False
    case_sensitive: bool = False
    filterable: bool = True
    scale: int = 0
    relationship_name: str | None = None
    picklist_values: list[Option] = []

    @property
    def required(self) -> bool:
        """Whether a new record must have a value."""
        return self.createable and not self.nillable and not self.defaulted_on_create


class _Described(msgspec.Struct):
    fields: list[Field]


async def fields_of(context: Context[Any, Any], thing: str) -> dict[str, Field]:
    """Return the fields of an object by their names; those that the user may not see are not there."""
    answer = await call(context, "GET", f"sobjects/{thing}/describe")
    return {one.name: one for one in answer.read(_Described).fields if NAME.fullmatch(one.name)}


def plain(field: Field, value: Any) -> Any:
    """Return a value as its field keeps it; SettingsError when it cannot."""
    if value is None or value in ("", []):
        return False if field.type == "boolean" else None
    try:
        kind: Callable[[Field, Any], Any] = _KINDS.get(field.type, _text)
        kept = kind(field, value)
    except (ValueError, TypeError, OverflowError, InvalidOperation) as error:
        raise SettingsError(f"{str(value)[:100]!r} cannot be a value of the field {field.name}.") from error
    return None if kept == "" else kept


def literal(field: Field, value: Any) -> str:
    """Write a plain value into a query: only texts stand in quotes."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return f"{Decimal(str(value)):f}"
    return value if field.type in {"date", "datetime"} else quoted(value)


def alike(field: Field, value: Any) -> Any:
    """Return a plain value so that two are equal when Salesforce takes them for the same one."""
    exact = field.case_sensitive or field.type in {"id", "reference"} or not isinstance(value, str)
    return value if exact else value.lower()


def _text(field: Field, value: Any) -> str:
    if isinstance(value, (Mapping, list, tuple)):
        raise TypeError
    text = str(value).lower() if isinstance(value, bool) else str(value)
    # As Salesforce keeps it: without spaces around it, each line ended in one way
    text = storable(text).replace("\r\n", "\n").strip()
    return text.lower() if field.type == "email" else text


def _truth(field: Field, value: Any) -> bool:  # noqa: ARG001  # all kinds are asked alike
    text = str(value).strip().lower()
    if text not in _TRUTHS:
        raise ValueError
    return _TRUTHS[text]


def _whole(field: Field, value: Any) -> int:  # noqa: ARG001  # as above
    number = Decimal(str(value).strip())
    if number.adjusted() > _MOST_DIGITS or number != int(number):
        raise ValueError
    return int(number)


def _number(field: Field, value: Any) -> int | float:
    number = Decimal(str(value).strip())
    if not math.isfinite(number) or isinstance(value, bool):
        raise ValueError
    rounded = number.quantize(Decimal(1).scaleb(-field.scale), ROUND_HALF_UP)
    return int(rounded) if rounded == int(rounded) else float(rounded)


def _day(field: Field, value: Any) -> str:  # noqa: ARG001  # as above
    if isinstance(value, date):
        return (value.date() if isinstance(value, datetime) else value).isoformat()
    text = str(value).strip()
    return (date.fromisoformat(text) if len(text) <= 10 else datetime.fromisoformat(text).date()).isoformat()


def _moment(field: Field, value: Any) -> str:  # noqa: ARG001  # as above
    return written_moment(value if isinstance(value, datetime) else datetime.fromisoformat(str(value).strip()))


def _identity(field: Field, value: Any) -> str:
    """Return an id of 18 letters; the last three of them say which of the others are capitals."""
    text = str(value).strip()
    if not _IDENTITY.fullmatch(text):
        raise SettingsError(f"{text[:100]!r} is no id of Salesforce, as the field {field.name} takes one.")
    groups = (text[start : start + 5] for start in (0, 5, 10))
    check = (sum(letter.isupper() << place for place, letter in enumerate(group)) for group in groups)
    return text[:15] + "".join(_CHECK_LETTERS[number] for number in check)


def _several(field: Field, value: Any) -> str:
    """Return the values of a picklist of several, in an order of their own."""
    parts = value if isinstance(value, (list, tuple)) else str(value).split(";")
    return ";".join(sorted({_text(field, part) for part in parts if part not in (None, "")}))


def _refused(field: Field, value: Any) -> Any:  # noqa: ARG001  # as above
    raise SettingsError(f"The field {field.name} is of the type {field.type}, which cannot be written or looked for.")


_KINDS: Mapping[str, Callable[[Field, Any], Any]] = {
    "boolean": _truth,
    "int": _whole,
    "long": _whole,
    "double": _number,
    "currency": _number,
    "percent": _number,
    "date": _day,
    "datetime": _moment,
    "id": _identity,
    "reference": _identity,
    "multipicklist": _several,
    "base64": _refused,
    "address": _refused,
    "location": _refused,
}
