"""Write many records in few statements; a record that is refused does not hold up the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

import msgspec

from connectors.postgres import statements
from connectors.postgres.settings import Mode, Rows
from connectors.postgres.table import Table
from connectors.sdk import Receipt, Record, Rejected, TemporaryError

if TYPE_CHECKING:
    import asyncpg

ROWS_A_STATEMENT = 10_000

# what the server says of a value or a row, not of the table or of itself: bad data, constraints, checks, triggers
_ROW_ERRORS = ("22", "23", "44", "P0")


class Line(msgspec.Struct, frozen=True):
    """One row to write and the number of the record it belongs to."""

    record: int
    row: Mapping[str, Any]


class Image(msgspec.Struct, frozen=True):
    """One row before and after its write, as the server encodes it: numbers keep their last digit."""

    record: int
    before: str | None
    after: str


class _NoRowError(Exception):
    """Records whose rows are not there to be updated."""

    def __init__(self, records: set[int]) -> None:
        super().__init__()
        self.records = records


async def write(
    held: asyncpg.Connection, table: Table, settings: Rows, records: Sequence[Record]
) -> list[Receipt | Rejected]:
    """Write all records in the open transaction and return what became of each, in order."""
    outcome: dict[int, Receipt | Rejected] = {}
    sound: dict[int, Record] = {}
    for number, record in enumerate(records):
        reason = _keyless(settings, record)
        if reason is None:
            sound[number] = record
        else:
            outcome[number] = Rejected(message=reason)
    for chunk in _chunks(sound):
        outcome |= await _settle(held, table, settings, chunk)
    return [outcome[number] for number in range(len(records))]


async def _settle(
    held: asyncpg.Connection, table: Table, settings: Rows, records: Mapping[int, Record]
) -> dict[int, Receipt | Rejected]:
    """Write the records together; when a row is refused, halve them until the bad ones stand alone."""
    import asyncpg

    try:
        async with held.transaction():
            images = await _write_together(held, table, settings, records)
            await held.execute("set constraints all immediate")
    except _NoRowError as error:
        rest = {number: record for number, record in records.items() if number not in error.records}
        absent = {number: Rejected(message=_no_row(settings, records[number])) for number in error.records}
        return {**absent, **(await _settle(held, table, settings, rest) if rest else {})}
    except asyncpg.PostgresError as error:
        if not (error.sqlstate or "").startswith(_ROW_ERRORS):
            raise
        if len(records) == 1:
            return {number: Rejected(message=_refusal(error)) for number in records}
        numbers = list(records)
        halves = numbers[: len(numbers) // 2], numbers[len(numbers) // 2 :]
        first, second = ({number: records[number] for number in half} for half in halves)
        return {
            **await _settle(held, table, settings, first),
            **await _settle(held, table, settings, second),
        }
    return {number: _receipt(table, settings, record, images.get(number, [])) for number, record in records.items()}


async def _write_together(
    held: asyncpg.Connection, table: Table, settings: Rows, records: Mapping[int, Record]
) -> dict[int, list[Image]]:
    lines = [Line(number, row) for number, record in records.items() for row in record.rows]
    images: dict[int, list[Image]] = {}
    for columns, group in groupby(lines, key=lambda line: tuple(line.row)):
        table.require(columns)
        if settings.mode is Mode.INSERT:
            written = await _insert(held, table, columns, list(group))
        else:
            written = await _merge(held, table, settings, columns, list(group))
        for image in written:
            images.setdefault(image.record, []).append(image)
    return images


async def _insert(
    held: asyncpg.Connection, table: Table, columns: tuple[str, ...], lines: Sequence[Line]
) -> list[Image]:
    rows = await held.fetch(statements.insert(table, columns), statements.rows(line.row for line in lines))
    if len(rows) != len(lines):
        return []  # a trigger put some rows elsewhere: there is no telling which
    return [Image(line.record, None, row["image"]) for line, row in zip(lines, rows, strict=True)]


async def _merge(
    held: asyncpg.Connection, table: Table, settings: Rows, columns: tuple[str, ...], lines: Sequence[Line]
) -> list[Image]:
    """Change what is there, by key; of several rows with one key only the last is written."""
    found = await held.fetch(statements.standing(table, settings.key), statements.rows(line.row for line in lines))
    standing = {row["place"] - 1: row["image"] for row in found}
    kept = [lines[place] for place in standing]
    if settings.mode is Mode.UPDATE:
        absent = {lines[place].record for place, image in standing.items() if image is None}
        if absent:
            raise _NoRowError(absent)
        changed = await held.fetch(
            statements.update(table, settings.key, columns), statements.rows(line.row for line in kept)
        )
        return [Image(kept[row["place"] - 1].record, row["before"], row["image"]) for row in changed]
    merged = await held.fetch(
        statements.upsert(table, settings.key, columns), statements.rows(line.row for line in kept)
    )
    images = list(standing.values())
    if len(merged) != len(kept) or any(
        image is None and not row["added"] for image, row in zip(images, merged, strict=True)
    ):
        raise TemporaryError("Another writer added the same rows at this moment.")
    return [Image(line.record, image, row["image"]) for line, image, row in zip(kept, images, merged, strict=True)]


def decoded(image: str) -> dict[str, Any]:
    """Read a row that the server wrote as JSON."""
    return msgspec.json.decode(image, type=dict[str, Any])


def reference(table: Table, key: Sequence[str], row: Mapping[str, Any]) -> str:
    """Name a row by its key, or by its table when it has none."""
    names = [name for name in (key or table.primary) if name in row]
    return ", ".join(f"{name} {row[name]}" for name in names) or table.name


def _receipt(table: Table, settings: Rows, record: Record, images: Sequence[Image]) -> Receipt:
    added = sum(image.before is None for image in images)
    only = decoded(images[0].after) if len(images) == 1 else None
    return Receipt(
        reference=table.name if only is None else reference(table, settings.key, only),
        output={"rows": len(record.rows), "added": added, "changed": len(images) - added, "row": only},
        before=[image.before for image in images],
        after=[image.after for image in images],
    )


def _chunks(records: Mapping[int, Record]) -> Iterator[dict[int, Record]]:
    chunk: dict[int, Record] = {}
    rows = 0
    for number, record in records.items():
        if chunk and rows + len(record.rows) > ROWS_A_STATEMENT:
            yield chunk
            chunk, rows = {}, 0
        chunk[number] = record
        rows += len(record.rows)
    if chunk:
        yield chunk


def _keyless(settings: Rows, record: Record) -> str | None:
    if settings.mode is Mode.INSERT:
        return None
    empty = {name for row in record.rows for name in settings.key if row.get(name) is None}
    return f"The key column {', '.join(sorted(empty))} is empty." if empty else None


def _no_row(settings: Rows, record: Record) -> str:
    key = ", ".join(f"{name} {record.values.get(name)}" for name in settings.key)
    return f"The table {settings.table} has no row with {key} to update."


def _refusal(error: asyncpg.PostgresError) -> str:
    detail = f" {error.detail}" if getattr(error, "detail", None) else ""
    return f"The database refuses this row: {str(error).rstrip('.')}.{detail}"
