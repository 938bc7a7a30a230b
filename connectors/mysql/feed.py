"""A table as a trigger reads it: in order of a column and of the key."""

# ruff: noqa: S608  # names are quoted, values travel as the driver's arguments

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Any

from connectors.mysql.connection import Connection, borrowed
from connectors.mysql.settings import New
from connectors.mysql.table import Table, describe, fetch, missing
from connectors.mysql.words import marked
from connectors.sdk import Context, SettingsError
from connectors.sdk.cursors.rows import PAGE, Row, decode_value, encode_value, moved_back
from connectors.sdk.records.plain import plain


class Feed:
    """The rows of one table; each page is a question of its own, so that nothing stays open in between."""

    def __init__(self, context: Context[Connection, Any], table: Table, key: Sequence[str]) -> None:
        self._borrowed = partial(borrowed, context)
        self._settings: New = context.settings
        self._table = table
        self._key = key
        self._order = marked(self._settings.order)

    async def newest(self) -> Any | None:
        """Return the highest value of the column."""
        async with self._borrowed() as held:
            rows = await fetch(held, f"select max({self._order}) as newest from {self._table.sql}")
        return rows[0]["newest"]

    async def pages(self, start: Any | None) -> AsyncIterator[Sequence[Row]]:
        """Yield rows in order, without those that lack a value."""
        where, values = f"{self._order} is not null", []
        if start is not None:
            where, values = f"{self._order} >= %s", [start]
        names = [self._settings.order, *(name for name in self._key if name != self._settings.order)]
        order = ", ".join(marked(name) for name in names)
        while True:
            async with self._borrowed() as held:
                rows = await fetch(
                    held, f"select * from {self._table.sql} where {where} order by {order} limit {PAGE}", values
                )
            yield [self._row(row) for row in rows]
            if len(rows) < PAGE:
                return
            where = f"({order}) > ({', '.join(['%s'] * len(names))})"
            values = [rows[-1][name] for name in names]

    def encode(self, value: Any) -> str:
        """Write a value with its kind."""
        return encode_value(value)

    def decode(self, text: str) -> Any:
        """Read what `encode` wrote."""
        return decode_value(text)

    def before(self, value: Any) -> Any:
        """Return the value from which rows are looked at again."""
        return moved_back(value, self._settings.look_back)

    def _row(self, row: dict[str, Any]) -> Row:
        key = " ".join(str(plain(row[name])) for name in self._key)
        return Row(value=row[self._settings.order], key=key, content={name: plain(row[name]) for name in row})


async def feed_of(context: Context[Connection, Any]) -> Feed:
    """Return the table that the settings name, with the key that rows are known by."""
    settings: New = context.settings
    async with borrowed(context) as held:
        table = await describe(held, settings.table)
        if table is None:
            raise await missing(held, settings.table)
    table.require((settings.order, *settings.key))
    key = settings.key or table.primary
    if not key:
        raise SettingsError(f"The table {table.name} has no primary key; name the columns that say which row it is.")
    return Feed(context, table, key)
