"""One hub for all tests of this folder, in a database of its own, so that its sweep finds nobody else's work."""

import secrets
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from ipaddress import ip_network
from urllib.parse import urlsplit

import asyncpg
import pytest

from hub import database as hub_database
from hub.composition import build
from hub.config import Config
from hub.supervisor.postgres import Address
from temporal.dev_server import DevServer
from temporal.engine import TemporalEngine, connect
from temporal.worker import create_worker
from tests.runs.hub import Hub, swept
from tests.runs.sink import Sink, served
from workflows.activities import Activities

# A worker, or Temporal, may be silent for so long on a busy machine and is not dead
SILENT = timedelta(seconds=30)


@pytest.fixture(scope="package")
async def own_database(database: str, postgres: Address) -> AsyncIterator[str]:
    """Turn to a database of this folder's own, and back afterwards."""
    name = f"runs_{secrets.token_hex(4)}"
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
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    folder = tmp_path_factory.mktemp("hub")
    (folder / "exchange").mkdir()
    return Config(
        data_dir=folder,
        public_url="http://hub.test",
        allow_networks=(ip_network("127.0.0.0/8"),),
        folder_roots=(folder / "exchange",),
    )


@pytest.fixture(scope="package")
def patient() -> Iterator[None]:
    """Let nothing be done twice because the machine was busy for some seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("temporal.engine.TASK_TIMEOUT", SILENT)
        patch.setattr("temporal.engine.RPC_TIMEOUT", SILENT)
        patch.setattr("workflows.run_recipe.HEARTBEAT", SILENT)
        yield


@pytest.fixture(scope="package")
async def hub(own_database: str, config: Config, temporal_server: DevServer, patient: None) -> AsyncIterator[Hub]:
    """The hub at work: a worker, and a sweep."""
    engine = TemporalEngine()
    client = await connect(temporal_server.address, "default")
    engine.attach(client)
    built = build(config, engine)
    at_work = Hub(built, config.folder_roots[0], engine)
    async with create_worker(client, Activities(built.running.stages, built.running.schedules)), swept(at_work):
        await at_work.wake()
        yield at_work
    await built.running.replies.close()
    built.extraction.close()
    await built.contexts.close()


@pytest.fixture
async def idle(own_database: str, config: Config) -> AsyncIterator[Hub]:
    """A second hub over the same database whose Temporal has never answered: tests move its runs by hand."""
    engine = TemporalEngine()
    built = build(config, engine)
    yield Hub(built, config.folder_roots[0], engine)
    await built.running.replies.close()
    built.extraction.close()
    await built.contexts.close()


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    async with served() as found:
        yield found
