"""What the tests of Freshdesk and Freshservice have in common: contexts, tickets, and a stand for what is said."""

import pytest

from connectors.freshworks._settings import Say
from connectors.sdk import fill
from tests.connectors.wording import WordingStand
from tests.peers.faults import told
from tests.peers.surroundings import surroundings

ANNA = {"email": "anna@example.com", "name": "Anna"}


class StoredFiles:
    """Files of the workspace, by their references."""

    async def open(self, reference):
        return f"content of {reference}".encode()


@pytest.fixture(scope="module")
async def around():
    async with surroundings(files=StoredFiles()) as made:
        yield made


@pytest.fixture
def context(around, connection):
    def make(kind, **settings):
        return around.context(fill(kind, settings), connection)

    return make


def named(number):
    """Return a ticket as it is written."""
    return {**ANNA, "subject": f"T{number}", "cf_key": f"k{number}", "cf_order": "A", "description": "Hello"}


def kept(number):
    """Return a ticket as a peer keeps it."""
    return {"subject": f"T{number}", "description": "Hello", "tags": []}


class Answering(WordingStand):
    """A ticket in which something is said; the words are settings of some kind."""

    def __init__(self, uses: str, kind: type[Say], around, connection, peer):
        super().__init__(around, connection)
        self.uses = uses
        self.peer = peer
        self._kind = kind

    async def fail(self, fault):
        self.peer.fail(told(fault))

    async def heal(self):
        self.peer.recover()

    def settings(self, words):
        return fill(self._kind, {"ticket": "#70001", "text": words})

    @property
    def writes(self):  # type: ignore[override]  # the peer counts
        return self.peer.writes

    def bad_record(self):
        return self.worded("bad", " ")

    async def rows(self):
        return [one["body"] for one in self.peer.said]

    async def drift(self):
        self.peer.kept.rows[0]["archived"] = True
