"""Ask a database: one statement, read only, with limits on rows and time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import msgspec

from connectors.mysql.connection import number_of
from connectors.mysql.settings import Query
from connectors.mysql.words import with_parameters
from connectors.sdk import SettingsError
from connectors.sdk.records.plain import plain

if TYPE_CHECKING:
    import aiomysql

_READ_ONLY, _INTERRUPTED = 1792, frozenset({1317, 1969, 3024})
_SLOWNESS = 5.0


async def ask(held: aiomysql.Connection, settings: Query) -> list[dict[str, Any]]:
    """Run the query in a transaction that can write nothing and return its rows as plain values."""
    import aiomysql
    import pymysql

    lists = {name: len(value) for name, value in settings.params.items() if isinstance(value, list) and value}
    statement = with_parameters(settings.sql, lists)
    values = [value for name in statement.names for value in _values(settings.params[name])]
    cursor = await held.cursor(aiomysql.SSDictCursor)
    try:
        async with asyncio.timeout(settings.timeout + _SLOWNESS):
            await cursor.execute(_limit(held, settings.timeout))
            await cursor.execute("start transaction read only")
            await cursor.execute(statement.sql, values)
            rows = await cursor.fetchmany(settings.limit + 1)
            if len(rows) > settings.limit:
                held.close()
                raise SettingsError(
                    f"The query found more than {settings.limit} rows; ask for fewer or raise its limit."
                )
            await cursor.execute("rollback")
            await cursor.execute(_limit(held, 0))
    except pymysql.MySQLError as error:
        held.close()
        if number_of(error) in _INTERRUPTED:
            raise SettingsError(f"The query took longer than {settings.timeout:g} seconds.") from error
        if number_of(error) == _READ_ONLY:
            raise SettingsError("A lookup only reads; use mysql.write_rows to write.") from error
        raise
    except TimeoutError as error:
        raise SettingsError(f"The query took longer than {settings.timeout:g} seconds.") from error
    return [{name: plain(value) for name, value in row.items()} for row in rows]


def _limit(held: aiomysql.Connection, seconds: float) -> str:
    """Say how long a statement may take, in the words of the one server or the other; 0 is for ever."""
    if "mariadb" in str(held.get_server_info()).lower():
        return f"set session max_statement_time = {float(seconds):.3f}"
    return f"set session max_execution_time = {int(seconds * 1000)}"


def _values(value: Any) -> list[Any]:
    """Return a value as the driver writes it: a list stands for its elements, as in `in :names`; mappings are JSON."""
    elements = value if isinstance(value, list) and value else [value]
    return [msgspec.json.encode(one).decode() if isinstance(one, (dict, list)) else one for one in elements]
