"""A MariaDB of Debian's: over TCP with an account and TLS, as customers run it."""

import contextlib
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pymysql
import pytest

from tests.peers.process import START_SECONDS, free_port, make_certificate, program, serve

USER, PASSWORD, DATABASE = "patchdeck", "s3cret-s3cret", "shop"
# quick rather than safe against power cuts
# How long it waits for a client that is signing in is what a busy machine may take
TUNING = [
    "--connect-timeout=60",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-buffer-pool-size=64M",
    "--innodb-log-file-size=32M",
]


@dataclass(frozen=True)
class MariaServer:
    """One running server with one database and its account."""

    port: int
    certificate: Path
    user: str = USER
    password: str = PASSWORD
    database: str = DATABASE


@pytest.fixture(scope="session")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MariaServer]:
    """Make a data directory, serve it on a free port, end it with the tests."""
    root, port = tmp_path_factory.mktemp("mariadb"), free_port()
    make_certificate(root)
    place = [f"--datadir={root}/data", "--no-defaults"]
    install = [program("mariadb-install-db"), "--no-defaults", f"--datadir={root}/data", "--skip-test-db"]
    options = ["--auth-root-authentication-method=normal", "--user=root"]
    subprocess.run([*install, *options, "--innodb-log-file-size=32M"], check=True, capture_output=True, cwd="/")
    setup = root / "accounts.sql"
    setup.write_text(
        f"create database {DATABASE} character set utf8mb4;\n"
        f"create user {USER}@'%' identified by '{PASSWORD}';\ngrant all on {DATABASE}.* to {USER}@'%';\n"
    )
    command = [
        program("mariadbd"),
        *reversed(place),
        "--user=root",
        f"--port={port}",
        "--bind-address=127.0.0.1",
        f"--socket={root}/s",
        f"--pid-file={root}/pid",
        f"--init-file={setup}",
        f"--ssl-cert={root}/certificate.pem",
        f"--ssl-key={root}/key.pem",
        *TUNING,
    ]
    with serve(command, port, root / "log", signal.SIGKILL):
        server = MariaServer(port, root / "certificate.pem")
        _await_ready(server)
        yield server
    shutil.rmtree(root / "data", ignore_errors=True)


def _await_ready(server: MariaServer) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(pymysql.MySQLError):
            look(server).close()
            return
        time.sleep(0.05)
    pytest.fail("MariaDB started but lets nobody in.")


def look(server: MariaServer) -> pymysql.Connection:
    """Open a plain connection, beside the code under test."""
    return pymysql.connect(
        host="127.0.0.1",
        port=server.port,
        user=server.user,
        password=server.password,
        database=server.database,
        autocommit=True,
        charset="utf8mb4",
        connect_timeout=60,
    )
