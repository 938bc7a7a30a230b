"""Outlook under the contracts of triggers and targets."""

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

import pytest

from connectors.sdk import Context
from tests.connectors.contracts import Stand, TriggerContract, TriggerStand
from tests.connectors.file_stands import FileTargetContract, FileTargetStand
from tests.connectors.outlook.conftest import Use, letter
from tests.peers.faults import Fault
from tests.peers.microsoft import GraphPeer

PLAIN = b"From: a@b.example\r\nSubject: plain\r\n\r\nhello\r\n"


class GraphStand(Stand):
    """Fails and heals Graph."""

    _kinds: ClassVar[dict[str, Literal["cut", "malformed"]]] = {"cut": "cut", "malformed": "malformed"}

    def __init__(self, peer: GraphPeer, use: Use) -> None:
        self.peer, self.mailbox, self.use = peer, peer.mailbox, use

    async def fail(self, fault: str) -> None:
        if fault in self._kinds:
            self.peer.fail(Fault(kind=self._kinds[fault]))
        else:
            self.peer.fail(Fault(status=int(fault), headers={"Retry-After": "7"} if fault == "429" else {}))

    async def heal(self) -> None:
        self.peer.recover()


class InboxStand(GraphStand, TriggerStand):
    uses = "outlook.message_received"

    def context(self) -> Context[Any, Any]:
        return self.use(self.uses)

    async def add(self, count: int) -> Sequence[str]:
        return [self.mailbox.put(PLAIN) for _ in range(count)]

    async def add_late(self) -> str:
        return self.mailbox.put(PLAIN, late=120)

    async def repeat(self) -> None:
        self.mailbox.touch(next(reversed(self.mailbox.kept)))


class WritingStand(GraphStand, FileTargetStand):
    @property
    def writes(self) -> int:  # type: ignore[override]  # counted by the peer
        return self.mailbox.writes


class SendStand(WritingStand):
    uses = "outlook.send"
    gone = -1

    def context_of(self, number: int) -> Context[Any, Any]:
        to = "nobody@refused.example" if number in {self.BAD, self.gone} else "bob@example.com"
        return self.use(self.uses, to=to, subject=f"Number {number}", text="Hello")

    async def rows(self) -> Sequence[Any]:
        return [kept.id for kept in self.mailbox.sent()]

    async def drift(self) -> None:
        self.gone = 2


class ReplyStand(SendStand):
    uses = "outlook.reply"

    def __init__(self, peer: GraphPeer, use: Use) -> None:
        super().__init__(peer, use)
        self.good = self.mailbox.put(letter())
        self.bad = self.mailbox.put(letter("Refused", "nobody@refused.example"))

    def context_of(self, number: int) -> Context[Any, Any]:
        return self.use(self.uses, mail=self.bad if number == self.BAD else self.good, text=f"Number {number}")

    async def drift(self) -> None:
        del self.mailbox.kept[self.good]


class MarkStand(WritingStand):
    uses = "outlook.mark"

    def __init__(self, peer: GraphPeer, use: Use) -> None:
        super().__init__(peer, use)
        self.mails = [self.mailbox.put(PLAIN) for _ in range(1_000)]

    def context_of(self, number: int) -> Context[Any, Any]:
        return self.use(
            self.uses, mail="gone" if number == self.BAD else self.mails[number], add=["Booked"], read="read"
        )

    async def rows(self) -> Sequence[Any]:
        return [kept.id for kept in self.mailbox.kept.values() if kept.read and kept.categories == ["Booked"]]

    async def drift(self) -> None:
        del self.mailbox.kept[self.mails[2]]


class MoveStand(MarkStand):
    uses = "outlook.move"
    to = "Archiv"

    def context_of(self, number: int) -> Context[Any, Any]:
        return self.use(self.uses, mail="gone" if number == self.BAD else self.mails[number], to=self.to)

    async def rows(self) -> Sequence[Any]:
        return [kept.id for kept in self.mailbox.kept.values() if kept.folder == "fld-archive"]

    async def drift(self) -> None:
        self.to = "Nowhere"


class TestMessageReceived(TriggerContract):
    @pytest.fixture
    def stand(self, peer, use):
        return InboxStand(peer, use)


class TestSend(FileTargetContract):
    @pytest.fixture
    def stand(self, peer, use):
        return SendStand(peer, use)


class TestReply(FileTargetContract):
    # It goes out as any mail does, of which hundreds are sent above
    many = 50

    @pytest.fixture
    def stand(self, peer, use):
        return ReplyStand(peer, use)


class TestMark(FileTargetContract):
    @pytest.fixture
    def stand(self, peer, use):
        return MarkStand(peer, use)


class TestMove(FileTargetContract):
    @pytest.fixture
    def stand(self, peer, use):
        return MoveStand(peer, use)
