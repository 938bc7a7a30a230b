"""Rows that a database orders by a column: which are new or changed since a cursor, page by page.

A column may hold equal values, and a row may be committed after others with a higher value. So a read begins a little
before the newest value, and the cursor holds what was seen in that stretch.
"""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections import deque
from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol

import msgspec

from connectors.sdk.items import Item

PAGE = 500
MOST_REMEMBERED = 50_000
_DIGEST = 8


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One row: the value of the ordering column, what it is known by, and its content."""

    value: Any
    key: str
    content: Any


class Rows(Protocol):
    """A table as a trigger reads it."""

    async def newest(self) -> Any | None:
        """Return the highest value of the column, None when no row has one."""
        ...

    def pages(self, start: Any | None) -> AsyncIterator[Sequence[Row]]:
        """Yield rows in order of column and key, from a value on, or all."""
        ...

    def encode(self, value: Any) -> str:
        """Write a value of the column as text."""
        ...

    def decode(self, text: str) -> Any:
        """Read what `encode` wrote."""
        ...

    def before(self, value: Any) -> Any:
        """Return the value from which rows are looked at again."""
        ...


class _Cursor(msgspec.Struct, omit_defaults=True):
    """The newest value, and digests of the rows that were seen from a little before it on."""

    newest: str | None = None
    seen: str = ""


class _Stretch:
    """The rows at the end of what was read, in order, so that those that lie too far back can be let go."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._seen: deque[tuple[Any, bytes]] = deque(maxlen=MOST_REMEMBERED)
        self.newest: Any | None = None

    def add(self, row: Row) -> None:
        """Take in the next row."""
        if row.value != self.newest:
            self.newest = row.value
            self._forget(self._rows.before(row.value))
        self._seen.append((row.value, _digest(row)))

    def _forget(self, start: Any) -> None:
        while self._seen and _is_before(self._seen[0][0], start):
            self._seen.popleft()

    def dump(self) -> str:
        """Return the cursor."""
        newest = None if self.newest is None else self._rows.encode(self.newest)
        seen = base64.b85encode(b"".join(digest for _, digest in self._seen)).decode()
        return msgspec.json.encode(_Cursor(newest, seen)).decode()


async def read_rows(rows: Rows, cursor: str | None, *, skip: bool, versions: bool) -> AsyncIterator[Item]:
    """Yield an item for each row that was not seen before; each page's last one moves the cursor.

    `skip`: what is there at the first read is only noted. `versions`: a row with a new value is news again.
    """
    position = msgspec.json.decode(cursor, type=_Cursor) if cursor else _Cursor()
    newest = await rows.newest() if cursor is None and skip else None
    if position.newest is not None:
        newest = rows.decode(position.newest)
    known, stretch = _digests(position.seen), _Stretch(rows)
    stretch.newest = newest
    begin = cursor is None and skip
    told = cursor
    if newest is not None or not begin:
        async for page in rows.pages(None if newest is None else rows.before(newest)):
            for row in page:
                stretch.add(row)
            fresh = [row for row in page if not begin and _digest(row) not in known]
            for number, row in enumerate(fresh, 1):
                told = stretch.dump() if number == len(fresh) else told
                yield _item(row, rows, versions=versions, cursor=told if number == len(fresh) else None)
    at_end = stretch.dump()
    if at_end != told and (begin or stretch.newest is not None):
        yield Item(content=None, cursor=at_end)


def _item(row: Row, rows: Rows, *, versions: bool, cursor: str | None) -> Item:
    key = f"{row.key} {rows.encode(row.value)}" if versions else row.key
    return Item(key=key, title=row.key[:100], content=row.content, cursor=cursor)


def _digests(packed: str) -> frozenset[bytes]:
    whole = base64.b85decode(packed)
    return frozenset(whole[start : start + _DIGEST] for start in range(0, len(whole), _DIGEST))


def _digest(row: Row) -> bytes:
    return hashlib.blake2b(f"{row.value} {row.key}".encode(errors="surrogatepass"), digest_size=_DIGEST).digest()


def _is_before(value: Any, start: Any) -> bool:
    """Tell whether a value lies before another; text, which databases order their own way, where it differs."""
    if isinstance(value, str) or type(value) is not type(start):
        return bool(value != start)
    try:
        return bool(value < start)
    except TypeError:
        return bool(value != start)


def moved_back(value: Any, steps: float) -> Any:
    """Return what lies so many seconds (of a time) or steps (of a number) before a value; others stay as they are."""
    by: Any = None
    match value:
        case bool():
            return value
        case int():
            by = int(steps)
        case float():
            by = steps
        case Decimal():
            by = Decimal(str(steps))
        case datetime():
            by = timedelta(seconds=steps)
        case date():
            by = timedelta(days=-(-steps // 86_400))
    try:
        return value if by is None else value - by
    except OverflowError:
        return value


_KINDS = {"int": int, "float": float, "decimal": Decimal, "text": str, "uuid": uuid.UUID}


def encode_value(value: Any) -> str:
    """Write a value that a SQL database gave as text with its kind before it."""
    match value:
        case datetime():
            return f"time {value.isoformat()}"
        case date():
            return f"date {value.isoformat()}"
        case int() | float() | Decimal() | uuid.UUID():
            return f"{type(value).__name__.lower()} {value}"
        case _:
            return f"text {value}"


def decode_value(text: str) -> Any:
    """Read what `encode_value` wrote."""
    kind, _, value = text.partition(" ")
    if kind == "time":
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if kind == "date" else _KINDS[kind](value)
