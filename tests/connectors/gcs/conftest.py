"""A bucket of fake-gcs-server for each test, with Google's discovery document before it."""

import io
import json
from collections.abc import AsyncIterator
from datetime import datetime
from urllib.parse import quote

import aiohttp
import msgspec
import pytest
from yarl import URL

from connectors.sdk import Secret
from connectors.stores.gcs import Connection
from tests.connectors.file_stands import StoredFiles
from tests.connectors.store_stands import EARLIER, Bucket, new_folder
from tests.peers.gate import Gate
from tests.peers.gcs import BUCKET, VERSIONED, GcsServer, Judge, gcs, gcs_gate
from tests.peers.google_tokens import key_file
from tests.peers.surroundings import surroundings

__all__ = ["gcs"]


def age(listing: bytes, name: str) -> bytes:
    """Return a listing in which an object is older than it is."""
    if not listing.startswith(b'{"kind":"storage#objects"'):
        return listing
    listed = json.loads(listing)
    for one in listed.get("items", []):
        if one["name"].endswith(name):
            one["updated"] = (datetime.fromisoformat(one["updated"]) - EARLIER).isoformat()
    return json.dumps(listed).encode()


class Json:
    """A bucket over the JSON API, without the connector."""

    def __init__(self, session: aiohttp.ClientSession, name: str) -> None:
        self._session = session
        self._name = name

    async def put(self, key: str, content: bytes) -> None:
        """Write an object."""
        query = {"uploadType": "media", "name": key}
        path = f"/upload/storage/v1/b/{self._name}/o"
        async with self._session.post(path, params=query, data=io.BytesIO(content), raise_for_status=True):
            pass

    async def get(self, key: str) -> bytes:
        """Read an object."""
        path = URL(f"/storage/v1/b/{self._name}/o/{quote(key, safe='')}?alt=media", encoded=True)
        async with self._session.get(path, raise_for_status=True) as answer:
            return await answer.read()

    async def names(self, prefix: str) -> list[str]:
        """Return the keys and versions below a prefix."""
        query = {"prefix": prefix, "maxResults": "5000"}
        async with self._session.get(f"/storage/v1/b/{self._name}/o", params=query) as answer:
            listed = await answer.json()
        return [f"{one['name']} {one['generation']}" for one in listed.get("items", [])]


@pytest.fixture
def stored() -> StoredFiles:
    return StoredFiles()


@pytest.fixture
async def opened(gcs: GcsServer) -> AsyncIterator[tuple[Gate, Judge]]:
    async with gcs_gate(gcs) as pair:
        yield pair


@pytest.fixture
async def session(gcs: GcsServer) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(gcs.endpoint) as made:
        yield made


@pytest.fixture
async def bucket(
    session: aiohttp.ClientSession, opened: tuple[Gate, Judge], stored: StoredFiles
) -> AsyncIterator[Bucket]:
    async with surroundings(files=stored) as around:
        connection = Connection(key=Secret(key_file()), address=opened[0].address)
        yield Bucket("gcs", BUCKET, connection, Json(session, BUCKET), opened[0], around, age, new_folder())


@pytest.fixture
def versioned(bucket: Bucket, session: aiohttp.ClientSession) -> Bucket:
    """The same with the bucket that keeps versions."""
    return msgspec.structs.replace(bucket, name=VERSIONED, beside=Json(session, VERSIONED))
