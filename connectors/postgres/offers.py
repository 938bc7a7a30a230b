"""What a database has to choose from while a form is filled in: its tables, and the columns of one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from connectors.postgres.connection import Connection, borrowed, speaking
from connectors.postgres.table import missing
from connectors.postgres.words import quoted_table
from connectors.sdk import Choice, Context, Settings, field

MOST = 2_000
_TABLES = """
    select n.nspname as schema, c.relname as name, n.nspname = any(current_schemas(false)) as near,
           obj_description(c.oid, 'pg_class') as text
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'v', 'f') and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
      and has_table_privilege(c.oid, 'select, insert, update')
    order by near desc, n.nspname, c.relname limit $1
"""
_COLUMNS = """
    select a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
           a.attnotnull and not a.atthasdef and a.attidentity = '' as needed
    from pg_attribute a where a.attrelid = to_regclass($1) and a.attnum > 0 and not a.attisdropped
      and ($2 or (a.attgenerated = '' and a.attidentity <> 'a'))
    order by a.attnum
"""


class Place(Settings):
    """Which table's columns are asked for."""

    table: Annotated[str, field("Table")]


async def tables(context: Context[Connection, Any]) -> Sequence[Choice]:
    """Return the tables that this user may use; those outside the search path with their schema."""
    async with borrowed(context) as held:
        with speaking():
            rows = await held.fetch(_TABLES, MOST)
    return [
        Choice(row["name"] if row["near"] else f"{row['schema']}.{row['name']}", (row["text"] or "")[:120])
        for row in rows
    ]


async def columns(context: Context[Connection, Place]) -> Sequence[Choice]:
    """Return the columns of the table that can be written, each with its type and whether it must be given."""
    return await _columns(context, every=False)


async def all_columns(context: Context[Connection, Place]) -> Sequence[Choice]:
    """Return all columns of the table, each with its type."""
    return await _columns(context, every=True)


async def _columns(context: Context[Connection, Place], *, every: bool) -> Sequence[Choice]:
    async with borrowed(context) as held:
        with speaking():
            rows = await held.fetch(_COLUMNS, quoted_table(context.settings.table), every)
            if not rows:
                raise await missing(held, context.settings.table)
    return [Choice(row["name"], f"{row['type']}, needed" if row["needed"] else row["type"]) for row in rows]
