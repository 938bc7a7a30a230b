"""A Freshservice, a connection to it, and contexts for calls."""

import pytest

from connectors.freshworks.freshservice import Connection, WriteIn
from connectors.sdk import fill
from tests.connectors.freshworks_stands import around, context  # noqa: F401  # fixtures
from tests.peers.freshworks import API_KEY, WEBHOOK_SECRET, FreshservicePeer
from tests.peers.openapi import openapi_peer


@pytest.fixture
async def peer():
    async with openapi_peer(FreshservicePeer()) as running:
        yield running
    assert running.violations == []


@pytest.fixture
def connection(peer):
    return fill(Connection, {"key": API_KEY, "webhook_secret": WEBHOOK_SECRET, "address": peer.base})


@pytest.fixture
def writing(context):  # noqa: F811  # a fixture
    def make(**settings):
        return context(WriteIn, **{"columns": {}, "mode": "upsert", "key": "cf_key", **settings})

    return make
