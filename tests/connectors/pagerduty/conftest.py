"""An account of PagerDuty, and contexts that speak to it."""

import pytest

from connectors.pagerduty.connection import Connection
from connectors.sdk import fill
from tests.peers.openapi import openapi_peer
from tests.peers.pagerduty import API_KEY, AUTHOR, ROUTING_KEY, WEBHOOK_SECRET, PagerDutyPeer
from tests.peers.surroundings import surroundings


@pytest.fixture(scope="package")
async def around():
    async with surroundings() as made:
        yield made


@pytest.fixture
async def peer():
    async with openapi_peer(PagerDutyPeer()) as running:
        yield running
    assert running.violations == []


@pytest.fixture
def connection(peer):
    values = {"token": API_KEY, "email": AUTHOR, "routing_key": ROUTING_KEY, "webhook_secret": WEBHOOK_SECRET}
    return fill(Connection, {**values, "address": peer.base})


@pytest.fixture
def context(around, connection):
    def make(kind, **settings):
        return around.context(fill(kind, settings), connection)

    return make
