"""A table as a trigger reads it: in order of a column and of the key, and told of news by a channel."""

# ruff: noqa: S608  # names are quoted, values travel as parameters

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from connectors.postgres.connection import Connection, borrowed, connect, speaking
from connectors.postgres.query import opened
from connectors.postgres.settings import New
from connectors.postgres.table import Table, describe, missing
from connectors.postgres.words import quoted
from connectors.sdk import Context, SettingsError, TemporaryError
from connectors.sdk.cursors.rows import PAGE, Row, decode_value, encode_value, moved_back

if TYPE_CHECKING:
    import asyncpg


class Feed:
    """The rows of one table; each page is a question of its own, so that nothing stays open in between."""

    def __init__(self, context: Context[Connection, Any], table: Table, key: Sequence[str]) -> None:
        self._borrowed = partial(borrowed, context)
        self._settings: New = context.settings
        self._table = table
        self._key = key
        self._order = f"t.{quoted(self._settings.order)}"

    async def newest(self) -> Any | None:
        """Return the highest value of the column."""
        async with self._borrowed() as held:
            with speaking():
                return await held.fetchval(
                    f"select {self._order} from {self._table.sql} t where {self._order} is not null"
                    f" order by {self._order} desc limit 1"
                )

    async def pages(self, start: Any | None) -> AsyncIterator[Sequence[Row]]:
        """Yield rows in order, without those that lack a value."""
        where, values = f"{self._order} is not null", []
        if start is not None:
            where, values = f"{self._order} >= $1", [start]
        names = [self._settings.order, *(name for name in self._key if name != self._settings.order)]
        order = ", ".join(f"t.{quoted(name)}" for name in names)
        columns = ", ".join(f"t.{quoted(name)} as place{at}" for at, name in enumerate(names))
        key = ", ".join(f"t.{quoted(name)}::text" for name in self._key)
        select = f"select to_jsonb(t.*)::text as content, array[{key}] as key, {columns} from {self._table.sql} t"
        while True:
            async with self._borrowed() as held:
                with speaking():
                    rows = await held.fetch(f"{select} where {where} order by {order} limit {PAGE}", *values)
            yield [_row(row) for row in rows]
            if len(rows) < PAGE:
                return
            where = f"({order}) > ({', '.join(f'${at}' for at in range(1, len(names) + 1))})"
            values = [rows[-1][f"place{at}"] for at in range(len(names))]

    def encode(self, value: Any) -> str:
        """Write a value with its kind."""
        return encode_value(value)

    def decode(self, text: str) -> Any:
        """Read what `encode` wrote."""
        return decode_value(text)

    def before(self, value: Any) -> Any:
        """Return the value from which rows are looked at again."""
        return moved_back(value, self._settings.look_back)


async def feed_of(context: Context[Connection, Any]) -> Feed:
    """Return the table that the settings name, with the key that rows are known by."""
    settings: New = context.settings
    async with borrowed(context) as held:
        with speaking():
            table = await describe(held, settings.table)
            if table is None:
                raise await missing(held, settings.table)
    table.require((settings.order, *settings.key))
    key = settings.key or table.primary
    if not key:
        raise SettingsError(f"The table {table.name} has no primary key; name the columns that say which row it is.")
    return Feed(context, table, key)


async def notified(context: Context[Connection, Any]) -> None:
    """Listen on a connection of its own until something is said on the channel; without a channel, for ever."""
    settings: New = context.settings
    if not settings.channel:
        await asyncio.Event().wait()
    with speaking():
        held = await connect(context.connection, context.dial)
        heard: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        try:
            held.add_termination_listener(lambda _: _settle(heard, said=False))
            await held.add_listener(settings.channel, lambda *_: _settle(heard, said=True))
            if not await heard:
                raise TemporaryError("The connection to the database was cut.")
        finally:
            held.terminate()


def _settle(heard: asyncio.Future[bool], *, said: bool) -> None:
    if not heard.done():
        heard.set_result(said)


def _row(row: asyncpg.Record) -> Row:
    return Row(value=row["place0"], key=" ".join(row["key"]), content=opened(row["content"]))
