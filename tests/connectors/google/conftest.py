"""A Google of its own for each test."""

import pytest

from tests.connectors.google.stands import around, connection, peer, stored, use
from tests.peers.google_drive import Drive
from tests.peers.google_sheets import Sheets

__all__ = ["around", "connection", "peer", "stored", "use"]


@pytest.fixture
def drive(peer):
    return Drive(peer)


@pytest.fixture
def sheets(peer, drive):
    return Sheets(peer, drive)
