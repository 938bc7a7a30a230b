"""Write many records in few statements; a record that is refused does not hold up the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

import msgspec

from connectors.postgres import statements
from connectors.postgres.settings import Rows
from connectors.postgres.table import Table
from connectors.sdk import Receipt, Record, Rejected, TemporaryError
from connectors.sdk.records.rows import WriteMode
from connectors.sdk.records.sql import Line, halves, keyless, no_row, write_apart

if TYPE_CHECKING:
    import asyncpg

# what the server says of a value or a row, not of the table or of itself: bad data, constraints, checks, triggers
_ROW_ERRORS = ("22", "23", "44", "P0")


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

    async def together(part: Mapping[int, Record]) -> dict[int, Receipt | Rejected]:
        return await _settle(held, table, settings, part)

    return await write_apart(records, lambda record: keyless(settings.mode, settings.key, record), together)


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
        absent = {
            number: Rejected(message=no_row(settings.table, settings.key, records[number])) for number in error.records
        }
        return {**absent, **(await _settle(held, table, settings, rest) if rest else {})}
    except asyncpg.PostgresError as error:
        if not (error.sqlstate or "").startswith(_ROW_ERRORS):
            raise
        if len(records) == 1:
            return {number: Rejected(message=_refusal(error)) for number in records}
        first, second = halves(records)
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
        if settings.mode is WriteMode.INSERT:
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
    if settings.mode is WriteMode.UPDATE:
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


def _refusal(error: asyncpg.PostgresError) -> str:
    detail = f" {error.detail}" if getattr(error, "detail", None) else ""
    return f"The database refuses this row: {str(error).rstrip('.')}.{detail}"
