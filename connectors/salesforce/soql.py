"""SOQL in which values are only ever values, and conditions only ever conditions."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from connectors.sdk import SettingsError
from connectors.sdk.texts import storable

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}")
PATH = re.compile(r"[A-Za-z]\w{0,99}(\.[A-Za-z]\w{0,99}){0,5}", re.ASCII)
# Texts are passed over whole; what is left of `:name` is a value. LAST_N_DAYS:30 and 08:00:00 are words of their own.
_PIECES = re.compile(
    r"(?P<text>'(?:[^'\\]|\\.)*')|(?P<word>[A-Za-z]\w*(?:\.\w+|:\d+)*)|(?P<number>[+-]?\.?\d[\w.:+-]*)"
    r"|:(?P<name>[A-Za-z_]\w*)|(?P<sign><=|>=|!=|<>|[=<>(),])|(?P<space>\s+)",
    re.ASCII | re.DOTALL,
)
# Words that end a condition, or begin another clause
_CLAUSES = frozenset(
    ("select", "from", "where", "order", "group", "having", "limit", "offset", "with", "for", "update", "using", "all")
)
_ESCAPES = {"\\": "\\\\", "'": "\\'", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:?\d{2})")


class _Piece:
    """One word, text, number, sign or `:name` of SOQL; `depth` counts the brackets around it."""

    __slots__ = ("depth", "kind", "text")

    def __init__(self, kind: str, text: str, depth: int) -> None:
        self.kind = kind
        self.text = text
        self.depth = depth


def require_condition(text: str) -> None:
    """Raise ValueError unless a text is what may stand after WHERE, and ends there."""
    pieces = _whole(text)
    clause = next((one.text for one in pieces if not one.depth and one.text.lower() in _CLAUSES), "")
    if clause:
        raise ValueError(f"Give only a condition, as after WHERE; {clause.upper()} is another part of a query.")
    if any(one.kind == "name" for one in pieces):
        raise ValueError("A condition has no :names; write the values themselves.")


def require_query(text: str) -> None:
    """Raise ValueError unless a text is one query that only reads."""
    words = [one.text.lower() for one in _whole(text) if not one.depth]
    if words[:1] != ["select"]:
        raise ValueError("Give a query, which begins with SELECT.")
    if "update" in words or "for" in words:
        raise ValueError("A query here only reads: leave out FOR UPDATE, FOR VIEW, FOR REFERENCE and UPDATE.")


def names_in(query: str) -> list[str]:
    """Return the :names of a query."""
    return [one.text for one in _pieces(query) if one.kind == "name"]


def filled(query: str, params: Mapping[str, Any]) -> str:
    """Return a query with values in the places of its :names."""
    return "".join(_value(params[one.text], one.text) if one.kind == "name" else one.text for one in _pieces(query))


def quoted(text: str) -> str:
    """Write a text."""
    return "'" + "".join(_ESCAPES.get(one, one if one >= " " else f"\\u{ord(one):04x}") for one in text) + "'"


def written_moment(moment: datetime) -> str:
    """Write a moment; Salesforce keeps whole seconds, and one without a zone is UTC."""
    try:
        universal = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError as error:
        raise SettingsError(f"{moment} is no time that Salesforce knows.") from error
    return f"{universal.replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def _value(value: Any, name: str) -> str:  # noqa: PLR0911  # one for each kind of value
    """Write one value; a text that is a date or a moment is one, as fields of these types take nothing in quotes."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case datetime():
            return written_moment(value)
        case date():
            return value.isoformat()
        case int():
            return str(value)
        case float() | Decimal() if math.isfinite(value):
            return f"{Decimal(str(value)):f}"
        case str():
            return _of_text(value)
        case list() | tuple() if value:
            return f"({', '.join(_value(one, name) for one in value)})"
    raise SettingsError(f"The value of :{name} cannot stand in a query.")


def _of_text(text: str) -> str:
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text).isoformat()
        if _MOMENT.fullmatch(text):
            return written_moment(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        pass
    return quoted(storable(text))


def _whole(text: str) -> list[_Piece]:
    """Return the pieces of a text whose quotes and brackets are all closed; ValueError otherwise."""
    pieces = [one for one in _pieces(text) if one.kind != "space"]
    if not pieces:
        raise ValueError("There is nothing in it.")
    if pieces[-1].text == "(" or pieces[-1].depth or any(one.depth < 0 for one in pieces):
        raise ValueError("A bracket is opened and not closed, or closed and not opened.")
    return pieces


def _pieces(text: str) -> Iterator[_Piece]:
    at, depth = 0, 0
    while at < len(text):
        found = _PIECES.match(text, at)
        if found is None:
            raise ValueError(f"SOQL has no place for this: {text[at : at + 20]}")
        kind, at = found.lastgroup or "", found.end()
        depth -= found[kind] == ")"
        yield _Piece(kind, found[kind], depth)
        depth += found[kind] == "("
