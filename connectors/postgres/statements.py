"""The statements of a write: each takes all rows as one JSON parameter, which the server turns into its own types."""

# ruff: noqa: S608  # names are quoted, values only ever travel in $1

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from connectors.postgres.table import Table
from connectors.postgres.words import quoted

_RETURNED = " returning to_jsonb(t.*)::text as image"


def rows(values: Iterable[Mapping[str, Any]]) -> str:
    """Write rows as the one parameter of a statement."""
    return msgspec.json.encode(list(values)).decode()


def images(values: Iterable[str]) -> str:
    """Write rows that the server itself encoded, to the last digit, as the one parameter of a statement."""
    return f"[{','.join(values)}]"


def insert(table: Table, columns: Sequence[str]) -> str:
    """Add every row, in order."""
    return _adding(table, columns) + _RETURNED


def upsert(table: Table, key: Sequence[str], columns: Sequence[str]) -> str:
    """Add or change every row; the keys must differ."""
    rest = [column for column in columns if column not in key] or list(key)
    changes = ", ".join(f"{quoted(column)} = excluded.{quoted(column)}" for column in rest)
    added = "t.xmax = 0" if table.stored else "true"
    return f"{_adding(table, columns)} on conflict ({_names(key)}) do update set {changes}{_RETURNED}, {added} as added"


def update(table: Table, key: Sequence[str], columns: Sequence[str]) -> str:
    """Change the rows that have the keys; says of each how it was."""
    rest = [column for column in columns if column not in key] or list(key)
    changes = ", ".join(f"{quoted(column)} = (i.new).{quoted(column)}" for column in rest)
    same = " and ".join(f"(old.{quoted(name)} = (i.new).{quoted(name)})" for name in key)
    return (
        f"{_incoming(table)} update {table.sql} as t set {changes} from incoming i join {table.sql} old on {same}"
        " where t.ctid = old.ctid and t.tableoid = old.tableoid"
        " returning i.place, to_jsonb(old.*)::text as before, to_jsonb(t.*)::text as image"
    )


def standing(table: Table, key: Sequence[str]) -> str:
    """Lock the rows that have the keys, in one order for all, and return for the last of each key how it stands."""
    keys = ", ".join(f"(new).{quoted(name)}" for name in key)
    return (
        f"{_incoming(table)},"
        f" newest as (select distinct on ({keys}) * from incoming order by {keys}, place desc),"
        f" locked as (select n.place, to_jsonb(t.*)::text as image from newest n join {table.sql} t"
        f" on {_same(key, 'n.new')} order by {keys} for update of t)"
        " select n.place, l.image from newest n left join locked l on l.place = n.place order by n.place"
    )


def preview(table: Table, key: Sequence[str]) -> str:
    """Return for every row how its key's row is and would be, and the version of that row."""
    version = "t.xmin::text" if table.stored else "md5(t.*::text)"
    match = _same(key, "i.new") if key else "false"
    return (
        f"{_incoming(table)} select i.place, to_jsonb(t.*)::text as before, {version} as version,"
        f" to_jsonb(jsonb_populate_record(t.*, i.value))::text as after"
        f" from incoming i left join {table.sql} t on {match} order by i.place"
    )


def remove(table: Table, key: Sequence[str]) -> str:
    """Delete rows that still equal their images; without a key each image takes one of the rows that equal it."""
    if key:
        same = f"{_same(key, 'i.new')} and to_jsonb(t.*) = i.value"
        return f"{_incoming(table)} delete from {table.sql} as t using incoming i where {same}"
    return (
        "with images as (select value, count(*) as copies from jsonb_array_elements($1::jsonb) e(value)"
        " group by value),"
        f" equal as (select t.ctid as place, i.copies, row_number() over (partition by i.value) as nth"
        f" from {table.sql} t join images i on to_jsonb(t.*) = i.value)"
        f" delete from {table.sql} as t where t.ctid in (select place from equal where nth <= copies)"
    )


def put_back(table: Table, key: Sequence[str]) -> str:
    """Set rows that still equal `after` to `before`, both in one element of the parameter."""
    columns = ", ".join(f"{quoted(name)} = (i.old).{quoted(name)}" for name in table.writable)
    return (
        "with incoming as materialized (select e.value->'after' as value,"
        f" jsonb_populate_record(null::{table.sql}, e.value->'after') as new,"
        f" jsonb_populate_record(null::{table.sql}, e.value->'before') as old"
        " from jsonb_array_elements($1::jsonb) e(value))"
        f" update {table.sql} as t set {columns} from incoming i"
        f" where {_same(key, 'i.new')} and to_jsonb(t.*) = i.value"
    )


def _adding(table: Table, columns: Sequence[str]) -> str:
    values = ", ".join(f"(new).{quoted(column)}" for column in columns)
    added = f"insert into {table.sql} as t ({_names(columns)}) select {values} from incoming order by place"
    return f"{_incoming(table)} {added}"


def _incoming(table: Table) -> str:
    return (
        "with incoming as materialized (select e.place, e.value,"
        f" jsonb_populate_record(null::{table.sql}, e.value) as new"
        " from jsonb_array_elements($1::jsonb) with ordinality e(value, place))"
    )


def _same(key: Sequence[str], row: str) -> str:
    return " and ".join(f"t.{quoted(name)} = ({row}).{quoted(name)}" for name in key)


def _names(columns: Sequence[str]) -> str:
    return ", ".join(quoted(column) for column in columns)
