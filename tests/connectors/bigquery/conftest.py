"""A project of its own for each test."""

import pytest

from tests.connectors.google.stands import around, connection, peer, stored, use
from tests.peers.google_bigquery import BigQuery

__all__ = ["around", "connection", "peer", "stored", "use"]


@pytest.fixture
def bigquery(peer):
    held = BigQuery(peer)
    held.table("sales.invoices", number="STRING", total="FLOAT", created="TIMESTAMP")
    yield held
    held.close()
