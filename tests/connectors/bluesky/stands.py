"""Stands for the contracts: Bluesky with a search, with mentions, and with an account that posts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.bluesky import Mentioned, Watched
from connectors.bluesky.posting import Words
from connectors.bluesky.session import Connection
from connectors.sdk import Context, Record, Settings, fill
from tests.connectors.contracts import TriggerStand
from tests.connectors.wording import WordingStand
from tests.peers.bluesky import HANDLE, PASSWORD, Bluesky
from tests.peers.faults import told
from tests.peers.surroundings import Surroundings


def connection(peer: Bluesky, password: str = PASSWORD) -> Connection:
    """An account with an app password."""
    return fill(Connection, {"handle": HANDLE, "password": password, "address": peer.api.base})


class SearchStand(TriggerStand):
    """Posts with a word."""

    uses = "bluesky.new_post"
    settings: Settings = fill(Watched, {"words": "news", "existing": "read"})

    def __init__(self, peer: Bluesky, around: Surroundings) -> None:
        self.peer = peer
        self.around = around

    def context(self) -> Context[Any, Any]:
        return self.around.context(self.settings, connection(self.peer))

    async def add(self, count: int) -> Sequence[str]:
        return [self.peer.post(f"News for @{HANDLE}, number {number}")["uri"] for number in range(count)]

    async def add_late(self) -> str:
        return str(self.peer.post(f"Late news for @{HANDLE}", after=-60)["uri"])

    async def repeat(self) -> None:
        """Bluesky gives a post again by itself, as each read takes the newest page whole."""

    async def fail(self, fault: str) -> None:
        self.peer.api.fail(told(fault))

    async def heal(self) -> None:
        self.peer.api.recover()


class MentionStand(SearchStand):
    """Posts that name the account."""

    uses = "bluesky.mention"
    settings = fill(Mentioned, {"existing": "read"})


class PostStand(WordingStand):
    """The account's own posts, all of them replies to one that can be taken away."""

    uses = "bluesky.post"

    def __init__(self, peer: Bluesky, around: Surroundings) -> None:
        super().__init__(around, connection(peer))
        self.peer = peer
        self.asked = peer.post("What is new?")

    def settings(self, words: str) -> Settings:
        return fill(Words, {"text": words, "reply_to": self.asked["uri"]})

    def bad_record(self) -> Record:
        return self.worded("KEY-BAD", "too long " * 100)

    async def rows(self) -> Sequence[Any]:
        return [one for one in self.peer.posts if "reply" in one["record"]]

    async def drift(self) -> None:
        self.peer.posts.remove(self.asked)

    @property
    def writes(self) -> int:  # type: ignore[override]  # the peer counts
        """What was asked of Bluesky that changes it."""
        return sum("Record" in call.path and call.verb == "POST" for call in self.peer.api.calls)

    async def fail(self, fault: str) -> None:
        self.peer.api.fail(told(fault))

    async def heal(self) -> None:
        self.peer.api.recover()
