"""A PostgreSQL of Debian's, beside the embedded one: over TCP with passwords and TLS, as customers run it."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest

from tests.peers.process import START_SECONDS, free_port, make_certificate, program, serve

USER = "ledger"
PASSWORD = "secret"
# quick rather than safe against power cuts
TUNING = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "32MB", "ssl": "on"}


@dataclass(frozen=True)
class PostgresServer:
    """One running server and the account that owns its databases."""

    host: str
    port: int
    certificate: Path
    user: str = USER
    password: str = PASSWORD

    async def connect(self, database: str = "postgres") -> asyncpg.Connection:
        """Open a plain connection, beside the code under test."""
        return await asyncpg.connect(
            host=self.host, port=self.port, user=self.user, password=self.password, database=database, ssl=False
        )


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """Serve Debian's PostgreSQL for as long as the tests run."""
    with running() as server:
        yield server


@contextlib.contextmanager
def running() -> Iterator[PostgresServer]:
    """Make a cluster in a temporary directory, serve it on a free port, end it with the block."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    places = [str(path) for path in reversed(versions)]
    with tempfile.TemporaryDirectory(prefix="postgres-") as folder:
        root, port = Path(folder), free_port()
        root.chmod(0o755)
        make_certificate(root)
        _make_cluster(root, program("initdb", *places))
        server = PostgresServer(host="localhost", port=port, certificate=root / "certificate.pem")
        options = [part for name, value in TUNING.items() for part in ("-c", f"{name}={value}")]
        files = ["-c", f"ssl_cert_file={root}/data/certificate.pem", "-c", f"ssl_key_file={root}/data/key.pem"]
        place = ["-D", str(root / "data"), "-p", str(port), "-h", "127.0.0.1", "-k", str(root / "data")]
        command = [*_unprivileged(), program("postgres", *places), *place, *options, *files]
        # any other signal waits for those who are still connected
        with serve(command, port, root / "postgres.log", signal.SIGINT):
            _await_ready(program("pg_isready", *places), port)
            yield server


def _make_cluster(root: Path, initdb: str) -> None:
    secret = root / "secret"
    secret.write_text(PASSWORD)
    (root / "data").mkdir(mode=0o700)
    if os.geteuid() == 0:
        account = pwd.getpwnam("postgres")
        for path in (root / "data", secret):
            os.chown(path, account.pw_uid, account.pw_gid)
    sign_in = ["-U", USER, "-A", "scram-sha-256", f"--pwfile={secret}"]
    command = [
        *_unprivileged(),
        initdb,
        "-D",
        str(root / "data"),
        *sign_in,
        "--no-sync",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
    ]
    subprocess.run(command, check=True, capture_output=True, cwd="/")
    for name in ("key.pem", "certificate.pem"):
        shutil.copy(root / name, root / "data" / name)
        (root / "data" / name).chmod(0o600)
        if os.geteuid() == 0:
            shutil.chown(root / "data" / name, "postgres", "postgres")


def _await_ready(pg_isready: str, port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while subprocess.run([pg_isready, "-q", "-h", "127.0.0.1", "-p", str(port)], check=False).returncode:
        assert time.monotonic() < deadline, "PostgreSQL takes no connections."
        time.sleep(0.02)


def _unprivileged() -> list[str]:
    if os.geteuid() != 0:
        return []
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--pdeathsig", "TERM", "--"]
