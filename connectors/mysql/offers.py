"""What a database has to choose from while a form is filled in: its tables, and the columns of one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from connectors.mysql.connection import Connection, borrowed
from connectors.mysql.table import describe, fetch, missing
from connectors.sdk import Choice, Context, Settings, field

MOST = 2_000
_TABLES = """
    select table_name as name, table_comment as text from information_schema.tables
    where table_schema = database() order by table_name limit 2000
"""


class Place(Settings):
    """Which table's columns are asked for."""

    table: Annotated[str, field("Table")]


async def tables(context: Context[Connection, Any]) -> Sequence[Choice]:
    """Return the tables and views that this user may see."""
    async with borrowed(context) as held:
        rows = await fetch(held, _TABLES)
    return [Choice(row["name"], (row["text"] or "")[:120]) for row in rows]


async def columns(context: Context[Connection, Place]) -> Sequence[Choice]:
    """Return the columns of the table that can be written, each with its type and whether it must be given."""
    return await _columns(context, every=False)


async def all_columns(context: Context[Connection, Place]) -> Sequence[Choice]:
    """Return all columns of the table, each with its type."""
    return await _columns(context, every=True)


async def _columns(context: Context[Connection, Place], *, every: bool) -> Sequence[Choice]:
    async with borrowed(context) as held:
        table = await describe(held, context.settings.table)
        if table is None:
            raise await missing(held, context.settings.table)
    return [
        Choice(column.name, f"{column.whole}, needed" if column.needed else column.whole)
        for column in table.columns.values()
        if every or not column.generated
    ]
