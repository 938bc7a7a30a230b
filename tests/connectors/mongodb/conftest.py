"""A collection of a MongoDB server, and a look beside the connector."""

import secrets
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from pymongo import AsyncMongoClient

from connectors.mongodb import write_documents
from connectors.mongodb.connection import Connection
from connectors.mongodb.settings import Documents
from connectors.sdk import Context, fill
from tests.peers.mongo import MongoServer, locked_mongo, mongo
from tests.peers.surroundings import Surroundings, surroundings

__all__ = ["locked_mongo", "mongo"]

DATABASE = "shop"


@pytest.fixture(scope="session")
def connection(mongo: MongoServer) -> Connection:
    return fill(Connection, {"address": mongo.address, "database": DATABASE, "password": ""})


@pytest.fixture(scope="session")
async def around(mongo: MongoServer, locked_mongo: MongoServer) -> AsyncIterator[Surroundings]:
    """Surroundings whose clients are closed before their servers."""
    async with surroundings() as made:
        yield made


@pytest.fixture(scope="session")
async def beside(mongo: MongoServer) -> AsyncIterator[Any]:
    """The database, not through the connector."""
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(mongo.address, tz_aware=True)
    yield client[DATABASE]
    await client.close()


@pytest.fixture
def collection() -> str:
    """The name of a collection that is not there yet."""
    return f"invoices_{secrets.token_hex(4)}"


@pytest.fixture
def context(connection: Connection, around: Surroundings, collection: str) -> Callable[..., Context[Any, Any]]:
    """Make a context for writing to the collection, by upsert unless told."""

    def make(**settings: Any) -> Context[Any, Any]:
        columns = settings.pop("columns", {"number": "{{ row.number }}", "total": "{{ row.total }}"})
        named = {"collection": collection, "columns": columns, "mode": "upsert", "key": ["number"], **settings}
        return around.context(fill(Documents, named), connection)

    return make


@pytest.fixture
def write(context: Callable[..., Context[Any, Any]]) -> Callable[..., Any]:
    """Write records and return what became of each."""

    async def call(records: Any, **settings: Any) -> Any:
        return await write_documents(context(**settings), records)

    return call


@pytest.fixture
def documents(beside: Any, collection: str) -> Callable[[], Any]:
    """Read the collection as it is, without identifiers."""

    async def read() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = await beside[collection].find({}, {"_id": 0}).sort("number", 1).to_list()
        return found

    return read
