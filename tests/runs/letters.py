"""An SMTP server that keeps what arrives, and may be told to refuse."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from queue import Queue

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from hub.supervisor.ports import free_port


class Letters:
    """What has arrived, in order; the first `refused` are turned away."""

    def __init__(self) -> None:
        self.refused = 0
        self.url = ""
        self._arrived: Queue[EmailMessage] = Queue()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # its name
        """Take one mail."""
        if self.refused:
            self.refused -= 1
            return "451 Come back later"
        assert isinstance(envelope.content, bytes)
        self._arrived.put(message_from_bytes(envelope.content, policy=default))
        return "250 OK"

    async def next(self, count: int = 1) -> Sequence[EmailMessage]:
        """Wait for so many mails."""
        return [await asyncio.to_thread(self._arrived.get, timeout=60) for _ in range(count)]

    @property
    def waiting(self) -> int:
        """How many have arrived that nobody looked at."""
        return self._arrived.qsize()


@asynccontextmanager
async def served() -> AsyncIterator[Letters]:
    """Serve mail for the length of a block."""
    letters, port = Letters(), free_port()
    letters.url = f"smtp://127.0.0.1:{port}"
    controller = Controller(letters, hostname="127.0.0.1", port=port, ready_timeout=60)
    controller.start()
    yield letters
    controller.stop()
