"""A mailbox on a real server under the contract of triggers."""

from collections.abc import Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from connectors.email.connection import Connection
from connectors.email.inbox import Mailbox, Returns
from connectors.sdk import Context, Secret
from tests.connectors.contracts import TriggerContract, TriggerStand
from tests.connectors.email.conftest import letter
from tests.connectors.email.test_conversations import CAME_BACK
from tests.peers.mail_server import MailServer
from tests.peers.surroundings import Surroundings


class InboxStand(TriggerStand):
    """A mailbox; it fails by a password that is not good any more, or a server that is gone."""

    uses = "email.message_received"

    def __init__(self, mail: MailServer, address: str, around: Surroundings, connection: Connection) -> None:
        self.mail, self.address, self.around, self.good = mail, address, around, connection
        self.connection = connection
        self.count = 0

    def context(self) -> Context[Any, Any]:
        return self.around.context(Mailbox(), self.connection)

    async def add(self, count: int) -> Sequence[str]:
        names = [f"mail-{self.count + number}." for number in range(count)]
        self.count += count
        self.mail.put(self.address, [self.raw(name) for name in names])
        return names

    async def add_late(self) -> str:
        [name] = await self.add(1)
        return name

    async def repeat(self) -> None:
        self.mail.renumber(self.address)

    async def fail(self, fault: str) -> None:
        faults: dict[str, dict[str, Any]] = {"401": {"password": Secret("old")}, "no answer": {"imap_port": 1}}
        self.connection = replace(self.good, **faults[fault])

    async def heal(self) -> None:
        self.connection = self.good

    def raw(self, name: str) -> bytes:
        return letter(name, message_id=f"<{name}@supplier.example>").as_bytes()


class ReturnsStand(InboxStand):
    uses = "email.bounced"

    def context(self) -> Context[Any, Any]:
        return self.around.context(Returns(existing="read"), self.connection)

    def raw(self, name: str) -> bytes:
        return CAME_BACK.replace(b"Message-Id: <", b"Message-Id: <" + name.encode())


class TestMessageReceived(TriggerContract):
    # Another protocol than HTTP: these are its ways of failing
    faults = {"401": "CredentialsError", "no answer": "TemporaryError"}  # read by the contract

    @pytest.fixture
    def stand(self, mail, address, around, connection):
        return InboxStand(mail, address, around, connection)


class TestBounced(TriggerContract):
    faults = TestMessageReceived.faults
    # Read as those above are
    many = 60

    @pytest.fixture
    def stand(self, mail, address, around, connection):
        return ReturnsStand(mail, address, around, connection)
