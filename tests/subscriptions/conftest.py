"""Subscriptions in a database of their own, so that workers send nothing of other tests."""

import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from hub import database as hub_database
from hub.outbox.service import CHANNEL
from hub.supervisor.postgres import Address
from tests.subscriptions.parts import Parts, at_work, parts_of, vault_in
from tests.subscriptions.receiver import Receiver, served


@pytest.fixture(scope="package", autouse=True)
async def own_database(database: str, postgres: Address) -> AsyncIterator[str]:
    """Turn to a database of this folder's own, and back afterwards."""
    name = f"subscriptions_{secrets.token_hex(4)}"
    connection = await asyncpg.connect(postgres.url)
    await connection.execute(f"create database {name}")
    await connection.close()
    url = urlsplit(postgres.url)._replace(path=f"/{name}").geturl()
    await hub_database.close()
    await hub_database.connect(url, max_size=40)
    await hub_database.migrate()
    yield url
    await hub_database.close()
    await hub_database.connect(database)


@pytest.fixture(scope="package")
def key_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the master key lies."""
    return tmp_path_factory.mktemp("key")


@pytest.fixture(scope="package")
async def parts(own_database: str, key_folder: Path) -> AsyncIterator[Parts]:
    """The services of an operator who allows this machine."""
    made = parts_of(vault_in(key_folder), "127.0.0.0/8")
    yield made
    await made.sender.close()


@pytest.fixture
async def working(parts: Parts) -> AsyncIterator[Parts]:
    """The services with a worker at work."""
    async with parts.bell.listening(CHANNEL), at_work(parts.work()):
        yield parts


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with served() as found:
        yield found
