"""Slack in the states that the contracts want."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from connectors.sdk import Context, Record, Secret, Settings
from connectors.slack.connection import Connection
from connectors.slack.noticing import Files, Reactions
from connectors.slack.posting import Post
from connectors.slack.reading import Channel
from tests.connectors.contracts import RETRY_AFTER, Stand, TriggerStand
from tests.connectors.wording import WordingStand
from tests.peers.faults import Fault
from tests.peers.slack_workspace import GENERAL, TOKEN, SlackWorkspace
from tests.peers.surroundings import Surroundings

FAULTS: Mapping[str, Fault] = {
    "401": Fault(status=401),
    "403": Fault(status=403),
    "429": Fault(status=429, headers={"Retry-After": str(int(RETRY_AFTER))}),
    "500": Fault(status=500),
    "cut": Fault(kind="cut"),
    "malformed": Fault(kind="malformed"),
}


def connected(slack: SlackWorkspace) -> Connection:
    """The connection of the app."""
    return Connection(token=Secret(TOKEN), address=slack.url)


class _AtSlack(Stand):
    """Lets Slack fail."""

    slack: SlackWorkspace

    async def fail(self, fault: str) -> None:
        self.slack.faults.add(FAULTS[fault])

    async def heal(self) -> None:
        self.slack.faults.clear()


class _Trigger(_AtSlack, TriggerStand):
    chosen: ClassVar[Settings]

    def __init__(self, slack: SlackWorkspace, around: Surroundings) -> None:
        self.slack = slack
        self._around = around

    def context(self) -> Context[Any, Any]:
        return self._around.context(self.chosen, connected(self.slack))

    async def repeat(self) -> None:
        """Slack lists a thing once, whatever happens to it."""


class MessageStand(_Trigger):
    """A channel in which people write."""

    uses = "slack.new_message"
    chosen = Channel(channel=GENERAL, existing="read")

    async def add(self, count: int) -> Sequence[str]:
        return [self.slack.say(f"News {number}") for number in range(count)]

    async def add_late(self) -> str:
        newest = float(self.slack.messages[GENERAL][-1]["ts"])
        return self.slack.say("late", at=newest - 0.5)


class ThreadStand(_Trigger):
    """A thread in which people answer."""

    uses = "slack.new_message"
    chosen = Channel(channel=GENERAL, existing="skip", threads=True)

    def __init__(self, slack: SlackWorkspace, around: Surroundings) -> None:
        super().__init__(slack, around)
        self.parent = slack.say("What do you think?")

    async def add(self, count: int) -> Sequence[str]:
        return [self.slack.say(f"I think {number}", thread=self.parent) for number in range(count)]

    async def add_late(self) -> str:
        """Slack orders a thread as it receives it: nothing is ever late in one."""
        return self.slack.say("later", thread=self.parent)


class FileStand(_Trigger):
    """A channel in which people share files."""

    uses = "slack.new_file"
    chosen = Files(existing="read")

    async def add(self, count: int) -> Sequence[str]:
        return [self.slack.share(f"bill {number}.pdf", b"%PDF bill") for number in range(count)]

    async def add_late(self) -> str:
        newest = max(file["created"] for file in self.slack.files.values())
        return self.slack.share("late.pdf", b"%PDF late", created=newest - 1)


class ReactionStand(_Trigger):
    """Messages that people react to."""

    uses = "slack.reaction_added"
    chosen = Reactions(channel=GENERAL, reaction="eyes", existing="read")

    async def add(self, count: int) -> Sequence[str]:
        stamps = [self.slack.say(f"Look {number}") for number in range(count)]
        for ts in stamps:
            self.slack.react(ts, "eyes", "U00000BOB")
            self.slack.react(ts, "tada", "U00000BOB")
        return [f"{ts}:eyes" for ts in stamps]

    async def add_late(self) -> str:
        ts = self.slack.say("late", at=float(self.slack.messages[GENERAL][-1]["ts"]) - 0.5)
        self.slack.react(ts, "eyes", "U00000ANN")
        return f"{ts}:eyes"


class PostStand(_AtSlack, WordingStand):
    """A channel that messages go to; they carry marks, so that the peer's clock, which stands still, does not count."""

    uses = "slack.post_message"
    token = None

    def __init__(self, slack: SlackWorkspace, around: Surroundings) -> None:
        super().__init__(around, connected(slack))
        self.slack = slack
        self._channel = GENERAL

    @property
    def writes(self) -> int:  # type: ignore[override]  # the peer counts
        return self.slack.writes

    def settings(self, words: str) -> Settings:
        return Post(channel=self._channel, text=words)

    def bad_record(self) -> Record:
        return self.worded("KEY-BAD", " ")

    async def rows(self) -> Sequence[Any]:
        return [message["text"] for message in self.slack.messages[GENERAL]]

    async def drift(self) -> None:
        self.slack.member_of.discard(GENERAL)
