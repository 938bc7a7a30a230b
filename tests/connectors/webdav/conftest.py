"""A share of its own on a real WebDAV server for each test."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from connectors.sdk import Context, Secret, Settings, fill
from connectors.sdk.registry import find
from connectors.webdav.connection import Connection
from tests.connectors.file_stands import StoredFiles
from tests.peers.surroundings import Surroundings, surroundings
from tests.peers.web import WebPeer, web_peer
from tests.peers.webdav import PASSWORD, USER, WebdavServer, webdav

__all__ = ["webdav"]


@pytest.fixture
def stored() -> StoredFiles:
    return StoredFiles()


@pytest.fixture
async def around(stored: StoredFiles) -> AsyncIterator[Surroundings]:
    async with surroundings(files=stored) as made:
        yield made


@pytest.fixture
async def peer() -> AsyncIterator[WebPeer]:
    async with web_peer() as running:
        yield running


@pytest.fixture
def box(webdav: WebdavServer) -> Path:
    return webdav.share(f"box {uuid4().hex[:8]} ł")


@pytest.fixture
def connection(webdav: WebdavServer, box: Path) -> Connection:
    return Connection(address=f"{webdav.base}/{box.name}", user=USER, secret=Secret(PASSWORD))


@pytest.fixture
def use(around: Surroundings, connection: Connection) -> Any:
    """Return the context of a part with these settings."""

    def context(uses: str, *, over: Settings = connection, **settings: Any) -> Context[Any, Any]:
        part = find(uses)
        assert part is not None
        return around.context(fill(part.settings, settings), over)

    return context
