"""A database of Debian's MariaDB, an account for the connector, and a look beside it."""

import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from connectors.mysql import write_rows
from connectors.mysql.connection import Connection
from connectors.mysql.settings import Rows
from connectors.sdk import Context, Secret, fill
from tests.peers.mariadb import MariaServer, look, mariadb
from tests.peers.surroundings import Surroundings, surroundings

__all__ = ["mariadb"]


@pytest.fixture(scope="session")
def connection(mariadb: MariaServer) -> Connection:
    return Connection(
        host="localhost",
        port=mariadb.port,
        database=mariadb.database,
        user=mariadb.user,
        password=Secret(mariadb.password),
    )


@pytest.fixture(scope="session")
async def around() -> AsyncIterator[Surroundings]:
    async with surroundings() as made:
        yield made


@pytest.fixture(scope="session")
def beside(mariadb: MariaServer) -> Iterator[Callable[..., Any]]:
    """Run a statement, not through the connector."""
    held = look(mariadb)

    def run(sql: str, *values: Any) -> Any:
        with held.cursor() as cursor:
            cursor.execute(sql, values)
            return list(cursor.fetchall())

    yield run
    held.close()


@pytest.fixture
def table(beside: Callable[..., Any]) -> str:
    """An empty table of invoices with a key."""
    name = f"invoices_{secrets.token_hex(4)}"
    beside(
        f"create table {name} (number varchar(40) primary key, total decimal(30, 9) check (total >= 0), due date,"
        " paid boolean default false, at datetime(6))"
    )
    return name


@pytest.fixture
def context(connection: Connection, around: Surroundings, table: str) -> Callable[..., Context[Any, Any]]:
    """Make a context for writing to the table, by upsert unless told."""

    def make(**settings: Any) -> Context[Any, Any]:
        columns = settings.pop("columns", {"number": "{{ row.number }}", "total": "{{ row.total }}"})
        named = {"table": table, "columns": columns, "mode": "upsert", "key": ["number"], **settings}
        return around.context(fill(Rows, named), connection)

    return make


@pytest.fixture
def write(context: Callable[..., Context[Any, Any]]) -> Callable[..., Any]:
    """Write records and return what became of each."""

    async def call(records: Any, **settings: Any) -> Any:
        return await write_rows(context(**settings), records)

    return call


@pytest.fixture
def rows(beside: Callable[..., Any], table: str) -> Callable[[], Any]:
    """Read the table as it is."""

    def read() -> list[tuple[str, float | None]]:
        found = beside(f"select number, total from {table} order by number")
        return [(number, None if total is None else float(total)) for number, total in found]

    return read
