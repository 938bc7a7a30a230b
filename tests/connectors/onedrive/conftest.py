"""A drive of its own for each test."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from connectors.microsoft._family import Connection
from connectors.sdk import Context, Secret, fill
from connectors.sdk.registry import find
from tests.connectors.file_stands import StoredFiles
from tests.peers.excel import ExcelPeer
from tests.peers.onedrive import serving
from tests.peers.surroundings import Surroundings, surroundings


@pytest.fixture
def stored() -> StoredFiles:
    return StoredFiles()


@pytest.fixture
async def around(stored: StoredFiles) -> AsyncIterator[Surroundings]:
    async with surroundings(files=stored) as made:
        yield made


@pytest.fixture
async def drive() -> AsyncIterator[ExcelPeer]:
    async with serving(ExcelPeer()) as running:
        yield running


@pytest.fixture
def peer(drive: ExcelPeer) -> ExcelPeer:
    """The same without its workbook."""
    drive.items = {"root": drive.items["root"]}
    drive.log.clear()
    drive.count = 0
    return drive


@pytest.fixture
def use(drive: ExcelPeer, around: Surroundings) -> Any:
    """Return the context of a part with these settings."""

    def context(uses: str, **settings: Any) -> Context[Any, Any]:
        part = find(uses)
        assert part is not None
        connection = Connection(client_id="id", client_secret=Secret("s3cret"), address=drive.base)
        return around.context(fill(part.settings, settings), connection)

    return context
