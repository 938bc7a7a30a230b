"""Write many records in few statements; a record that is refused does not hold up the others."""

# ruff: noqa: S608  # names are quoted, values travel as the driver's arguments

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

import msgspec

from connectors.mysql.connection import number_of, said_by
from connectors.mysql.images import image, images_of
from connectors.mysql.settings import Rows
from connectors.mysql.table import Table
from connectors.mysql.words import marked
from connectors.sdk import Receipt, Record, Rejected
from connectors.sdk.records.rows import WriteMode
from connectors.sdk.records.sql import Line, halves, keyless, no_row, write_apart

if TYPE_CHECKING:
    import aiomysql

MOST_BYTES = 500_000
MOST_ROWS = 500
# What the server says of a value or a row: too long, out of range, not a number, null, duplicate, constraint, trigger
_ROW_ERRORS = frozenset(
    {1022, 1048, 1062, 1136, 1216, 1217, 1264, 1265, 1292, 1364, 1366, 1367, 1406, 1411, 1416, 1441, 1451, 1452}
    | {1557, 1586, 1644, 1690, 1761, 1762, 3140, 3141, 3819, 4025}
)
_DUPLICATE = 1062


class Image(msgspec.Struct, frozen=True):
    """One row before and after its write."""

    record: int
    before: str | None
    after: str | None


class _NoRowError(Exception):
    """Records whose rows are not there to be updated."""

    def __init__(self, records: set[int]) -> None:
        super().__init__()
        self.records = records


async def write(
    held: aiomysql.Connection, table: Table, settings: Rows, records: Sequence[Record]
) -> list[Receipt | Rejected]:
    """Write all records in the open transaction and return what became of each, in order."""

    async def together(part: Mapping[int, Record]) -> dict[int, Receipt | Rejected]:
        return await _settle(held, table, settings, part)

    return await write_apart(records, lambda record: keyless(settings.mode, settings.key, record), together)


def reference(table: Table, key: Sequence[str], row: Mapping[str, Any]) -> str:
    """Name a row by its key, or by its table when it has none."""
    names = [name for name in (key or table.primary) if name in row]
    return ", ".join(f"{name} {row[name]}" for name in names) or table.name


async def _settle(
    held: aiomysql.Connection, table: Table, settings: Rows, records: Mapping[int, Record], *, again: bool = True
) -> dict[int, Receipt | Rejected]:
    """Write the records together; when a row is refused, halve them until the bad ones stand alone."""
    import pymysql

    async with held.cursor() as cursor:
        await cursor.execute("savepoint part")
        try:
            images = await _write_together(held, table, settings, records)
        except _NoRowError as error:
            await cursor.execute("rollback to savepoint part")
            rest = {number: record for number, record in records.items() if number not in error.records}
            absent = {
                number: Rejected(message=no_row(settings.table, settings.key, records[number]))
                for number in error.records
            }
            return {**absent, **(await _settle(held, table, settings, rest) if rest else {})}
        except pymysql.MySQLError as error:
            if number_of(error) not in _ROW_ERRORS:
                raise
            await cursor.execute("rollback to savepoint part")
            if len(records) == 1 and again and settings.mode is WriteMode.UPSERT and number_of(error) == _DUPLICATE:
                # Another writer may have added the row since we looked: then it stands now and can be changed
                return await _settle(held, table, settings, records, again=False)
            if len(records) == 1:
                return {
                    number: Rejected(message=f"The database refuses this row: {said_by(error)}.") for number in records
                }
            first, second = halves(records)
            return {
                **await _settle(held, table, settings, first),
                **await _settle(held, table, settings, second),
            }
    return {number: _receipt(table, settings, record, images.get(number, [])) for number, record in records.items()}


async def _write_together(
    held: aiomysql.Connection, table: Table, settings: Rows, records: Mapping[int, Record]
) -> dict[int, list[Image]]:
    lines = [Line(number, row) for number, record in records.items() for row in record.rows]
    images: dict[int, list[Image]] = {}
    for columns, group in groupby(lines, key=lambda line: tuple(line.row)):
        table.require(columns)
        if settings.mode is WriteMode.INSERT:
            written = await _insert(held, table, columns, list(group))
        else:
            written = await _merge(held, table, settings, columns, list(group))
        for one in written:
            images.setdefault(one.record, []).append(one)
    return images


async def _insert(
    held: aiomysql.Connection, table: Table, columns: tuple[str, ...], lines: Sequence[Line]
) -> list[Image]:
    identities: list[dict[str, Any] | None] = []
    for part in _parts(lines):
        first = await _add(held, table, columns, part)
        identities += [_identity(table, line.row, first, place) for place, line in enumerate(part)]
    known = [identity for identity in identities if identity is not None]
    found = await images_of(held, table, table.primary, known) if len(known) == len(lines) else [None] * len(lines)
    return [Image(line.record, None, after) for line, after in zip(lines, found, strict=True)]


async def _add(held: aiomysql.Connection, table: Table, columns: Sequence[str], lines: Sequence[Line]) -> int:
    """Add rows with one statement; returns the first number that the server counted."""
    names = ", ".join(marked(name) for name in columns)
    marks = f"({', '.join(['%s'] * len(columns))})"
    values = [table.value(name, line.row[name]) for line in lines for name in columns]
    async with held.cursor() as cursor:
        await cursor.execute(f"insert into {table.sql} ({names}) values {', '.join([marks] * len(lines))}", values)
        return int(cursor.lastrowid or 0)


async def _merge(
    held: aiomysql.Connection, table: Table, settings: Rows, columns: tuple[str, ...], lines: Sequence[Line]
) -> list[Image]:
    """Change what is there, by key; of several rows with one key only the last is written."""
    newest = {tuple(str(line.row[name]) for name in settings.key): line for line in lines}
    kept = list(newest.values())
    keys = [line.row for line in kept]
    before = await images_of(held, table, settings.key, keys, lock=True)
    absent = [line for line, found in zip(kept, before, strict=True) if found is None]
    if absent and settings.mode is WriteMode.UPDATE:
        raise _NoRowError({line.record for line in absent})
    for part in _parts(absent):
        await _add(held, table, columns, part)
    await _change(held, table, settings, [line for line, found in zip(kept, before, strict=True) if found is not None])
    after = await images_of(held, table, settings.key, keys)
    return [Image(line.record, old, new) for line, old, new in zip(kept, before, after, strict=True)]


async def _change(held: aiomysql.Connection, table: Table, settings: Rows, lines: Sequence[Line]) -> None:
    if not lines:
        return
    columns = list(lines[0].row)
    rest = [name for name in columns if name not in settings.key] or list(settings.key)
    sets = ", ".join(f"{marked(name)} = %s" for name in rest)
    where = " and ".join(f"{marked(name)} = %s" for name in settings.key)
    async with held.cursor() as cursor:
        for line in lines:
            values = [table.value(name, line.row[name]) for name in (*rest, *settings.key)]
            await cursor.execute(f"update {table.sql} set {sets} where {where}", values)


def _parts(lines: Sequence[Line]) -> list[list[Line]]:
    """Part rows so that a statement stays below what servers take."""
    parts: list[list[Line]] = []
    size = MOST_BYTES
    for line in lines:
        own = len(msgspec.json.encode(line.row))
        if size + own > MOST_BYTES or len(parts[-1]) == MOST_ROWS:
            parts.append([])
            size = 0
        parts[-1].append(line)
        size += own
    return parts


def _identity(table: Table, row: Mapping[str, Any], first: int, place: int) -> dict[str, Any] | None:
    """Return an added row's primary key: as written, or as the server counted on from the first row."""
    identity = {}
    for name in table.primary:
        if row.get(name) is not None:
            identity[name] = row[name]
        elif table.columns[name].counts and first:
            identity[name] = first + place
        else:
            return None
    return identity or None


def _receipt(table: Table, settings: Rows, record: Record, images: Sequence[Image]) -> Receipt:
    added = sum(one.before is None for one in images)
    only = image(images[0].after) if len(images) == 1 and images[0].after is not None else None
    return Receipt(
        reference=table.name if only is None else reference(table, settings.key, only),
        output={"rows": len(record.rows), "added": added, "changed": len(images) - added, "row": only},
        before=[one.before for one in images],
        after=[one.after for one in images],
    )
