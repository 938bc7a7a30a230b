"""A drive of its own for each test."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from connectors.microsoft._family import Connection
from connectors.sdk import Context, Secret, fill
from connectors.sdk.registry import find
from tests.connectors.file_stands import StoredFiles
from tests.peers.onedrive import OneDrivePeer, onedrive_peer
from tests.peers.surroundings import Surroundings, surroundings


@pytest.fixture
def stored() -> StoredFiles:
    return StoredFiles()


@pytest.fixture
async def around(stored: StoredFiles) -> AsyncIterator[Surroundings]:
    async with surroundings(files=stored) as made:
        yield made


@pytest.fixture
async def peer() -> AsyncIterator[OneDrivePeer]:
    async with onedrive_peer() as running:
        yield running


@pytest.fixture
def use(peer: OneDrivePeer, around: Surroundings) -> Any:
    """Return the context of a part with these settings."""

    def context(uses: str, **settings: Any) -> Context[Any, Any]:
        part = find(uses)
        assert part is not None
        connection = Connection(client_id="id", client_secret=Secret("s3cret"), address=peer.base)
        return around.context(fill(part.settings, settings), connection)

    return context
