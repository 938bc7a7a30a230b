"""Slack under the contracts of all triggers and targets."""

import pytest

from tests.connectors.contracts import TargetContract, TriggerContract
from tests.connectors.slack.stands import FileStand, MessageStand, PostStand, ReactionStand, ThreadStand


class TestNewMessage(TriggerContract):
    @pytest.fixture
    def stand(self, slack, around):
        return MessageStand(slack, around)


class TestNewReply(TriggerContract):
    from_now = True
    many = 301  # a thread is read in pages of 200

    @pytest.fixture
    def stand(self, slack, around):
        return ThreadStand(slack, around)


class TestNewFile(TriggerContract):
    many = 401  # each is fetched in a request of its own; a page lists 200

    @pytest.fixture
    def stand(self, slack, around):
        return FileStand(slack, around)


class TestReactionAdded(TriggerContract):
    @pytest.fixture
    def stand(self, slack, around):
        return ReactionStand(slack, around)


class TestPostMessage(TargetContract):
    @pytest.fixture
    def stand(self, slack, around):
        return PostStand(slack, around)
