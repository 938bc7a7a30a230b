"""PostgreSQL: rows out of a query, rows into a table."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import msgspec

from connectors.postgres.connection import Connection, borrowed, connect, speaking
from connectors.postgres.feed import feed_of, notified
from connectors.postgres.query import ask
from connectors.postgres.settings import Changed, New, Query, Rows
from connectors.postgres.table import Table, create, describe, missing
from connectors.postgres.undo import changes, take_back
from connectors.postgres.write import write
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
    TemporaryError,
)
from connectors.sdk.cursors.rows import read_rows

if TYPE_CHECKING:
    import asyncpg

connector = Connector(
    "postgres", "PostgreSQL", icon="storage", connection=Connection, tried="PostgreSQL 15", category=Category.TABLES
)


class Token(msgspec.Struct, frozen=True):
    """What decides after a crash: the transaction's number, and the records it left out."""

    transaction: str
    rejected: tuple[str, ...] = ()


@connector.hosts
def hosts(connection: Connection) -> Sequence[str]:
    """Name the one server of the connection."""
    return [connection.host]


@connector.check
async def check(connection: Connection, context: Context[Any, Any]) -> None:
    """Sign in and ask for nothing."""
    with speaking():
        held = await connect(connection, context.dial)
        try:
            await held.fetchval("select 1")
        finally:
            await held.close()


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


@new_row.watch
async def watch_new(context: Context[Connection, New]) -> None:
    """Wait until the database notifies the channel."""
    await notified(context)


@changed_row.watch
async def watch_changed(context: Context[Connection, Changed]) -> None:
    """Wait until the database notifies the channel."""
    await notified(context)


@connector.lookup("Query")
async def query(context: Context[Connection, Query]) -> dict[str, Any]:
    """Read rows with a query; values are written as :names and never pasted into the SQL."""
    async with borrowed(context) as held:
        with speaking():
            rows = await ask(held, context.settings)
    return {"rows": rows, "count": len(rows), "first": rows[0] if rows else None}


@connector.target("Write rows", effect=Effect.CHANGE)
async def write_rows(context: Context[Connection, Rows], records: Sequence[Record]) -> list[Receipt | Rejected]:
    """Add rows to a table, or change them by key, all of a batch in one transaction."""
    async with _writing(context) as held:
        table = await _table(held, context.settings, records)
        outcome = await write(held, table, context.settings, records)
        refused = [record.key for record, result in zip(records, outcome, strict=True) if isinstance(result, Rejected)]
        await _remember(context, held, refused)
    return outcome


@write_rows.preview
async def preview(context: Context[Connection, Rows], records: Sequence[Record]) -> list[list[Change]]:
    """Compare the rows with those that are there."""
    async with borrowed(context) as held:
        with speaking():
            async with held.transaction(readonly=True):
                table = await describe(held, context.settings.table)
                if table is None and not context.settings.create_table:
                    raise await missing(held, context.settings.table)
                return await changes(held, table, context.settings, records)


@write_rows.find
async def find(context: Context[Connection, Rows], record: Record, token: str | None) -> Receipt | None:
    """Ask the server whether the transaction of this delivery was committed; without a token it never came so far."""
    import asyncpg

    if token is None:
        return None
    kept = msgspec.json.decode(token, type=Token)
    async with borrowed(context) as held:
        with speaking():
            try:
                status = await held.fetchval("select pg_xact_status($1::text::xid8)", kept.transaction)
            except asyncpg.InvalidParameterValueError:
                status = None
    if status == "in progress":
        raise TemporaryError("The database is still working on it.", retry_after=1.0)
    if status is None:
        raise SettingsError("The database no longer knows whether this was written; look at the table and decide.")
    if status == "aborted" or record.key in kept.rejected:
        return None
    return Receipt(reference=context.settings.table, output={"rows": len(record.rows)})


@write_rows.undo
async def undo(context: Context[Connection, Rows], receipt: Receipt) -> Receipt:
    """Put the rows back as they were, where nobody has changed them since."""
    async with _writing(context) as held:
        table = await describe(held, context.settings.table)
        if table is None:
            raise await missing(held, context.settings.table)
        await take_back(held, table, context.settings, receipt)
        await _remember(context, held, ())
    return Receipt(reference=receipt.reference, before=receipt.after, after=receipt.before)


@asynccontextmanager
async def _writing(context: Context[Connection, Rows]) -> AsyncIterator[asyncpg.Connection]:
    """Lend a connection in a transaction; only a loss during its commit leaves anything uncertain."""
    async with borrowed(context) as held:
        transaction = held.transaction()
        with speaking():
            await transaction.start()
            try:
                yield held
            except BaseException:
                if not held.is_closed():
                    await transaction.rollback()
                raise
        with speaking(uncertain=True):
            await transaction.commit()


async def _table(held: asyncpg.Connection, settings: Rows, records: Sequence[Record]) -> Table:
    table = await describe(held, settings.table)
    if table is None and settings.create_table:
        rows = [row for record in records for row in record.rows]
        await create(held, settings.table, rows, settings.key, settings.types)
        table = await describe(held, settings.table)
    if table is None:
        raise await missing(held, settings.table)
    table.require(settings.key)
    return table


async def _remember(context: Context[Connection, Rows], held: asyncpg.Connection, rejected: Sequence[str]) -> None:
    number = await held.fetchval("select pg_current_xact_id()::text")
    await context.remember(msgspec.json.encode(Token(number, tuple(rejected))).decode())
