"""What SQL databases have in common: types shown by values, `:names`, and batches with bad rows."""

from __future__ import annotations

import datetime
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Any

import msgspec

from connectors.sdk.errors import SettingsError
from connectors.sdk.items import Receipt, Record, Rejected
from connectors.sdk.records.rows import WriteMode

MOST_ROWS = 10_000
MOST_SECONDS = 300.0
ROWS_A_STATEMENT = 10_000


class ColumnType(StrEnum):
    """What a column of a table we make can hold."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    TIME = "time"
    JSON = "json"


class Line(msgspec.Struct, frozen=True):
    """One row to write and the number of the record it belongs to."""

    record: int
    row: Mapping[str, Any]


class Statement(msgspec.Struct, frozen=True):
    """A statement with the server's own marks, and the name that each of them stands for."""

    sql: str
    names: tuple[str, ...]


def require_query(names: Sequence[str], params: Mapping[str, Any], limit: int, timeout: float) -> None:
    """Raise ValueError for limits out of bounds and names without a value."""
    if not 0 < limit <= MOST_ROWS:
        raise ValueError(f"The most rows can be 1 to {MOST_ROWS}.")
    if not 0 < timeout <= MOST_SECONDS:
        raise ValueError(f"The most seconds can be up to {MOST_SECONDS:.0f}.")
    absent = [name for name in names if name not in params]
    if absent:
        raise ValueError(f"params has no value for :{', :'.join(absent)}.")


def keyless(mode: WriteMode, key: Sequence[str], record: Record) -> str | None:
    """Return why a record cannot be told from others: a part of its key is empty."""
    if mode is WriteMode.INSERT:
        return None
    empty = {name for row in record.rows for name in key if row.get(name) is None}
    return f"The key column {', '.join(sorted(empty))} is empty." if empty else None


def no_row(table: str, key: Sequence[str], record: Record) -> str:
    """Say which row is not there to be updated."""
    named = ", ".join(f"{name} {record.values.get(name)}" for name in key)
    return f"The table {table} has no row with {named} to update."


def chunks(records: Mapping[int, Record], most: int = ROWS_A_STATEMENT) -> Iterator[dict[int, Record]]:
    """Part records so that each part has a bounded number of rows, but for a record that has more by itself."""
    chunk: dict[int, Record] = {}
    rows = 0
    for number, record in records.items():
        if chunk and rows + len(record.rows) > most:
            yield chunk
            chunk, rows = {}, 0
        chunk[number] = record
        rows += len(record.rows)
    if chunk:
        yield chunk


def halves(records: Mapping[int, Record]) -> tuple[dict[int, Record], dict[int, Record]]:
    """Part records in two, to find the bad one among them."""
    numbers = list(records)
    middle = len(numbers) // 2
    return {number: records[number] for number in numbers[:middle]}, {
        number: records[number] for number in numbers[middle:]
    }


Together = Callable[[Mapping[int, Record]], Awaitable[dict[int, Receipt | Rejected]]]


async def write_apart(
    records: Sequence[Record], refusal: Callable[[Record], str | None], together: Together
) -> list[Receipt | Rejected]:
    """Write records in parts with `together`, without those that are refused at once; returns what became of each."""
    outcome: dict[int, Receipt | Rejected] = {}
    sound: dict[int, Record] = {}
    for number, record in enumerate(records):
        reason = refusal(record)
        if reason is None:
            sound[number] = record
        else:
            outcome[number] = Rejected(message=reason)
    for chunk in chunks(sound):
        outcome |= await together(chunk)
    return [outcome[number] for number in range(len(records))]


def shown_type(column: str, rows: Sequence[Mapping[str, Any]]) -> ColumnType:
    """Return the type that fits all values of a column."""
    kinds = {_kind(row[column]) for row in rows if row.get(column) is not None}
    if kinds == {ColumnType.INTEGER, ColumnType.NUMBER}:
        return ColumnType.NUMBER
    return kinds.pop() if len(kinds) == 1 else ColumnType.TEXT


def named_parameters(sql: str, pieces: re.Pattern[str], mark: Callable[[list[str], str], str]) -> Statement:
    """Replace each `:name` that `pieces` finds; `mark` notes the name and returns what stands in its place.

    The pattern's other groups are passed over; `refused` may not stand in a statement at all.
    """
    written: list[str] = []
    names: list[str] = []
    position = 0
    for found in pieces.finditer(sql):
        written.append(sql[position : found.start()])
        position = found.end()
        if found["refused"]:
            raise SettingsError(f"{found['refused'][:20]} cannot stand in a query; write values as :name.")
        written.append(mark(names, found["name"]) if found["name"] else found.group())
    return Statement("".join([*written, sql[position:]]), tuple(names))


def _kind(value: Any) -> ColumnType:
    match value:
        case bool():
            return ColumnType.BOOLEAN
        case int():
            return ColumnType.INTEGER
        case float() | Decimal():
            return ColumnType.NUMBER
        case dict() | list() | tuple():
            return ColumnType.JSON
        case str() if _is_date(value):
            return ColumnType.DATE
        case _:
            return ColumnType.TEXT


def _is_date(text: str) -> bool:
    try:
        return len(text) == 10 and bool(datetime.date.fromisoformat(text))
    except ValueError:
        return False
