"""A Slack workspace for each test, and the ways to call the connector on it."""

from collections.abc import AsyncIterator

import pytest

from tests.connectors.slack.stands import connected
from tests.peers.slack_workspace import SlackWorkspace, slack_workspace
from tests.peers.surroundings import Surroundings, surroundings


class StoredFiles:
    """Files of a run, by reference."""

    def __init__(self) -> None:
        self.kept = {"fil_1": b"%PDF-1.4 forty-two"}

    async def open(self, reference: str) -> bytes:
        return self.kept[reference]


@pytest.fixture
async def slack() -> AsyncIterator[SlackWorkspace]:
    async with slack_workspace() as running:
        yield running
        assert sorted(set(running.violations)) == []


@pytest.fixture
async def around() -> AsyncIterator[Surroundings]:
    async with surroundings(files=StoredFiles()) as made:
        yield made


@pytest.fixture
def make(slack: SlackWorkspace, around: Surroundings):
    """Return the context of one call."""
    return lambda settings, **changed: around.context(settings, changed.get("connection") or connected(slack))
