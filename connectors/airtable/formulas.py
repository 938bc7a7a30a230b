"""Formulas of Airtable in which values are only ever values."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from connectors.sdk import SettingsError

# strings and names of fields are passed over; what is left of `:name` is a value
_PIECES = re.compile(
    r"""(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<field>\{(?:[^}\\]|\\.)*\})|:(?P<name>[A-Za-z_]\w*)""",
    re.DOTALL,
)
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def filled(formula: str, params: Mapping[str, Any]) -> str:
    """Return a formula with values in the places of their :names."""

    def piece(found: re.Match[str]) -> str:
        name = found["name"]
        if not name:
            return found.group()
        if name not in params:
            raise SettingsError(f"Values has nothing for :{name}.")
        return literal(params[name])

    return _PIECES.sub(piece, formula)


def names_in(formula: str) -> list[str]:
    """Return the :names that a formula uses."""
    return [found["name"] for found in _PIECES.finditer(formula) if found["name"]]


def literal(value: Any) -> str:
    """Write one value."""
    match value:
        case None:
            return "BLANK()"
        case bool():
            return "TRUE()" if value else "FALSE()"
        case int():
            return str(value)
        case float() if math.isfinite(value):
            return f"{value:.15g}"
        case str():
            return '"' + value.translate(_ESCAPES) + '"'
    raise SettingsError(f"{str(value)[:100]!r} cannot be a value in a formula.")


def named(field: str) -> str:
    """Write the name of a field."""
    return "{" + field.replace("\\", "\\\\").replace("}", "\\}") + "}"


def has_key(fields: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the condition that a record has the key of one of some rows, compared as text."""
    alternatives = [
        "AND(" + ",".join(f'{named(name)}&""={literal(as_text(row.get(name)))}' for name in fields) + ")"
        for row in rows
    ]
    return f"OR({','.join(alternatives)})"


def not_before(what: str, moment: datetime) -> str:
    """Return the condition that a time is at or after a moment."""
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return f"NOT(IS_BEFORE({what},{literal(text)}))"


def as_text(value: Any) -> str:
    """Return a value as Airtable shows it in text."""
    if isinstance(value, bool) or value is None:
        return "1" if value else ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
