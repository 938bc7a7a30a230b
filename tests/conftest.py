"""Fixtures every area shares: a real PostgreSQL, a migrated database, members of every role, a real Temporal server."""

import gc
import os
import secrets
import signal
import time
from collections.abc import AsyncIterator, Generator, Iterator, Sequence
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg
import msgspec
import pytest
from hypothesis import HealthCheck, settings

from hub import database as hub_database
from hub.ids import new_id
from hub.jail import Jail
from hub.members import Member, Role
from hub.supervisor import child
from hub.supervisor.ports import free_port
from hub.supervisor.postgres import Address, EmbeddedPostgres
from temporal.dev_server import DevServer
from tests import ending
from tests.workers import Dealing, is_alone, number_of_workers, rank, turn

# How long one example takes tells how busy the machine is, and nothing about what is tested
settings.register_profile("patchdeck", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patchdeck")

_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}


def pytest_configure(config: pytest.Config) -> None:
    """Bound the end of shared fixtures: as a plugin, since those of the session are not set up by any folder."""
    config.pluginmanager.register(ending)
    config.addinivalue_line("filterwarnings", "default::tests.ending.SlowEnd")


def pytest_xdist_auto_num_workers() -> int | None:
    """Say how many workers `-n auto` means, unless PYTEST_XDIST_AUTO_NUM_WORKERS does."""
    return None if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ else number_of_workers()


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Dealing:
    """Deal the tests out in the order of `pytest_collection_modifyitems`."""
    config.option.loadscopereorder = False
    return Dealing(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage while collecting: there is none, and looking for it takes a third of the time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the longest tests first, where there are workers to share them."""
    if hasattr(config, "workerinput"):
        items.sort(key=rank)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Let nothing else run beside a test that measures; the time it waits for that is not counted."""
    if not hasattr(item.config, "workerinput"):
        return (yield)
    with turn(item.config.cache.mkdir("turns"), alone=is_alone(item)):
        return (yield)


class Members(msgspec.Struct, frozen=True):
    """One member of each role in one workspace, and the owner of another one."""

    workspace: UUID
    owner: Member
    admin: Member
    editor: Member
    viewer: Member
    outsider: Member


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Address]:
    """A PostgreSQL server for the whole session; it does not wait for the disk."""
    server = EmbeddedPostgres(tmp_path_factory.mktemp("postgres"), _FAST)
    yield server.start()
    server.stop()


@pytest.fixture(scope="session")
async def database_url(postgres: Address) -> str:
    """The URL of a database of its own, empty and not yet migrated."""
    name = f"test_{secrets.token_hex(4)}"
    connection = await asyncpg.connect(postgres.url)
    await connection.execute(f"create database {name}")
    await connection.close()
    return urlsplit(postgres.url)._replace(path=f"/{name}").geturl()


@pytest.fixture(scope="session")
async def database(database_url: str) -> AsyncIterator[str]:
    """The hub's database, migrated, with the pool open; gives its URL."""
    await hub_database.connect(database_url)
    await hub_database.migrate()
    yield database_url
    await hub_database.close()


@pytest.fixture(scope="session")
def jail() -> Iterator[Jail]:
    """One for all tests, as for a process of the hub: its children stay warm."""
    with Jail() as opened:
        yield opened


@pytest.fixture
async def members(database: str) -> Members:
    """A new workspace with a member of every role, and an owner from elsewhere."""
    workspace, elsewhere = new_id(), new_id()
    made = Members(
        workspace=workspace,
        owner=Member(workspace=workspace, user=new_id(), role=Role.OWNER),
        admin=Member(workspace=workspace, user=new_id(), role=Role.ADMIN),
        editor=Member(workspace=workspace, user=new_id(), role=Role.EDITOR),
        viewer=Member(workspace=workspace, user=new_id(), role=Role.VIEWER),
        outsider=Member(workspace=elsewhere, user=new_id(), role=Role.OWNER),
    )
    await _add([workspace, elsewhere], [made.owner, made.admin, made.editor, made.viewer, made.outsider])
    return made


@pytest.fixture
def member(members: Members) -> Member:
    """The owner of a new workspace, who may do everything."""
    return members.owner


@pytest.fixture
def workspace(members: Members) -> UUID:
    """The id of the new workspace."""
    return members.workspace


@pytest.fixture(scope="session")
def temporal_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevServer]:
    """A Temporal dev server with its durable file, as `up` starts it."""
    folder = tmp_path_factory.mktemp("temporal")
    server = DevServer(
        database=folder / "temporal.db", port=free_port(), http_port=free_port(), metrics_port=free_port()
    )
    program = child.Program(command=server.command(), folder=folder, environment=server.environment())
    with (folder / "temporal.log").open("wb") as log:
        running = program.start(log)
    deadline = time.monotonic() + 180
    while not server.answers() and running.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    assert server.answers(), (folder / "temporal.log").read_text()
    yield server
    child.stop(running, signal.SIGTERM, 10)


async def _add(workspaces: Sequence[UUID], members: Sequence[Member]) -> None:
    users = [member.user for member in members if member.user]
    await hub_database.execute(
        _ADD,
        workspaces, [f"w{workspace.hex}" for workspace in workspaces],
        users, [f"{user.hex}@example.test" for user in users], [member.role.name.title() for member in members],
        [member.workspace for member in members], [member.role for member in members],
    )  # fmt: skip


# One statement, as thousands of tests begin with it
_ADD = """
with places as (
    insert into workspaces (id, name, slug)
    select id, slug, slug from unnest($1::uuid[], $2::text[]) as given (id, slug)
), people as (
    insert into users (id, email, name)
    select * from unnest($3::uuid[], $4::text[], $5::text[])
)
insert into memberships (workspace, "user", role)
select * from unnest($6::uuid[], $3::uuid[], $7::smallint[])
"""
