"""A company of QuickBooks on loopback, and contexts that reach it."""

import pytest

from connectors.quickbooks.connection import Connection
from connectors.sdk import fill
from tests.connectors.file_stands import StoredFiles
from tests.peers.openapi import openapi_peer
from tests.peers.quickbooks import COMPANY, QuickbooksPeer
from tests.peers.surroundings import surroundings


@pytest.fixture(scope="package")
def stored():
    return StoredFiles()


@pytest.fixture(scope="package")
async def around(stored):
    async with surroundings(files=stored) as made:
        yield made


@pytest.fixture
def about():
    """Return the kind of records that a stand is about."""
    return "Customer"


@pytest.fixture
async def peer(about):
    async with openapi_peer(QuickbooksPeer(about)) as running:
        yield running
    assert running.violations == []


@pytest.fixture
def connection(peer):
    given = {"client_id": "c", "client_secret": "s", "company": COMPANY, "verifier": "v-token", "address": peer.base}
    return fill(Connection, given)


@pytest.fixture
def context(around, connection):
    def make(kind, **settings):
        return around.context(fill(kind, settings), connection)

    return make
