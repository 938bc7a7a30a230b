"""A table as the server describes it, and making one from the first rows."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from connectors.mysql.words import quoted, quoted_table
from connectors.sdk import SettingsError
from connectors.sdk.records.sql import ColumnType, shown_type

if TYPE_CHECKING:
    import aiomysql

_COLUMNS = """
    select column_name as name, data_type as type, column_type as whole, column_key = 'PRI' as is_primary,
           extra as extra, is_nullable = 'NO' and column_default is null as needed
    from information_schema.columns
    where table_schema = coalesce(%s, database()) and table_name = %s order by ordinal_position
"""
_NAMESAKES = """
    select table_name as name from information_schema.tables
    where table_schema = database() and lower(table_name) = lower(%s) limit 1
"""
_SQL_TYPES = {
    ColumnType.TEXT: "longtext",
    ColumnType.INTEGER: "bigint",
    ColumnType.NUMBER: "decimal(65, 20)",
    ColumnType.BOOLEAN: "boolean",
    ColumnType.DATE: "date",
    ColumnType.TIME: "datetime(6)",
    ColumnType.JSON: "json",
}
MOMENTS = frozenset({"datetime", "timestamp"})


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """One column: its type in short and whole, and whether the server fills it in."""

    name: str
    type: str
    whole: str
    primary: bool
    generated: bool
    counts: bool
    needed: bool


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """What a write needs to know of its table."""

    name: str
    sql: str
    columns: dict[str, Column]

    @property
    def primary(self) -> tuple[str, ...]:
        """The columns of the primary key."""
        return tuple(column.name for column in self.columns.values() if column.primary)

    @property
    def writable(self) -> tuple[str, ...]:
        """The columns that values can be written to."""
        return tuple(column.name for column in self.columns.values() if not column.generated)

    def require(self, names: Iterable[str]) -> None:
        """Refuse columns that the table does not have, naming them and those that it has."""
        missing = [name for name in names if name not in self.columns]
        if missing:
            raise SettingsError(
                f"The table {self.name} has no column {', '.join(missing)}. It has: {', '.join(self.columns)}."
            )

    def value(self, name: str, value: Any) -> Any:
        """Return a value as the driver takes it for a column."""
        column = self.columns[name]
        if isinstance(value, (dict, list, tuple)) or (column.type == "json" and not isinstance(value, str)):
            return None if value is None else msgspec.json.encode(value).decode()
        if isinstance(value, str) and column.type in MOMENTS:
            return _moment(value)
        if isinstance(value, str) and column.type == "date":
            return value[:10]
        if isinstance(value, str) and column.whole == "tinyint(1)":
            return {"true": 1, "false": 0}.get(value.lower(), value)
        return value


async def describe(held: aiomysql.Connection, name: str) -> Table | None:
    """Return the table, or None when the server has none of that name."""
    database, _, table = name.rpartition(".")
    rows = await fetch(held, _COLUMNS, (database or None, table))
    if not rows:
        return None
    columns = {
        row["name"]: Column(
            name=row["name"],
            type=row["type"].lower(),
            whole=_text(row["whole"]).lower(),
            primary=bool(row["is_primary"]),
            generated="generated" in row["extra"].lower() and "default_generated" not in row["extra"].lower(),
            counts="auto_increment" in row["extra"].lower(),
            needed=bool(row["needed"]) and "auto_increment" not in row["extra"].lower(),
        )
        for row in rows
    }
    return Table(name=name, sql=quoted_table(name).replace("%", "%%"), columns=columns)


async def missing(held: aiomysql.Connection, name: str) -> SettingsError:
    """Return the error for a table that is not there, with the name that was probably meant."""
    found = await fetch(held, _NAMESAKES, (name.rpartition(".")[2],))
    meant = f" Did you mean {found[0]['name']}?" if found and found[0]["name"] != name else ""
    return SettingsError(f"There is no table {name}, or this user may not see it.{meant}")


async def create(
    held: aiomysql.Connection,
    name: str,
    rows: Sequence[Mapping[str, Any]],
    key: Sequence[str],
    types: Mapping[str, ColumnType],
) -> None:
    """Make the table from the columns of the rows, their types as told or as the values show."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    if not columns:
        raise SettingsError(f"The table {name} cannot be made without columns.")
    kinds = {column: types.get(column) or shown_type(column, rows) for column in columns}
    parts = [f"{quoted(column)} {_sql_type(kind, is_key=column in key)}" for column, kind in kinds.items()]
    if key:
        parts.append(f"primary key ({', '.join(quoted(column) for column in key)})")
    async with held.cursor() as cursor:
        await cursor.execute(f"create table if not exists {quoted_table(name)} ({', '.join(parts)})")


async def fetch(held: aiomysql.Connection, sql: str, values: Sequence[Any] | None = ()) -> list[dict[str, Any]]:
    """Run a statement and return its rows by name."""
    import aiomysql

    async with held.cursor(aiomysql.DictCursor) as cursor:
        await cursor.execute(sql, values)
        rows: list[dict[str, Any]] = await cursor.fetchall()
        return list(rows)


def _sql_type(kind: ColumnType, *, is_key: bool) -> str:
    """A text that is a key must be short enough for an index, and tells upper from lower case."""
    return "varchar(255) collate utf8mb4_bin" if is_key and kind is ColumnType.TEXT else _SQL_TYPES[kind]


def _moment(text: str) -> str:
    """Return a moment as MySQL reads it, in UTC."""
    try:
        moment = datetime.datetime.fromisoformat(text)
    except ValueError:
        return text
    if moment.tzinfo is not None:
        moment = moment.astimezone(datetime.UTC).replace(tzinfo=None)
    return moment.isoformat(" ")


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
