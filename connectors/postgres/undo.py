"""Show what a write would do, and take one back where nobody has touched its rows since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from connectors.postgres import statements
from connectors.postgres.settings import Rows
from connectors.postgres.table import Table
from connectors.postgres.write import decoded, reference
from connectors.sdk import Change, ChangeKind, Receipt, Record, SettingsError
from connectors.sdk.records.rows import WriteMode

if TYPE_CHECKING:
    import asyncpg


async def changes(
    held: asyncpg.Connection, table: Table | None, settings: Rows, records: Sequence[Record]
) -> list[list[Change]]:
    """Return for each record the rows it would add or change, as if the ones before it were written."""
    if table is None:
        return [[Change(kind=ChangeKind.ADD, after=dict(row)) for row in record.rows] for record in records]
    for record in records:
        for row in record.rows:
            table.require(row)
    lines = [(number, row) for number, record in enumerate(records) for row in record.rows]
    key = () if settings.mode is WriteMode.INSERT else settings.key
    found = await held.fetch(statements.preview(table, key), statements.rows(row for _, row in lines))
    shown: list[list[Change]] = [[] for _ in records]
    seen: dict[tuple[Any, ...], dict[str, Any]] = {}
    for line in found:
        number, row = lines[line["place"] - 1]
        after = decoded(line["after"])
        identity = tuple(_hashable(after[name]) for name in key)
        before = seen.get(identity) if key else None
        if before is None and line["before"] is not None:
            before = decoded(line["before"])
        if before is None and settings.mode is WriteMode.UPDATE:
            raise SettingsError(f"The table {table.name} has no row with {reference(table, key, after)} to update.")
        written = {name: after[name] for name in row}
        seen[identity] = {**(before or {}), **written}
        if before != seen[identity]:
            kind = ChangeKind.ADD if before is None else ChangeKind.CHANGE
            change = Change(kind=kind, before=before, after=seen[identity], version=line["version"])
            shown[number].append(msgspec.structs.replace(change, reference=reference(table, key, after)))
    return shown


async def take_back(held: asyncpg.Connection, table: Table, settings: Rows, receipt: Receipt) -> None:
    """Undo one delivery in the open transaction; raises when a row is no longer as it was written."""
    if receipt.after is None:
        raise SettingsError("How the rows were before is not known, so this cannot be undone.")
    pairs = list(zip(receipt.before or [], receipt.after, strict=True))
    added = [after for before, after in pairs if before is None]
    changed = [f'{{"before":{before},"after":{after}}}' for before, after in pairs if before is not None]
    key = table.primary or settings.key
    done = 0
    if changed:
        done += _count(await held.execute(statements.put_back(table, key), statements.images(changed)))
    if added:
        done += _count(await held.execute(statements.remove(table, key), statements.images(added)))
    if done != len(pairs):
        raise SettingsError(
            f"{receipt.reference or table.name} has changed since it was written, so it stays as it is."
        )


def _count(status: str) -> int:
    return int(status.rpartition(" ")[2])


def _hashable(value: Any) -> Any:
    return msgspec.json.encode(value) if isinstance(value, (dict, list, Mapping)) else value
