"""Values of databases as JSON can carry them, no digit lost."""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any


def plain(value: Any) -> Any:
    """Return a value as JSON: exact numbers, times in ISO form, bytes in hexadecimal, everything else as its text."""
    match value:
        case None | bool() | int() | str():
            return value
        case Mapping():
            return {str(name): plain(inner) for name, inner in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
        case _:
            return _single(value)


def _single(value: Any) -> Any:
    match value:
        case float():
            return value if math.isfinite(value) else str(value)
        case Decimal():
            return number(value)
        case datetime.date() | datetime.time():
            return value.isoformat()
        case bytes():
            return value.hex()
        case _:
            return str(value)


def number(value: Decimal) -> int | float | str:
    """Return an exact number: as a number where JSON's readers keep each digit, else as text."""
    if not value.is_finite():
        return str(value)
    if value == value.to_integral_value() and value.as_tuple().exponent >= 0:  # type: ignore[operator]  # finite
        return int(value)
    return float(value) if Decimal(repr(float(value))) == value else str(value)
