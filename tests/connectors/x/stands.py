"""Stands for the contracts: X with a search, with mentions, and with an account that posts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.sdk import Context, Record, Settings, fill
from connectors.x import Mentioned, Words
from connectors.x.connection import Connection
from connectors.x.search import Search
from tests.connectors.contracts import TriggerStand
from tests.connectors.wording import WordingStand
from tests.peers.faults import told
from tests.peers.surroundings import Surroundings
from tests.peers.x import ME, X


def account(peer: X) -> Connection:
    """An account that signed in."""
    return fill(Connection, {"client_id": "c", "address": peer.api.base})


def app(peer: X, token: str = "granted-token") -> Connection:
    """An app that reads."""
    return fill(Connection, {"kind": "app", "token": token, "address": peer.api.base})


class _Reading(TriggerStand):
    def __init__(self, peer: X, around: Surroundings) -> None:
        self.peer = peer
        self.around = around

    async def add(self, count: int) -> Sequence[str]:
        return [self.peer.post(f"News for @patchdeck, number {number}") for number in range(count)]

    async def add_late(self) -> str:
        return self.peer.post("Late news for @patchdeck", after=-0.5)

    async def repeat(self) -> None:
        """X gives a post again by itself, as each read reaches back a little."""

    async def fail(self, fault: str) -> None:
        self.peer.api.fail(told(fault))

    async def heal(self) -> None:
        self.peer.api.recover()


class SearchStand(_Reading):
    """Posts with a word."""

    uses = "x.new_post"

    def context(self) -> Context[Any, Any]:
        return self.around.context(fill(Search, {"words": "news", "existing": "read"}), app(self.peer))


class MentionStand(_Reading):
    """Posts that name the account."""

    uses = "x.mention"

    def context(self) -> Context[Any, Any]:
        return self.around.context(fill(Mentioned, {"existing": "read"}), account(self.peer))


class PostStand(WordingStand):
    """The account's own posts, all of them replies to one that can be taken away."""

    uses = "x.post"

    def __init__(self, peer: X, around: Surroundings) -> None:
        super().__init__(around, account(peer))
        self.peer = peer
        self.asked = peer.post("What is new?")

    def settings(self, words: str) -> Settings:
        return fill(Words, {"text": words, "reply_to": self.asked})

    def bad_record(self) -> Record:
        self.peer.post("Said before", ME)
        return self.worded("KEY-BAD", "Said before")

    async def rows(self) -> Sequence[Any]:
        return [one for one in self.peer.tweets if one.get("referenced_tweets")]

    async def drift(self) -> None:
        self.peer.gone.add(self.asked)

    @property
    def writes(self) -> int:  # type: ignore[override]  # the peer counts
        """What was asked of X that changes it."""
        return sum(call.verb != "GET" for call in self.peer.api.calls)

    async def fail(self, fault: str) -> None:
        self.peer.api.fail(told(fault))

    async def heal(self) -> None:
        self.peer.api.recover()
