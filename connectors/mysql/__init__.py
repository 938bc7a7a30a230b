"""MySQL and MariaDB: rows out of a query, rows into a table."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import msgspec

from connectors.mysql.connection import Connection, borrowed, connect, speaking
from connectors.mysql.feed import feed_of
from connectors.mysql.images import images_of, values_of
from connectors.mysql.query import ask
from connectors.mysql.settings import Changed, New, Query, Rows
from connectors.mysql.table import Table, create, describe, missing
from connectors.mysql.undo import changes, take_back
from connectors.mysql.write import write
from connectors.sdk import (
    Category,
    Change,
    Connector,
    Context,
    Effect,
    Item,
    Receipt,
    Record,
    Rejected,
    SettingsError,
)
from connectors.sdk.cursors.rows import read_rows
from connectors.sdk.records.rows import WriteMode

if TYPE_CHECKING:
    import aiomysql

connector = Connector(
    "mysql", "MySQL and MariaDB", icon="dns", connection=Connection, tried="MariaDB 10.11", category=Category.TABLES
)


class Token(msgspec.Struct, frozen=True):
    """What decides after a crash: how the rows of each record would stand if it was written."""

    rows: dict[str, list[str | None]]


@connector.hosts
def hosts(connection: Connection) -> Sequence[str]:
    """Name the one server of the connection."""
    return [connection.host]


@connector.check
async def check(connection: Connection, context: Context[Any, Any]) -> None:
    """Sign in and ask for nothing."""
    with speaking():
        held = await connect(connection, context.dial)
        held.close()


@connector.trigger("New row", every=300.0)
async def new_row(context: Context[Connection, New], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each row that is added to a table.

    A column that only grows tells what is new; removed rows are not noticed. Gives the columns of the row.
    """
    feed = await feed_of(context)
    async for item in read_rows(feed, cursor, skip=context.settings.existing == "skip", versions=False):
        yield item


@connector.trigger("New or changed row", every=300.0)
async def changed_row(context: Context[Connection, Changed], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each row that is added or changed, as a column tells that grows with each change.

    Removed rows are not noticed. Gives the columns of the row.
    """
    feed = await feed_of(context)
    async for item in read_rows(feed, cursor, skip=context.settings.existing == "skip", versions=True):
        yield item


@connector.lookup("Query")
async def query(context: Context[Connection, Query]) -> dict[str, Any]:
    """Read rows with a query; values are written as :names and never become SQL."""
    async with borrowed(context) as held:
        rows = await ask(held, context.settings)
    return {"rows": rows, "count": len(rows), "first": rows[0] if rows else None}


@connector.target("Write rows", effect=Effect.CHANGE)
async def write_rows(context: Context[Connection, Rows], records: Sequence[Record]) -> list[Receipt | Rejected]:
    """Add rows to a table, or change them by key, all of a batch in one transaction."""
    async with borrowed(context) as held:
        table = await _table(held, context.settings, records)
    async with _writing(context) as held:
        outcome = await write(held, table, context.settings, records)
        await context.remember(_token(records, outcome))
    return outcome


@write_rows.preview
async def preview(context: Context[Connection, Rows], records: Sequence[Record]) -> list[list[Change]]:
    """Compare the rows with those that are there."""
    async with borrowed(context) as held:
        table = await describe(held, context.settings.table)
        if table is None and not context.settings.create_table:
            raise await missing(held, context.settings.table)
        return await changes(held, table, context.settings, records)


@write_rows.find
async def find(context: Context[Connection, Rows], record: Record, token: str | None) -> Receipt | None:
    """Look whether the rows of a delivery stand as it would have left them."""
    settings = context.settings
    async with borrowed(context) as held:
        table = await describe(held, settings.table)
        if table is None:
            raise await missing(held, settings.table)
        if token is None:
            return await _found_by_key(held, table, settings, record)
        expected = msgspec.json.decode(token, type=Token).rows.get(record.key)
        key = table.primary or settings.key
        if expected is None:
            return None
        if None in expected or not key:
            raise SettingsError("Without a primary key nobody can tell whether this was written; look and decide.")
        written = [text for text in expected if text is not None]
        standing = await images_of(held, table, key, [values_of(text) for text in written])
    return Receipt(reference=settings.table, output={"rows": len(record.rows)}) if standing == written else None


@write_rows.undo
async def undo(context: Context[Connection, Rows], receipt: Receipt) -> Receipt:
    """Put the rows back as they were, where nobody has changed them since."""
    async with _writing(context) as held:
        table = await describe(held, context.settings.table)
        if table is None:
            raise await missing(held, context.settings.table)
        await take_back(held, table, context.settings, receipt)
    return Receipt(reference=receipt.reference, before=receipt.after, after=receipt.before)


@asynccontextmanager
async def _writing(context: Context[Connection, Rows]) -> AsyncIterator[aiomysql.Connection]:
    """Lend a connection in a transaction; only a loss during its commit leaves anything uncertain."""
    async with borrowed(context) as held:
        await held.begin()
        try:
            yield held
        except BaseException:
            held.close()
            raise
        with speaking(uncertain=True):
            await held.commit()


async def _table(held: aiomysql.Connection, settings: Rows, records: Sequence[Record]) -> Table:
    table = await describe(held, settings.table)
    if table is None and settings.create_table:
        rows = [row for record in records for row in record.rows]
        await create(held, settings.table, rows, settings.key, settings.types)
        table = await describe(held, settings.table)
    if table is None:
        raise await missing(held, settings.table)
    table.require(settings.key)
    return table


async def _found_by_key(held: aiomysql.Connection, table: Table, settings: Rows, record: Record) -> Receipt | None:
    """Without a token nothing came to its commit; by its key a row can be looked up all the same."""
    if settings.mode is WriteMode.INSERT:
        return None
    shown = await changes(held, table, settings, [record])
    return None if shown[0] else Receipt(reference=_named(settings, record), output={"rows": len(record.rows)})


def _named(settings: Rows, record: Record) -> str:
    named = ", ".join(f"{name} {record.values[name]}" for name in settings.key)
    return named if len(record.rows) == 1 else settings.table


def _token(records: Sequence[Record], outcome: Sequence[Receipt | Rejected]) -> str:
    rows = {
        record.key: list(result.after)
        for record, result in zip(records, outcome, strict=True)
        if isinstance(result, Receipt)
    }
    return msgspec.json.encode(Token(rows)).decode()
