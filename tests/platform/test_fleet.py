"""More than one machine's worth: any number of webs and workers on one database and one Temporal."""

import asyncio
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.peers import Sink
from hub.supervisor.postgres import EmbeddedPostgres
from temporal.dev_server import DevServer
from tests.platform.fleet import PATIENCE, Fleet, post_all

COUNT = 150


@pytest.fixture
def database_server(tmp_path: Path) -> Iterator[str]:
    """A PostgreSQL of its own: the fleet's workers must not find the work of other tests."""
    server = EmbeddedPostgres(tmp_path / "postgres")
    yield server.start().url
    server.stop()


@pytest.fixture
def fleet(tmp_path: Path, database_server: str, temporal_server: DevServer) -> Iterator[Fleet]:
    fleet = Fleet(tmp_path, database_server, temporal_server.address)
    try:
        fleet.start()
        yield fleet
    finally:
        fleet.end()


@pytest.mark.timeout(900)
async def test_loses_nothing_when_a_web_and_a_worker_are_killed_under_load(fleet: Fleet, tmp_path: Path) -> None:
    with Sink() as sink:
        path = await asyncio.to_thread(fleet.publish, tmp_path, sink.url)
        load = asyncio.create_task(post_all(fleet.webs, path, range(COUNT), 0.03))
        await asyncio.to_thread(sink.wait_for, 30, PATIENCE)
        fleet.webs[0].end(signal.SIGKILL)
        await asyncio.to_thread(sink.wait_for, 60, PATIENCE)
        fleet.workers[0].end(signal.SIGKILL)
        await load
        delivered = await asyncio.to_thread(sink.wait_for, COUNT, PATIENCE)
    assert {one.event for one in delivered} == {f"event-{number}" for number in range(COUNT)}
    assert len({one.key for one in delivered}) == COUNT
