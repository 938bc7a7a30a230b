"""Gmail under the contracts of triggers and targets."""

from collections.abc import Sequence
from typing import Any

import pytest

from connectors.sdk import Context
from tests.connectors.contracts import TriggerContract, TriggerStand
from tests.connectors.file_stands import FileTargetContract, FileTargetStand
from tests.connectors.gmail.conftest import letter
from tests.connectors.google.stands import GoogleStand, Use
from tests.peers.gmail import Mailbox
from tests.peers.google import GooglePeer

PLAIN = b"From: a@b.example\r\nSubject: plain\r\n\r\nhello\r\n"


class InboxStand(GoogleStand, TriggerStand):
    uses = "gmail.message_received"

    def __init__(self, peer: GooglePeer, mailbox: Mailbox, use: Use) -> None:
        self.peer, self.mailbox, self.use = peer, mailbox, use

    def context(self) -> Context[Any, Any]:
        return self.use(self.uses)

    async def add(self, count: int) -> Sequence[str]:
        return [self.mailbox.put(PLAIN) for _ in range(count)]

    async def add_late(self) -> str:
        return self.mailbox.put(PLAIN, late=120_000)

    async def repeat(self) -> None:
        self.mailbox.tell_again()


class WritingStand(GoogleStand, FileTargetStand):
    """A mailbox that mails are written to; Gmail refuses one of the recipients."""

    def __init__(self, peer: GooglePeer, mailbox: Mailbox, use: Use) -> None:
        self.peer, self.mailbox, self.use = peer, mailbox, use

    @property
    def writes(self) -> int:  # type: ignore[override]  # counted by the peer
        return self.peer.writes

    def context_of(self, number: int) -> Context[Any, Any]:
        to = "nobody@refused.example" if number in {self.BAD, self.gone} else "bob@example.com"
        return self.use(self.uses, to=to, subject=f"Number {number}", text="Hello")

    async def drift(self) -> None:
        self.gone = 2

    gone = -1


class SendStand(WritingStand):
    uses = "gmail.send"

    async def rows(self) -> Sequence[Any]:
        return [kept.mail["Message-ID"] for kept in self.mailbox.sent()]


class ReplyStand(SendStand):
    uses = "gmail.reply"

    def __init__(self, peer: GooglePeer, mailbox: Mailbox, use: Use) -> None:
        super().__init__(peer, mailbox, use)
        self.good = mailbox.put(letter())
        self.bad = mailbox.put(letter("Refused", "nobody@refused.example"))

    def context_of(self, number: int) -> Context[Any, Any]:
        return self.use(self.uses, mail=self.bad if number == self.BAD else self.good, text=f"Number {number}")

    async def drift(self) -> None:
        del self.mailbox.messages[self.good]


class DraftStand(WritingStand):
    uses = "gmail.draft"

    async def rows(self) -> Sequence[Any]:
        return list(self.mailbox.drafts)


class LabelStand(GoogleStand, FileTargetStand):
    """A mailbox with mails to label; one of them has been deleted, and then the label itself."""

    uses = "gmail.label"

    def __init__(self, peer: GooglePeer, mailbox: Mailbox, use: Use) -> None:
        self.peer, self.mailbox, self.use = peer, mailbox, use
        self.mails = [mailbox.put(PLAIN) for _ in range(1_000)]

    @property
    def writes(self) -> int:  # type: ignore[override]  # counted by the peer
        return self.peer.writes

    def context_of(self, number: int) -> Context[Any, Any]:
        mail = "1930ffffffffffff" if number == self.BAD else self.mails[number]
        return self.use(self.uses, mail=mail, add=["Booked"], remove=["UNREAD"])

    async def rows(self) -> Sequence[Any]:
        return [kept.id for kept in self.mailbox.messages.values() if kept.labels == {"INBOX", "Label_7"}]

    async def drift(self) -> None:
        del self.mailbox.labels["Label_7"]


class TestMessageReceived(TriggerContract):
    @pytest.fixture
    def stand(self, peer, mailbox, use):
        return InboxStand(peer, mailbox, use)


class TestSend(FileTargetContract):
    @pytest.fixture
    def stand(self, peer, mailbox, use):
        return SendStand(peer, mailbox, use)


class TestReply(FileTargetContract):
    # It goes out as any mail does, of which hundreds are sent above
    many = 50

    @pytest.fixture
    def stand(self, peer, mailbox, use):
        return ReplyStand(peer, mailbox, use)


class TestDraft(FileTargetContract):
    # As above: the first half of sending
    many = 50

    @pytest.fixture
    def stand(self, peer, mailbox, use):
        return DraftStand(peer, mailbox, use)


class TestLabel(FileTargetContract):
    @pytest.fixture
    def stand(self, peer, mailbox, use):
        return LabelStand(peer, mailbox, use)
