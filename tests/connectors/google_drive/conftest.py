"""A Drive of its own for each test."""

import pytest

from tests.connectors.google.stands import around, connection, peer, stored, use
from tests.peers.google_drive import Drive

__all__ = ["around", "connection", "peer", "stored", "use"]


@pytest.fixture
def drive(peer):
    return Drive(peer)
