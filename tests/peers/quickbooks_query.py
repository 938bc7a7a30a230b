"""The query language of QuickBooks Online, evaluated: what Intuit documents under Query operations and syntax."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

_TOKEN = re.compile(r"\s*('(?:[^'\\]|\\['\\])*'|<=|>=|[=<>(),*]|[\w.]+)")
MOST = 1_000
_INNER = ("value", "Address", "FreeFormNumber", "URI")


class Unreadable(Exception):  # noqa: N818  # an answer, not a failure of the peer
    """The statement is not in the language."""


class Condition(msgspec.Struct):
    """One condition of a statement; all must hold."""

    name: str
    operator: str
    values: list[str | bool]


class Statement(msgspec.Struct):
    """What a statement asks for."""

    thing: str
    also: list[str] = []
    conditions: list[Condition] = []
    order: str = ""
    descending: bool = False
    start: int = 1
    most: int = 100
    counts: bool = False


def read(text: str) -> Statement:
    """Read a statement word by word; what is left over makes it unreadable."""
    words = _words(text)
    _take(words, "SELECT")
    counts = words[0].upper() == "COUNT"
    if counts:
        words[:4] = ["*"]
    _take(words, "*")
    also = [words.pop(0) for _ in iter(lambda: _next(words, ","), False)]
    _take(words, "FROM")
    found = Statement(words.pop(0), also=also, counts=counts)
    if _next(words, "WHERE"):
        found.conditions.append(_condition(words))
        while _next(words, "AND"):
            found.conditions.append(_condition(words))
    if _next(words, "ORDERBY"):
        found.order = words.pop(0)
        found.descending = _next(words, "DESC") or (_next(words, "ASC") and False)
    found.start = int(words.pop(0)) if _next(words, "STARTPOSITION") else 1
    found.most = int(words.pop(0)) if _next(words, "MAXRESULTS") else 100
    if words or found.most > MOST:
        raise Unreadable(f"Encountered {words[:1] or found.most}")
    return found


def run(statement: Statement, records: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the records that fit, in order, cut to the page."""
    found = [one for one in records if all(_fits(one, condition) for condition in statement.conditions)]
    if statement.order:
        found.sort(key=lambda one: _ordered(value_at(one, statement.order)), reverse=statement.descending)
    return found[statement.start - 1 : statement.start - 1 + statement.most]


def may_fit(values: Mapping[str, Any], statement: Statement) -> bool:
    """Tell early of a record whose text is another one, as most of many are."""
    pairs = [(values.get(one.name), one.values[0]) for one in statement.conditions if one.operator == "="]
    texts = [(held, wanted) for held, wanted in pairs if isinstance(held, str) and isinstance(wanted, str)]
    return all(held.casefold() == wanted.casefold() for held, wanted in texts)


def value_at(record: Any, path: str) -> Any:
    """Return what stands at a path; of a reference its id, of an address the address."""
    found = record
    for part in path.split("."):
        if isinstance(found, list):
            found = found[0] if found else None
        named = {name.lower(): value for name, value in found.items()} if isinstance(found, Mapping) else {}
        found = named.get(part.lower())
    if isinstance(found, Mapping):
        return next((found[name] for name in _INNER if name in found), None)
    return found


def _fits(record: Mapping[str, Any], condition: Condition) -> bool:
    found = value_at(record, condition.name)
    if condition.operator in {"=", "IN"}:
        return any(_same(found, wanted) for wanted in condition.values)
    [wanted] = condition.values
    if found is None:
        return False
    one, other = _ordered(found), _ordered(wanted)
    return bool({"<": one < other, ">": one > other, "<=": one <= other, ">=": one >= other}[condition.operator])


def _same(found: Any, wanted: str | bool) -> bool:
    if isinstance(wanted, bool) or isinstance(found, bool):
        return found is wanted
    return str("" if found is None else found).casefold() == wanted.casefold()


def _ordered(value: Any) -> Any:
    """Return a value as it is put in order: times as times, numbers as numbers, all else as text."""
    text = str("" if value is None else value)
    try:
        return (0, datetime.fromisoformat(text).timestamp(), "") if "T" in text else (0, float(Decimal(text)), "")
    except (ValueError, InvalidOperation):
        return (1, 0.0, text.casefold())


def _condition(words: list[str]) -> Condition:
    name, operator = words.pop(0), words.pop(0).upper()
    if operator != "IN":
        if operator not in {"=", "<", ">", "<=", ">="}:
            raise Unreadable(f"Encountered {operator}")
        return Condition(name, operator, [_literal(words.pop(0))])
    _take(words, "(")
    values = [_literal(words.pop(0))]
    while _next(words, ","):
        values.append(_literal(words.pop(0)))
    _take(words, ")")
    return Condition(name, "IN", values)


def _literal(word: str) -> str | bool:
    if word.startswith("'"):
        return re.sub(r"\\(['\\])", r"\1", word[1:-1])
    if word.lower() in {"true", "false"}:
        return word.lower() == "true"
    if not word.replace(".", "", 1).isdecimal():
        raise Unreadable(f"Encountered {word}")
    return word


def _words(text: str) -> list[str]:
    words, place = [], 0
    while text[place:].strip():
        found = _TOKEN.match(text, place)
        if found is None:
            raise Unreadable(f"Encountered {text[place : place + 20]!r}")
        words.append(found[1])
        place = found.end()
    return words


def _take(words: list[str], wanted: str) -> None:
    if not _next(words, wanted):
        raise Unreadable(f"Encountered {words[:1]}, expected {wanted}")


def _next(words: list[str], wanted: str) -> bool:
    if words and words[0].upper() == wanted:
        words.pop(0)
        return True
    return False
