"""Rows as they stand, written down to the last digit so that they can be compared and put back."""

# ruff: noqa: S608  # names are quoted, values travel as the driver's arguments

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from connectors.mysql.table import Table, fetch
from connectors.mysql.words import marked
from connectors.sdk.records.plain import plain

if TYPE_CHECKING:
    import aiomysql

AT_ONCE = 500
_BYTES, _EXACT = "\0bytes ", "\0exact "


async def images_of(
    held: aiomysql.Connection,
    table: Table,
    key: Sequence[str],
    wanted: Sequence[Mapping[str, Any]],
    *,
    lock: bool = False,
) -> list[str | None]:
    """Return for each key how its row stands, None where there is none; locked until the transaction ends if asked."""
    found: list[str | None] = []
    for start in range(0, len(wanted), AT_ONCE):
        found += await _some(held, table, key, wanted[start : start + AT_ONCE], lock=lock)
    return found


async def _some(
    held: aiomysql.Connection, table: Table, key: Sequence[str], wanted: Sequence[Mapping[str, Any]], *, lock: bool
) -> list[str | None]:
    values = [[table.value(name, row[name]) for name in key] for row in wanted]
    rows = await _read(held, table, key, values, lock=lock)
    by_key = {tuple(str(row[name]) for name in key): row for row in rows}
    met = [by_key.get(tuple(str(value) for value in one)) for one in values]
    if len({id(row) for row in met if row is not None}) < len(rows):
        # equal for the server's collation or type, not for us: 17 and "17 ", é and E
        met = [
            row or next(iter(await _read(held, table, key, [one], lock=lock)), None)
            for row, one in zip(met, values, strict=True)
        ]
    return [None if row is None else dumped(row) for row in met]


async def _read(
    held: aiomysql.Connection, table: Table, key: Sequence[str], values: Sequence[Sequence[Any]], *, lock: bool
) -> list[dict[str, Any]]:
    columns = ", ".join(marked(name) for name in table.columns)
    names = ", ".join(marked(name) for name in key)
    marks = f"({', '.join(['%s'] * len(key))})"
    sql = f"select {columns} from {table.sql} where ({names}) in ({', '.join([marks] * len(values))})"
    flat = [value for one in values for value in one]
    return await fetch(held, sql + (" for update" if lock else ""), flat)


def dumped(row: Mapping[str, Any]) -> str:
    """Write a row down."""
    return msgspec.json.encode({name: _exact(value) for name, value in row.items()}).decode()


def image(text: str) -> dict[str, Any]:
    """Read a row that `dumped` wrote, for people: numbers as numbers, bytes in hexadecimal."""
    return {name: plain(value) for name, value in values_of(text).items()}


def values_of(text: str) -> dict[str, Any]:
    """Read a row that `dumped` wrote, for the driver."""
    return {name: _opened(value) for name, value in msgspec.json.decode(text, type=dict[str, Any]).items()}


def _exact(value: Any) -> Any:
    if isinstance(value, bytes):
        return _BYTES + base64.b64encode(value).decode()
    return _EXACT + str(value) if isinstance(value, Decimal) else plain(value)


def _opened(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(_BYTES):
        return base64.b64decode(value.removeprefix(_BYTES))
    if isinstance(value, str) and value.startswith(_EXACT):
        return Decimal(value.removeprefix(_EXACT))
    return value
