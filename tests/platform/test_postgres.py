"""The embedded PostgreSQL: started, stopped, killed, and started again."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import asyncpg
import psutil
import pytest

from hub.supervisor.errors import StartError
from hub.supervisor.lock import owner
from hub.supervisor.postgres import Address, EmbeddedPostgres


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    """A server with its usual durability, in a folder that other accounts cannot enter."""
    server = EmbeddedPostgres(tmp_path / "postgres")
    yield server
    server.stop()


async def write(address: Address, value: int) -> None:
    connection = await asyncpg.connect(address.url)
    await connection.execute("create table if not exists kept (value int)")
    await connection.execute("insert into kept values ($1)", value)
    await connection.close()


async def read(address: Address) -> list[int]:
    connection = await asyncpg.connect(address.url)
    rows = await connection.fetch("select value from kept order by value")
    await connection.close()
    return [row["value"] for row in rows]


async def test_keeps_rows_over_stop_and_kill(server: EmbeddedPostgres) -> None:
    address = server.start()
    await write(address, 1)
    server.stop()
    running = EmbeddedPostgres(server.root)
    await write(running.start(), 2)
    parent = psutil.Process(int((running.cluster / "postmaster.pid").read_text().split()[0]))
    tree = [parent, *parent.children(recursive=True)]
    for process in tree:
        with suppress(psutil.NoSuchProcess):  # without their parent they end by themselves
            process.kill()
    psutil.wait_procs(tree, timeout=60)
    running.stop()
    assert await read(server.start()) == [1, 2]


async def test_needs_its_password_and_opens_no_port(server: EmbeddedPostgres) -> None:
    address = server.start()
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(Address(folder=address.folder, password="guess").url)
    connection = await asyncpg.connect(address.url)
    settings = "select current_setting('listen_addresses'), current_setting('data_checksums'), current_setting('fsync')"
    row = await connection.fetchrow(settings)
    assert row is not None
    assert tuple(row) == ("", "on", "on")
    await connection.close()
    assert (server.root / "password").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "content", ["1\n", f"{os.getpid()}\n", "", "garbage\n"], ids=["first", "ours", "empty", "garbage"]
)
def test_ignores_a_lock_file_that_names_somebody_else(server: EmbeddedPostgres, content: str) -> None:
    server.start()
    server.stop()
    (server.cluster / "postmaster.pid").write_text(content)
    server.start()


def test_refuses_a_second_owner_and_names_the_first(server: EmbeddedPostgres) -> None:
    server.start()
    with pytest.raises(StartError, match=f"in use by process {os.getpid()}"):
        EmbeddedPostgres(server.root).start()
    assert owner(server.lock_path) == os.getpid()


def test_makes_a_half_made_cluster_anew(server: EmbeddedPostgres) -> None:
    server.cluster.mkdir(parents=True)
    (server.cluster / "PG_VERSION").write_text("18\n")
    server.start()


def test_says_why_it_did_not_start(server: EmbeddedPostgres) -> None:
    server.start()
    server.stop()
    with (server.cluster / "postgresql.conf").open("a") as file:
        file.write("no_such_setting = 1\n")
    with pytest.raises(StartError, match="no_such_setting"):
        server.start()


def kill_an_owner(root: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from hub.supervisor.postgres import EmbeddedPostgres;"
        "print(EmbeddedPostgres(Path(sys.argv[1])).start().url, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code, root], stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        first.stdout.readline()
        first.send_signal(signal.SIGKILL)


async def test_recovers_from_an_owner_that_was_killed(server: EmbeddedPostgres) -> None:
    kill_an_owner(server.root)
    await write(server.start(), 1)


async def test_answers_at_a_path_too_long_for_a_socket(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / ("long" * 25) / "postgres")
    server.root.parent.mkdir()
    await write(server.start(), 1)
    server.stop()
