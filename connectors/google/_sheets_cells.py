"""Values as cells: texts stay texts, so that nothing is computed unless a person asked for it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec

from connectors.google._sheets_tab import Cell, Value

LONGEST = 50_000
# Larger whole numbers lose digits in a cell
_LARGEST = 2**53
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,10})?")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_DAY_ZERO = date(1899, 12, 30)
_AS_DATE = {"numberFormat": {"type": "DATE", "pattern": "yyyy-mm-dd"}}


def entered(value: Any, *, typed: bool) -> Value:
    """Return a value as a cell holds it; `typed` texts become formulas, numbers and dates as if somebody typed them.

    Raises ValueError with a sentence for what no cell can hold.
    """
    match value:
        case None | "":
            return {}
        case bool():
            return {"boolValue": value}
        case int() | float() if math.isfinite(value) and abs(value) <= _LARGEST:
            return {"numberValue": value}
    text = value if isinstance(value, str) else msgspec.json.encode(value, enc_hook=str).decode().strip('"')
    if len(text) > LONGEST:
        raise ValueError(f"A cell holds {LONGEST:,} letters at most, and this is a text of {len(text):,}.")
    return _typed(text) if typed else {"stringValue": text}


def _typed(text: str) -> Value:
    if text.startswith("="):
        return {"formulaValue": text}
    if _NUMBER.fullmatch(text) and not re.match(r"-?0\d", text):
        return {"numberValue": float(text)}
    day = _day(text)
    return {"stringValue": text} if day is None else {"numberValue": (day - _DAY_ZERO).days}


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None


def cell(value: Any, found: Value, *, typed: bool) -> dict[str, Any]:
    """Return a cell as a request carries it; dates that were typed look like dates."""
    made: dict[str, Any] = {"userEnteredValue": found} if found else {}
    if typed and isinstance(value, str) and _day(value):
        made["userEnteredFormat"] = _AS_DATE
    return made


def known_as(found: Value, shown: str) -> set[str]:
    """Return the texts by which a cell can be meant: what was entered, and what people see."""
    return {text for text in (_text(found), shown.strip()) if text}


def same(first: Value, second: Value) -> bool:
    """Tell whether two cells hold the same; 118 and 118.0 do."""
    return {**first} == {**second}


def seen(one: Cell) -> Any:
    """Return what a preview shows of a cell."""
    held = one.user_entered_value
    plain = next((held[name] for name in ("stringValue", "numberValue", "boolValue") if name in held), None)
    return one.formatted_value or None if plain is None else plain


def plain(found: Value) -> Any:
    """Return what a cell that is to be written shows."""
    return next(iter(found.values()), None)


def _text(found: Mapping[str, Any]) -> str:
    match next(iter(found.values()), None):
        case bool() as flag:
            return str(flag).upper()
        case int() | float() as number:
            return str(int(number)) if number == int(number) else str(number)
        case str() as text:
            return text.strip()
        case _:
            return ""
