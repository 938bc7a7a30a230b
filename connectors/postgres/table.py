"""A table as the server describes it, and making one from the first rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from connectors.postgres.words import quoted, quoted_table
from connectors.sdk import SettingsError
from connectors.sdk.records.sql import ColumnType, shown_type

if TYPE_CHECKING:
    import asyncpg

_COLUMNS = """
    select a.attname as name, a.attgenerated = '' and a.attidentity <> 'a' as writable,
           coalesce(a.attnum = any(i.indkey), false) as primary, c.relkind = 'r' as stored
    from pg_attribute a join pg_class c on c.oid = a.attrelid
    left join pg_index i on i.indrelid = a.attrelid and i.indisprimary
    where a.attrelid = to_regclass($1) and a.attnum > 0 and not a.attisdropped
    order by a.attnum
"""
_NAMESAKES = "select relname from pg_class where lower(relname) = lower($1) and relkind in ('r', 'p', 'v', 'f') limit 1"


_SQL_TYPES = {
    ColumnType.TEXT: "text",
    ColumnType.INTEGER: "bigint",
    ColumnType.NUMBER: "numeric",
    ColumnType.BOOLEAN: "boolean",
    ColumnType.DATE: "date",
    ColumnType.TIME: "timestamptz",
    ColumnType.JSON: "jsonb",
}


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """What a write needs to know of its table; `stored`: an ordinary one, whose rows carry their version."""

    name: str
    sql: str
    columns: tuple[str, ...]
    writable: tuple[str, ...]
    primary: tuple[str, ...]
    stored: bool

    def require(self, names: Iterable[str]) -> None:
        """Refuse columns that the table does not have, naming them and those that it has."""
        missing = [name for name in names if name not in self.columns]
        if missing:
            raise SettingsError(
                f"The table {self.name} has no column {', '.join(missing)}. It has: {', '.join(self.columns)}."
            )


async def describe(connection: asyncpg.Connection, name: str) -> Table | None:
    """Return the table, or None when the server has none of that name."""
    rows = await connection.fetch(_COLUMNS, quoted_table(name))
    if not rows:
        return None
    return Table(
        name=name,
        sql=quoted_table(name),
        columns=tuple(row["name"] for row in rows),
        writable=tuple(row["name"] for row in rows if row["writable"]),
        primary=tuple(row["name"] for row in rows if row["primary"]),
        stored=rows[0]["stored"],
    )


async def missing(connection: asyncpg.Connection, name: str) -> SettingsError:
    """Return the error for a table that is not there, with the name that was probably meant."""
    found = await connection.fetchval(_NAMESAKES, name.rpartition(".")[2])
    meant = f" Did you mean {found}?" if found and found != name.rpartition(".")[2] else ""
    return SettingsError(f"There is no table {name}, or this user may not see it.{meant}")


async def create(
    connection: asyncpg.Connection,
    name: str,
    rows: Sequence[Mapping[str, Any]],
    key: Sequence[str],
    types: Mapping[str, ColumnType],
) -> None:
    """Make the table from the columns of the rows, their types as told or as the values show; two may try at once."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    if not columns:
        raise SettingsError(f"The table {name} cannot be made without columns.")
    parts = [f"{quoted(column)} {_SQL_TYPES[types.get(column) or shown_type(column, rows)]}" for column in columns]
    if key:
        parts.append(f"primary key ({', '.join(quoted(column) for column in key)})")
    await connection.execute("select pg_advisory_xact_lock(hashtextextended($1, 0))", f"patchdeck {name}")
    await connection.execute(f"create table if not exists {quoted_table(name)} ({', '.join(parts)})")
