"""The part of SOQL that Salesforce's stand-in understands: one object, conditions by type, order, limit and COUNT()."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from operator import eq, ge, gt, le, lt, ne
from typing import Any

import msgspec

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|\\.)*')|(?P<moment>\d{4}-\d\d-\d\dT[\d:]+(?:Z|[+-]\d\d:\d\d))|(?P<date>\d{4}-\d\d-\d\d)"
    r"|(?P<number>[+-]?\d+(?:\.\d+)?)|(?P<word>[A-Za-z]\w*(?:\.\w+)?)|(?P<sign><=|>=|!=|[=<>(),]))",
    re.DOTALL | re.ASCII,
)
_ESCAPED = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\"}
_SIGNS: Mapping[str, Callable[[Any, Any], bool]] = {"=": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}
_KINDS = {"double": "number", "int": "number", "currency": "number", "date": "date", "datetime": "moment"}
Condition = Callable[[Mapping[str, Any]], bool]


class SoqlError(Exception):
    """The query is not understood; `code` is Salesforce's word for why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Select(msgspec.Struct):
    """One query, ready to be asked of rows; `fields` is empty for COUNT()."""

    fields: Sequence[str]
    thing: str
    fits: Condition
    order: Sequence[tuple[str, bool]]
    limit: int

    def of(self, rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """Return the rows that it asks for, in their order."""
        found = [row for row in rows if self.fits(row)]
        for name, falling in reversed(self.order):
            found.sort(key=lambda row: _sorted(row[name]), reverse=falling)
        return found[: self.limit]


class Parser:
    """Reads one query; `fields` says which fields each object has, and their types."""

    def __init__(self, soql: str, objects: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> None:
        self._objects = objects
        self._fields: Mapping[str, Mapping[str, Any]] = {}
        self._thing = ""
        self._tokens = list(_tokens(soql))
        self._at = 0

    def select(self) -> Select:
        """Return the query."""
        self._expect("SELECT")
        wanted = self._wanted()
        self._expect("FROM")
        self._thing = self._take("word")
        if self._thing not in self._objects:
            raise SoqlError("INVALID_TYPE", f"sObject type '{self._thing}' is not supported.")
        self._fields = self._objects[self._thing]
        fits = self._condition() if self._skip("WHERE") else _always
        order = self._order() if self._skip("ORDER") else []
        limit = int(self._take("number")) if self._skip("LIMIT") else 50_000
        if self._at < len(self._tokens):
            raise self._unexpected()
        if wanted == ["*"] and limit > 200:
            raise SoqlError("MALFORMED_QUERY", "The SOQL FIELDS function must have a LIMIT of at most 200")
        return Select(self._known(wanted), self._thing, fits, order, limit)

    def _wanted(self) -> list[str]:
        first = self._take("word")
        if first.upper() in {"COUNT", "FIELDS"}:
            self._expect("(")
            if first.upper() == "FIELDS":
                self._expect("ALL")
            self._expect(")")
            return ["*"] if first.upper() == "FIELDS" else []
        names = [first]
        while self._skip(","):
            names.append(self._take("word"))
        return names

    def _known(self, wanted: Sequence[str]) -> list[str]:
        every = [name for name in self._fields if "." not in name]
        names = every if list(wanted) == ["*"] else [self._field(name) for name in wanted]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise SoqlError("INVALID_FIELD", f"duplicate field selected: {twice}")
        return names

    def _condition(self) -> Condition:
        """Read conditions; AND and OR side by side need brackets."""
        parts = [self._single()]
        joined = ""
        while (word := self._next().upper()) in {"AND", "OR"} and joined in {"", word}:
            self._at += 1
            joined = word
            parts.append(self._single())
        return _joined(all if joined == "AND" else any, parts)

    def _single(self) -> Condition:
        if self._skip("NOT"):
            inner = self._single()
            return lambda row: not inner(row)
        if self._skip("("):
            inner = self._condition()
            self._expect(")")
            return inner
        name = self._field(self._take("word"))
        field = self._fields[name]
        if not field["filterable"]:
            raise SoqlError("INVALID_FIELD", f"field '{name}' can not be filtered in a query call")
        if self._skip("LIKE"):
            pattern = _pattern(self._take("text")[1:-1])
            return lambda row: row[name] is not None and pattern.fullmatch(row[name]) is not None
        if self._skip("IN"):
            values = [_alike(field, value) for value in self._list(name, field)]
            return lambda row: _alike(field, row[name]) in values
        sign = self._take("sign")
        if sign not in _SIGNS:
            raise self._unexpected()
        value = _alike(field, self._literal(name, field))
        return lambda row: _compared(sign, _alike(field, row[name]), value)

    def _list(self, name: str, field: Mapping[str, Any]) -> list[Any]:
        self._expect("(")
        values = [self._literal(name, field)]
        while self._skip(","):
            values.append(self._literal(name, field))
        self._expect(")")
        return values

    def _literal(self, name: str, field: Mapping[str, Any]) -> Any:
        kind, text = self._tokens[self._at] if self._at < len(self._tokens) else ("", "")
        self._at += 1
        if kind == "word" and text.lower() == "null":
            return None
        wanted = "word" if field["type"] == "boolean" else _KINDS.get(field["type"], "text")
        if kind != wanted or (kind == "word" and text.lower() not in {"true", "false"}):
            how = "should be enclosed in quotes" if wanted == "text" else "should not be enclosed in quotes"
            said = f"value of filter criterion for field '{name}' must be of type {field['type']} and {how}"
            raise SoqlError("INVALID_FIELD", said)
        return _read(kind, text)

    def _order(self) -> list[tuple[str, bool]]:
        self._expect("BY")
        order = []
        while True:
            name = self._field(self._take("word"))
            falling = self._skip("DESC")
            order.append((name, falling))
            if not falling:
                self._skip("ASC")
            if not self._skip(","):
                return order

    def _field(self, name: str) -> str:
        found = next((one for one in self._fields if one.lower() == name.lower()), None)
        if found is None:
            raise SoqlError("INVALID_FIELD", f"No such column '{name}' on entity '{self._thing}'.")
        return found

    def _next(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def _skip(self, word: str) -> bool:
        found = self._next().upper() == word
        self._at += found
        return found

    def _expect(self, word: str) -> None:
        if not self._skip(word):
            raise self._unexpected()

    def _take(self, kind: str) -> str:
        if self._at >= len(self._tokens) or self._tokens[self._at][0] != kind:
            raise self._unexpected()
        self._at += 1
        return self._tokens[self._at - 1][1]

    def _unexpected(self) -> SoqlError:
        return SoqlError("MALFORMED_QUERY", f"unexpected token: '{self._next() or '<EOF>'}'")


def _tokens(soql: str) -> list[tuple[str, str]]:
    found, at, soql = [], 0, soql.rstrip()
    while at < len(soql):
        one = _TOKEN.match(soql, at)
        if one is None:
            raise SoqlError("MALFORMED_QUERY", f"unexpected token: '{soql[at : at + 10]}'")
        at = one.end()
        kind = one.lastgroup or ""
        found.append((kind, one[kind]))
    return found


def _read(kind: str, text: str) -> Any:
    match kind:
        case "text":
            return _ESCAPED.sub(_unescaped, text[1:-1])
        case "moment":
            return datetime.fromisoformat(text).astimezone(UTC)
        case "date":
            return date.fromisoformat(text)
        case "number":
            return float(text)
    return text.lower() == "true"


def _unescaped(found: re.Match[str]) -> str:
    letter = found[1]
    if letter[0] == "u" and len(letter) == 5:
        return chr(int(letter[1:], 16))
    if letter.lower() not in _ESCAPES:
        raise SoqlError("MALFORMED_QUERY", f"Invalid string literal. Illegal character sequence '{found[0]}'")
    return _ESCAPES[letter.lower()]


def _pattern(text: str) -> re.Pattern[str]:
    signs = {"%": ".*", "_": "."}
    return re.compile("".join(signs.get(one, re.escape(one)) for one in text), re.IGNORECASE | re.DOTALL)


def _alike(field: Mapping[str, Any], value: Any) -> Any:
    exact = field["caseSensitive"] or field["type"] in {"id", "reference"}
    return value.casefold() if isinstance(value, str) and not exact else value


def _compared(sign: str, value: Any, wanted: Any) -> bool:
    if None in (value, wanted) and sign not in {"=", "!="}:
        return False
    return _SIGNS[sign](value, wanted)


def _joined(way: Callable[..., bool], parts: Sequence[Condition]) -> Condition:
    return parts[0] if len(parts) == 1 else lambda row: way(part(row) for part in parts)


def _always(row: Mapping[str, Any]) -> bool:
    """Take every row."""
    return row is not None


def _sorted(value: Any) -> tuple[bool, Any]:
    """Sort what is empty first, as Salesforce does unless it is told otherwise."""
    return (value is not None, value if value is not None else 0)
