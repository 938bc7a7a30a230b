"""Cells: what people type or a file holds, as values of a column's type."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

import msgspec

from hub.errors import InvalidError, Problem

TYPES = ("text", "number", "boolean", "date", "json")
LONGEST_TEXT = 100_000
_YES = frozenset({"true", "yes", "1"})
_NO = frozenset({"false", "no", "0"})
_WHOLE = re.compile(r"-?\d{1,30}")
_POINT = re.compile(r"-?\d{1,30}(\.\d{1,30})?([eE][+-]?\d{1,2})?")
_ENGLISH = re.compile(r"-?\d{1,3}(,\d{3})+\.\d+")
_EUROPEAN = re.compile(r"-?(\d{1,3}(\.\d{3})+,\d+|\d+,\d{1,2})")
# As a program writes numbers: no zeros in front, which would be lost, and few enough digits to be exact.
_PLAIN_NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d{1,9})?")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def cell_value(column: str, kind: str, given: Any) -> Any:
    """Return a value of the column's type; empty is nothing. InvalidError names the column and what it takes."""
    if given is None or (isinstance(given, str) and not given.strip()):
        return None
    try:
        convert: Callable[[Any], Any] = _CONVERT.get(kind, _text)
        return convert(given)
    except ValueError as error:
        message = f"{column}: {error}"
        raise InvalidError(message, errors=[Problem(column, str(error))]) from error


def guessed_type(values: Iterable[Any]) -> str:
    """Return the type that all of a column's values have; text unless they leave no doubt."""
    present = [value for value in values if value not in (None, "")]
    if not present:
        return "text"
    fits: Mapping[str, Callable[[Any], bool]] = {
        "boolean": _is_plain_boolean,
        "number": _is_plain_number,
        "date": _is_plain_day,
        "json": _is_nested,
    }
    return next((kind for kind, fit in fits.items() if all(fit(value) for value in present)), "text")


def _text(given: Any) -> str:
    text = given if isinstance(given, str) else msgspec.json.encode(given).decode()
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"A cell holds at most {LONGEST_TEXT:,} letters.")
    return text


def _number(given: Any) -> int | float | Decimal:
    if isinstance(given, (int, float)) and not isinstance(given, bool):
        return given
    text = str(given).strip().replace("\u00a0", "").replace(" ", "")
    if _ENGLISH.fullmatch(text):
        text = text.replace(",", "")
    elif _EUROPEAN.fullmatch(text):
        text = text.replace(".", "").replace(",", ".")
    if _WHOLE.fullmatch(text):
        return int(text)
    if not _POINT.fullmatch(text):
        raise ValueError(f"{str(given)[:40]!r} is no number. Write it such as 1234.50.")
    return Decimal(text)


def _boolean(given: Any) -> bool:
    if isinstance(given, bool):
        return given
    text = str(given).strip().lower()
    if text not in _YES | _NO:
        raise ValueError(f"{str(given)[:40]!r} is neither yes nor no.")
    return text in _YES


def _day(given: Any) -> str:
    text = str(given).strip()
    if not _DAY.fullmatch(text[:10]) or not _is_day(text[:10]):
        raise ValueError(f"{text[:40]!r} is no date. Write it such as 2026-11-21.")
    return text if len(text) <= 40 else text[:10]


def _json(given: Any) -> Any:
    if not isinstance(given, str):
        return given
    try:
        return msgspec.json.decode(given)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError(f"This is not valid JSON: {error}.") from error


def _is_plain_number(value: Any) -> bool:
    if isinstance(value, (int, float)):
        return not isinstance(value, bool)
    return isinstance(value, str) and bool(_PLAIN_NUMBER.fullmatch(value))


def _is_plain_boolean(value: Any) -> bool:
    return isinstance(value, bool) or (isinstance(value, str) and value in {"true", "false"})


def _is_plain_day(value: Any) -> bool:
    return isinstance(value, str) and bool(_DAY.fullmatch(value)) and _is_day(value)


def _is_nested(value: Any) -> bool:
    return isinstance(value, (dict, list))


def _is_day(text: str) -> bool:
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True


_CONVERT: Mapping[str, Callable[[Any], Any]] = {
    "text": _text,
    "number": _number,
    "boolean": _boolean,
    "date": _day,
    "json": _json,
}
