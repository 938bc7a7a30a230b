"""What tests of all of Google's services share: a peer of their own, and contexts for calls on it."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from connectors.google._connection import Connection
from connectors.sdk import Context, Secret, fill
from connectors.sdk.registry import find
from tests.connectors.file_stands import StoredFiles
from tests.peers.google import GooglePeer, google_peer
from tests.peers.surroundings import Surroundings, surroundings

Use = Callable[..., Context[Any, Any]]


class GoogleStand:
    """Fails and heals a peer of Google's; mixed into the stands of its services."""

    peer: GooglePeer

    async def fail(self, fault: str) -> None:
        self.peer.fault = fault

    async def heal(self) -> None:
        self.peer.fault = ""


@pytest.fixture
async def peer() -> AsyncIterator[GooglePeer]:
    async with google_peer() as running:
        yield running


@pytest.fixture
def stored() -> StoredFiles:
    return StoredFiles()


@pytest.fixture
async def around(stored: StoredFiles) -> AsyncIterator[Surroundings]:
    async with surroundings(files=stored) as made:
        yield made


@pytest.fixture
def connection(peer: GooglePeer) -> Connection:
    return Connection(client_id="client", client_secret=Secret("s3cret"), address=peer.address)


@pytest.fixture
def use(around: Surroundings, connection: Connection) -> Use:
    """Return the context of a part with these settings."""

    def context(uses: str, **settings: Any) -> Context[Any, Any]:
        part = find(uses)
        assert part is not None
        return around.context(fill(part.settings, settings), connection)

    return context
