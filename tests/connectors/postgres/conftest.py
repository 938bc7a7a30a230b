"""A database of Debian's PostgreSQL, an account for the connector, and a look beside it."""

import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import asyncpg
import pytest

from connectors.postgres import write_rows
from connectors.postgres.connection import Connection
from connectors.postgres.settings import Rows
from connectors.sdk import Context, Receipt, Record, Rejected, Secret, fill
from tests.peers.postgres import PostgresServer, postgres_server
from tests.peers.surroundings import Surroundings, surroundings

__all__ = ["postgres_server"]

Contexts = Callable[..., Context[Connection, Rows]]
Write = Callable[..., Any]


@pytest.fixture(scope="session")
def connection(postgres_server: PostgresServer) -> Connection:
    return Connection(
        host=postgres_server.host,
        port=postgres_server.port,
        database="postgres",
        user=postgres_server.user,
        password=Secret(postgres_server.password),
    )


@pytest.fixture(scope="session")
async def around() -> AsyncIterator[Surroundings]:
    async with surroundings() as made:
        yield made


@pytest.fixture(scope="session")
async def beside(postgres_server: PostgresServer) -> AsyncIterator[asyncpg.Connection]:
    """A connection that does not pass through the connector."""
    held = await postgres_server.connect()
    yield held
    await held.close()


@pytest.fixture
async def table(beside: asyncpg.Connection) -> str:
    """An empty table of invoices with a key."""
    name = f"invoices_{secrets.token_hex(4)}"
    await beside.execute(
        f"create table {name}"
        " (number text primary key, total numeric check (total >= 0), due date, paid bool default false)"
    )
    return name


@pytest.fixture
def context(connection: Connection, around: Surroundings, table: str) -> Contexts:
    """Make a context for writing to the table, by upsert unless told."""

    def make(**settings: Any) -> Context[Connection, Rows]:
        columns = settings.pop("columns", {"number": "{{ row.number }}", "total": "{{ row.total }}"})
        named = {"table": table, "columns": columns, "mode": "upsert", "key": ["number"], **settings}
        return around.context(fill(Rows, named), connection)

    return make


@pytest.fixture
def write(context: Contexts) -> Write:
    """Write records and return what became of each."""

    async def call(records: Sequence[Record], **settings: Any) -> Sequence[Receipt | Rejected]:
        outcome: Sequence[Receipt | Rejected] = await write_rows(context(**settings), records)
        return outcome

    return call


@pytest.fixture
def rows(beside: asyncpg.Connection, table: str) -> Callable[[], Any]:
    """Read the table as it is."""

    async def read() -> list[tuple[str, float | None]]:
        found = await beside.fetch(f"select number, total from {table} order by number")
        return [(row["number"], None if row["total"] is None else float(row["total"])) for row in found]

    return read
