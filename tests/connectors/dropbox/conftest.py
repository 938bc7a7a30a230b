"""A Dropbox account of its own for each test."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from connectors.dropbox import file_changed
from connectors.dropbox.connection import Connection
from connectors.sdk import Context, fill
from connectors.sdk.registry import find
from tests.connectors.file_stands import StoredFiles
from tests.peers.dropbox import DropboxPeer, dropbox_peer
from tests.peers.surroundings import Surroundings, surroundings


@pytest.fixture
def stored() -> StoredFiles:
    return StoredFiles()


@pytest.fixture
async def around(stored: StoredFiles) -> AsyncIterator[Surroundings]:
    async with surroundings(files=stored) as made:
        yield made


@pytest.fixture
async def peer() -> AsyncIterator[DropboxPeer]:
    async with dropbox_peer() as running:
        yield running


@pytest.fixture
def use(peer: DropboxPeer, around: Surroundings) -> Any:
    """Return the context of a part with these settings."""

    def context(uses: str, **settings: Any) -> Context[Any, Any]:
        part = find(uses)
        assert part is not None
        return around.context(fill(part.settings, settings), Connection(client_id="key", address=peer.base))

    return context


@pytest.fixture
def read(use: Any) -> Any:
    """Read the trigger once: items without content, which only move the cursor, are left out."""

    async def call(cursor: str | None = None, **settings: Any) -> tuple[list[Any], str | None]:
        found = [item async for item in file_changed(use("dropbox.file_changed", **settings), cursor)]
        return [item for item in found if item.content is not None], [
            cursor,
            *(item.cursor for item in found if item.cursor),
        ][-1]

    return call
