"""Stands for the contracts: a Mastodon server with a hashtag, with mentions, and with an account that posts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.mastodon import Mentioned, Timeline
from connectors.mastodon.connection import Connection
from connectors.mastodon.posting import Edited, Words
from connectors.sdk import Context, Record, Settings, fill
from tests.connectors.contracts import TriggerStand
from tests.connectors.wording import WordingStand
from tests.peers.faults import told
from tests.peers.mastodon import Mastodon
from tests.peers.surroundings import Surroundings


def connection(peer: Mastodon, **more: Any) -> Connection:
    """An account with a token."""
    return fill(Connection, {"address": peer.api.base, "token": "granted-token", **more})


class TimelineStand(TriggerStand):
    """Posts with a hashtag."""

    uses = "mastodon.new_post"
    late = -1800.0
    settings: Settings = fill(Timeline, {"hashtag": "#News", "existing": "read"})

    def __init__(self, peer: Mastodon, around: Surroundings) -> None:
        self.peer = peer
        self.around = around

    def context(self) -> Context[Any, Any]:
        return self.around.context(self.settings, connection(self.peer))

    async def add(self, count: int) -> Sequence[str]:
        return [self.peer.post(f"#news for @patchdeck, number {number}")["id"] for number in range(count)]

    async def add_late(self) -> str:
        return str(self.peer.post("Late #news for @patchdeck", after=self.late)["id"])

    async def repeat(self) -> None:
        """A server gives a post again by itself, as each read takes the newest page whole."""

    async def fail(self, fault: str) -> None:
        self.peer.api.fail(told(fault))

    async def heal(self) -> None:
        self.peer.api.recover()


class MentionStand(TimelineStand):
    """Posts that name the account."""

    uses = "mastodon.mention"
    late = -60.0
    settings = fill(Mentioned, {"existing": "read"})


class PostStand(WordingStand):
    """The account's own posts, all of them replies to one that can be taken away."""

    uses = "mastodon.post"

    def __init__(self, peer: Mastodon, around: Surroundings) -> None:
        super().__init__(around, connection(peer))
        self.peer = peer
        self.asked = str(peer.post("What is new?")["id"])

    def settings(self, words: str) -> Settings:
        return fill(Words, {"text": words, "reply_to": self.asked})

    def bad_record(self) -> Record:
        return self.worded("KEY-BAD", "too long " * 100)

    async def rows(self) -> Sequence[Any]:
        return [one for one in self.peer.statuses if one["in_reply_to_id"]]

    async def drift(self) -> None:
        self.peer.gone.add(self.asked)

    @property
    def writes(self) -> int:  # type: ignore[override]  # the peer counts
        """What was asked of the server that changes it."""
        return sum(call.verb != "GET" for call in self.peer.api.calls)

    async def fail(self, fault: str) -> None:
        self.peer.api.fail(told(fault))

    async def heal(self) -> None:
        self.peer.api.recover()


def edited(peer: Mastodon, around: Surroundings, post: str, text: str) -> Context[Any, Edited]:
    """A context in which a post is to say something else."""
    return around.context(fill(Edited, {"post": post, "text": text}), connection(peer))
