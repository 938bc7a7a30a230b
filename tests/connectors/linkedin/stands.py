"""Stands for the contracts: an organisation's page at LinkedIn, with posts, mentions, comments, and one that posts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.linkedin import Commented, Mentioned, Published
from connectors.linkedin.connection import Connection
from connectors.linkedin.posting import Words
from connectors.sdk import Context, Settings, fill
from tests.connectors.contracts import TriggerStand
from tests.connectors.wording import WordingStand
from tests.peers.faults import told
from tests.peers.linkedin import PAGE, LinkedIn
from tests.peers.surroundings import Surroundings


def connection(peer: LinkedIn, **more: Any) -> Connection:
    """Somebody who runs the page."""
    return fill(Connection, {"address": peer.base, "client_id": "app", "client_secret": "s3cret", **more})


class PublishedStand(TriggerStand):
    """Posts of the organisation."""

    uses = "linkedin.new_post"
    settings: Settings = fill(Published, {"existing": "read"})

    def __init__(self, peer: LinkedIn, around: Surroundings, **more: Any) -> None:
        self.peer = peer
        self.around = around
        self.connection = connection(peer, **more)

    def context(self) -> Context[Any, Any]:
        return self.around.context(self.settings, self.connection)

    def appear(self, text: str, after: float = 1.0) -> str:
        """Let one thing appear; returns its identity."""
        return str(self.peer.publish(text, after=after)["id"])

    async def add(self, count: int) -> Sequence[str]:
        return [self.appear(f"News {number}") for number in range(count)]

    async def add_late(self) -> str:
        return self.appear("Late news", -60.0)

    async def repeat(self) -> None:
        """A list gives the newest thing again by itself."""

    async def fail(self, fault: str) -> None:
        self.peer.fail(told(fault))

    async def heal(self) -> None:
        self.peer.recover()


class MentionStand(PublishedStand):
    """Posts of others that mention the organisation."""

    uses = "linkedin.mention"
    settings: Settings = fill(Mentioned, {"organisation": PAGE, "existing": "read"})

    def appear(self, text: str, after: float = 1.0) -> str:
        return str(self.peer.mention(text, after)["id"])

    async def repeat(self) -> None:
        self.peer.notices.append(dict(self.peer.notices[-1]))


class CommentStand(MentionStand):
    """Comments on the organisation's posts."""

    uses = "linkedin.new_comment"
    settings = fill(Commented, {"organisation": PAGE, "existing": "read"})

    def appear(self, text: str, after: float = 1.0) -> str:
        return str(self.peer.comment(text, after)["commentUrn"])


class PostStand(WordingStand):
    """The organisation's own posts, each with a link."""

    uses = "linkedin.post"

    def __init__(self, peer: LinkedIn, around: Surroundings) -> None:
        super().__init__(around, connection(peer, access="write"))
        self.peer = peer

    @property
    def token(self) -> str | None:
        """Here it is yesterday."""
        return "2026-01-01T00:00:00+00:00" if super().token else None

    def settings(self, words: str) -> Settings:
        link = {"link": "https://example.com/news", "link_title": "News"}
        return fill(Words, {"text": words, "organisation": PAGE, **link})

    def bad_record(self) -> Any:
        return self.worded("KEY-BAD", "too long " * 500)

    async def rows(self) -> Sequence[Any]:
        return list(self.peer.updates)

    async def drift(self) -> None:
        self.peer.pages.pop(PAGE)

    @property
    def writes(self) -> int:  # type: ignore[override]  # the peer counts
        """What was asked of LinkedIn that changes it."""
        return self.peer.writes

    async def fail(self, fault: str) -> None:
        self.peer.fail(told(fault))

    async def heal(self) -> None:
        self.peer.recover()
