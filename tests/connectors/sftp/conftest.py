"""A folder of its own on a real SSH server for each test, behind a door that can be shut."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from connectors.sdk import Context, Secret, Settings, fill
from connectors.sdk.registry import find
from connectors.sftp.connection import Connection
from tests.connectors.file_stands import StoredFiles
from tests.peers.door import Door, door_to
from tests.peers.sftp import SshServer, sshd
from tests.peers.surroundings import Surroundings, surroundings

__all__ = ["sshd"]


@pytest.fixture
def stored() -> StoredFiles:
    return StoredFiles()


@pytest.fixture
async def around(stored: StoredFiles) -> AsyncIterator[Surroundings]:
    async with surroundings(files=stored) as made:
        yield made


@pytest.fixture
async def door(sshd: SshServer) -> AsyncIterator[Door]:
    async with door_to("127.0.0.1", sshd.port) as standing:
        yield standing


@pytest.fixture
def box(tmp_path: Path) -> Path:
    place = tmp_path / "box"
    place.mkdir()
    return place


@pytest.fixture
def connection(sshd: SshServer, door: Door) -> Connection:
    return Connection(
        host="127.0.0.1",
        port=door.port,
        user=sshd.user,
        kind="key",
        private_key=Secret(sshd.private_key),
        host_key=sshd.fingerprint,
    )


@pytest.fixture
def use(around: Surroundings, connection: Connection, box: Path) -> Any:
    """Return the context of a part with these settings, on a folder of the server."""

    def context(uses: str, *, over: Settings = connection, **settings: Any) -> Context[Any, Any]:
        part = find(uses)
        assert part is not None
        values = {"folder": str(box), **settings}
        return around.context(fill(part.settings, values), over)

    return context
