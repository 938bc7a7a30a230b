"""Show what a write would do, and take one back where nobody has touched its rows since."""

# ruff: noqa: S608  # names are quoted, values travel as the driver's arguments

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from connectors.mysql.images import image, images_of, values_of
from connectors.mysql.settings import Rows
from connectors.mysql.table import MOMENTS, Table
from connectors.mysql.words import marked
from connectors.mysql.write import reference
from connectors.sdk import Change, ChangeKind, Receipt, Record, SettingsError
from connectors.sdk.records.plain import plain
from connectors.sdk.records.rows import WriteMode

if TYPE_CHECKING:
    import aiomysql


async def changes(
    held: aiomysql.Connection, table: Table | None, settings: Rows, records: Sequence[Record]
) -> list[list[Change]]:
    """Return for each record the rows it would add or change, as if the ones before it were written."""
    if table is None:
        return [[Change(kind=ChangeKind.ADD, after=dict(row)) for row in record.rows] for record in records]
    lines = [(number, row) for number, record in enumerate(records) for row in record.rows]
    for _, row in lines:
        table.require(row)
    key = () if settings.mode is WriteMode.INSERT else settings.key
    found = await images_of(held, table, key, [row for _, row in lines]) if key else [None] * len(lines)
    shown: list[list[Change]] = [[] for _ in records]
    seen: dict[tuple[str, ...], dict[str, Any]] = {}
    for (number, row), stands in zip(lines, found, strict=True):
        identity = tuple(str(row[name]) for name in key)
        before = seen.get(identity) if key else None
        if before is None and stands is not None:
            before = image(stands)
        if before is None and settings.mode is WriteMode.UPDATE:
            raise SettingsError(f"The table {table.name} has no row with {reference(table, key, row)} to update.")
        after = {
            **(before or {}),
            **{name: plain(value) for name, value in row.items() if name not in key or not before},
        }
        seen[identity] = after
        if not _same(table, before, after):
            kind = ChangeKind.ADD if before is None else ChangeKind.CHANGE
            version = None if stands is None else hashlib.sha256(stands.encode()).hexdigest()[:16]
            named = reference(table, key, row)
            shown[number].append(Change(kind=kind, reference=named, before=before, after=after, version=version))
    return shown


async def take_back(held: aiomysql.Connection, table: Table, settings: Rows, receipt: Receipt) -> None:
    """Undo one delivery in the open transaction; raises when a row is no longer as it was written."""
    key = table.primary or settings.key
    if receipt.after is None or receipt.before is None or None in receipt.after or not key:
        raise SettingsError("Without a primary key nobody can tell which rows these were, so this cannot be undone.")
    rows = [values_of(after) for after in receipt.after]
    if await images_of(held, table, key, rows, lock=True) != list(receipt.after):
        raise SettingsError(
            f"{receipt.reference or table.name} has changed since it was written, so it stays as it is."
        )
    where = " and ".join(f"{marked(name)} = %s" for name in key)
    sets = ", ".join(f"{marked(name)} = %s" for name in table.writable)
    async with held.cursor() as cursor:
        for before, row in zip(receipt.before, rows, strict=True):
            found = [row[name] for name in key]
            if before is None:
                await cursor.execute(f"delete from {table.sql} where {where}", found)
            else:
                old = values_of(before)
                await cursor.execute(
                    f"update {table.sql} set {sets} where {where}", [*(old[name] for name in table.writable), *found]
                )


def _same(table: Table, before: dict[str, Any] | None, after: dict[str, Any]) -> bool:
    """Compare as the server would: 118 and "118.00", true and 1, two ways to write a moment are one."""
    if before is None:
        return False
    return all(_told(table, name, before[name]) == _told(table, name, value) for name, value in after.items())


def _told(table: Table, name: str, value: Any) -> Any:
    kept = table.value(name, value)
    if table.columns[name].type in MOMENTS and isinstance(kept, str):
        try:
            return datetime.datetime.fromisoformat(kept)
        except ValueError:
            return kept
    try:
        return kept if kept is None else Decimal(str(int(kept) if isinstance(kept, bool) else kept))
    except InvalidOperation:
        return str(kept)
