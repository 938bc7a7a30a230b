"""An organisation of Salesforce, and contexts that speak to it."""

import pytest

from connectors.salesforce.connection import Connection
from connectors.salesforce.settings import Write
from connectors.sdk import fill
from tests.peers.openapi import openapi_peer
from tests.peers.salesforce import SalesforcePeer
from tests.peers.salesforce_tokens import KEY, SECRET
from tests.peers.surroundings import surroundings


@pytest.fixture(scope="package")
async def around():
    async with surroundings() as made:
        yield made


@pytest.fixture
async def peer():
    async with openapi_peer(SalesforcePeer()) as running:
        yield running
    assert running.violations == []


@pytest.fixture
def connection(peer):
    return fill(Connection, {"client_id": KEY, "client_secret": SECRET, "address": peer.base})


@pytest.fixture
def context(around, connection):
    def make(kind, **settings):
        return around.context(fill(kind, settings), connection)

    return make


@pytest.fixture
def writing(context):
    def make(**settings):
        return context(Write, **{"columns": {}, "mode": "upsert", "key": "Number__c", **settings})

    return make
