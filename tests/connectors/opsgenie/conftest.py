"""A peer with alerts, and contexts for calls on it."""

import pytest

from connectors.opsgenie.connection import Connection
from connectors.sdk import fill
from tests.peers.openapi import openapi_peer
from tests.peers.opsgenie import KEY, OpsgeniePeer
from tests.peers.surroundings import surroundings


@pytest.fixture
async def around():
    async with surroundings() as made:
        yield made


@pytest.fixture
async def peer():
    async with openapi_peer(OpsgeniePeer()) as running:
        yield running
    assert running.violations == []


@pytest.fixture
def connection(peer):
    return fill(Connection, {"key": KEY, "address": peer.base})


@pytest.fixture
def context(around, connection):
    def make(kind, **settings):
        return around.context(fill(kind, settings), connection)

    return make
