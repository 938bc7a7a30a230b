"""A server of MongoDB's protocol for the tests: SecantusDB, in an environment of its own beside the product's."""

import contextlib
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from tests.peers.process import START_SECONDS, free_port, make_certificate, program, serve

PLACE = Path(__file__).parents[2] / ".setup" / "mongo" / "bin"
USER, PASSWORD = "patchdeck", "s3cret-s3cret"


@dataclass(frozen=True)
class MongoServer:
    """One running server; it is a replica set of one, so that it has change streams."""

    port: int
    certificate: Path | None = None

    @property
    def address(self) -> str:
        """How a connection names it."""
        return f"mongodb://127.0.0.1:{self.port}"


@pytest.fixture(scope="session")
def mongo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MongoServer]:
    """Serve an empty server, without accounts, for as long as the tests run."""
    with running(tmp_path_factory.mktemp("mongo")) as server:
        yield server


@pytest.fixture(scope="session")
def locked_mongo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MongoServer]:
    """Serve a second one that asks for an account and speaks TLS."""
    root = tmp_path_factory.mktemp("locked-mongo")
    make_certificate(root)
    with running(root, ending=signal.SIGTERM) as server, _client(server) as client:
        client.admin.command("createUser", USER, pwd=PASSWORD, roles=[{"role": "readWrite", "db": "shop"}])
    files = ["--tls-cert-file", str(root / "certificate.pem"), "--tls-key-file", str(root / "key.pem")]
    with running(root, "--auth", *files, ready=False) as server:
        yield MongoServer(server.port, root / "certificate.pem")


@contextlib.contextmanager
def running(
    root: Path, *options: str, ready: bool = True, ending: signal.Signals = signal.SIGKILL
) -> Iterator[MongoServer]:
    """Serve a directory on a free port, end it with the block."""
    port = free_port()
    place = ["--host", "127.0.0.1", "--port", str(port), "--storage-path", str(root / "files")]
    config = root / "secantusd.toml"
    config.touch()
    command = [program("secantusd-py", str(PLACE)), "--config", str(config), *place, "--cache-size", "64M", *options]
    with serve(command, port, root / "log", ending):
        server = MongoServer(port)
        if ready:
            _await_ready(server)
        yield server


def _client(server: MongoServer) -> MongoClient[dict[str, Any]]:
    return MongoClient(server.address, serverSelectionTimeoutMS=60_000)


def _await_ready(server: MongoServer) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(PyMongoError), _client(server) as client:
            client.admin.command("ping")
            return
    pytest.fail("SecantusDB started but does not answer.")
