"""A bucket of SeaweedFS for each test."""

import re
import secrets
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime

import msgspec
import pytest

from connectors.sdk import Secret
from connectors.stores.s3 import Connection
from tests.connectors.file_stands import StoredFiles
from tests.connectors.store_stands import EARLIER, Bucket, Obstore, new_folder
from tests.peers.gate import gate
from tests.peers.s3 import S3Server, s3
from tests.peers.surroundings import surroundings

__all__ = ["s3"]


def age(listing: bytes, name: str) -> bytes:
    """Return a listing in which an object is older than it is."""
    found = re.search(rf"(?:(?!<Contents>).)*{re.escape(name)}</Key>.*?</Contents>", listing.decode(), re.DOTALL)
    if found is None:
        return listing
    changed = re.sub(r"(?<=<LastModified>)[^<]+", _earlier, found[0])
    return listing.decode().replace(found[0], changed).encode()


def _earlier(found: re.Match[str]) -> str:
    return (datetime.fromisoformat(found[0]) - EARLIER).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.fixture
def stored() -> StoredFiles:
    return StoredFiles()


@pytest.fixture
async def bucket(s3: S3Server, stored: StoredFiles) -> AsyncIterator[Bucket]:
    async with surroundings(files=stored) as around, gate(s3.endpoint) as opened:
        connection = Connection(
            access_key=s3.access_key, secret_key=Secret(s3.secret_key), endpoint=opened.address, region="us-east-1"
        )
        yield Bucket("s3", s3.bucket, connection, Obstore(s3.bare()), opened, around, age, new_folder())


@pytest.fixture
async def versioned(bucket: Bucket, s3: S3Server) -> Bucket:
    """The same with a bucket of its own that keeps versions."""
    name = f"kept-{secrets.token_hex(4)}"
    made = bucket.connection.store(bucket.context("list_objects"), name)  # type: ignore[attr-defined]  # it is S3's
    status = b'<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Status>Enabled</Status>'
    await made._ask("PUT", "")  # the connector makes no buckets
    await made._ask("PUT", "", query={"versioning": ""}, body=status + b"</VersioningConfiguration>")
    beside = Obstore(replace(s3, bucket=name).bare())
    return msgspec.structs.replace(bucket, name=name, beside=beside)
