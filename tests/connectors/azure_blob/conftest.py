"""A container of Azurite for each test."""

import re
from collections.abc import AsyncIterator
from email.utils import format_datetime, parsedate_to_datetime

import pytest
from obstore.store import AzureStore

from connectors.sdk import Secret
from connectors.stores.azure_blob import Connection
from tests.connectors.file_stands import StoredFiles
from tests.connectors.store_stands import EARLIER, Bucket, Obstore, new_folder
from tests.peers.azurite import BlobServer, azurite
from tests.peers.gate import gate
from tests.peers.surroundings import surroundings

__all__ = ["azurite"]

CONTAINER = "files"


def age(listing: bytes, name: str) -> bytes:
    """Return a listing in which an object is older than it is."""
    found = re.search(rf"<Blob><Name>[^<]*{re.escape(name)}</Name>.*?</Blob>", listing.decode(), re.DOTALL)
    if found is None:
        return listing
    changed = re.sub(r"(?<=<Last-Modified>)[^<]+", _earlier, found[0])
    return listing.decode().replace(found[0], changed).encode()


def _earlier(found: re.Match[str]) -> str:
    return format_datetime(parsedate_to_datetime(found[0]) - EARLIER, usegmt=True)


@pytest.fixture
def stored() -> StoredFiles:
    return StoredFiles()


@pytest.fixture
async def bucket(azurite: BlobServer, stored: StoredFiles) -> AsyncIterator[Bucket]:
    async with surroundings(files=stored) as around, gate(azurite.address) as opened:
        address = f"{opened.address}/{azurite.account}"
        connection = Connection(account=azurite.account, key=Secret(azurite.key), address=address)
        beside = AzureStore(
            CONTAINER,
            account_name=azurite.account,
            account_key=azurite.key,
            endpoint=f"{azurite.address}/{azurite.account}",
            client_options={"allow_http": True, "timeout": "240s", "connect_timeout": "60s"},
        )
        made = Bucket("azure_blob", CONTAINER, connection, Obstore(beside), opened, around, age, new_folder())
        container = connection.store(made.context("list_objects"), CONTAINER)
        await container._ask("PUT", "", {"restype": "container"}, passes=(409,))  # the connector makes no containers
        opened.writes = 0
        yield made
