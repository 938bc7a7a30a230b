"""A mailbox of its own for each test, on a real Dovecot and Postfix."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from email.message import EmailMessage
from typing import Any

import pytest

from connectors.email import message_received
from connectors.email.connection import Connection
from connectors.email.inbox import Mailbox
from connectors.sdk import Item, Secret, fill
from tests.peers.mail import mail
from tests.peers.mail_server import PASSWORD, MailServer
from tests.peers.surroundings import Surroundings, surroundings

__all__ = ["mail"]


class StoredFiles:
    """Files of a run, by reference."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    async def open(self, reference: str) -> bytes:
        return self.kept[reference]


@pytest.fixture
def stored() -> StoredFiles:
    return StoredFiles()


@pytest.fixture
async def around(stored: StoredFiles) -> AsyncIterator[Surroundings]:
    async with surroundings(files=stored) as made:
        yield made


@pytest.fixture
def address(mail: MailServer) -> str:
    return mail.mailbox()


@pytest.fixture
def connection(mail: MailServer, address: str) -> Connection:
    return Connection(
        user=address,
        password=Secret(PASSWORD),
        imap_host=mail.host,
        imap_port=mail.imaps_port,
        smtp_host=mail.host,
        smtp_port=mail.submission_port,
        authority=mail.certificate.read_text(),
    )


@pytest.fixture
def read(around: Surroundings, connection: Connection) -> Callable[..., Any]:
    """Read a folder once and return the items, those without content left out unless asked for."""

    async def call(cursor: str | None = None, *, silent: bool = False, **settings: Any) -> list[Item]:
        context = around.context(fill(Mailbox, settings), connection)
        return [item async for item in message_received(context, cursor) if silent or item.content is not None]

    return call


def letter(
    subject: str = "Invoice 42", sender: str = "Supplier <billing@supplier.example>", **headers: str
) -> EmailMessage:
    """A mail with a text, a page and a PDF of sorts."""
    message = EmailMessage()
    message["From"], message["Subject"] = sender, subject
    message["To"] = headers.pop("to", "box0@example.test")
    message["Date"] = "Sat, 21 Nov 2026 10:00:00 +0100"
    message["Message-ID"] = headers.pop(
        "message_id", f"<{subject.strip('[]').replace(' ', '-').replace(']', '')}@supplier.example>"
    )
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content("Dear all,\nplease pay 118.00 EUR.\n")
    message.add_alternative("<p>Please pay <b>118.00 EUR</b>.</p>", subtype="html")
    message.add_attachment(b"%PDF-1.4 forty-two", maintype="application", subtype="pdf", filename="faktura ł.pdf")
    return message


async def eventually(read: Callable[[], Any]) -> Any:
    """Ask again until there is something; real delivery takes the time it takes."""
    async with asyncio.timeout(60):
        while not (found := await read()):
            await asyncio.sleep(0.05)
    return found


async def noticed(waiting: Coroutine[Any, Any, None], send: Callable[[], None]) -> float:
    """Wait for mail, send one once the server has been asked to tell, and return the seconds until it was noticed.

    On a busy machine the server may not have been asked yet; then another mail is sent after a while.
    """
    told, start = asyncio.ensure_future(waiting), time.perf_counter()
    await asyncio.wait([told], timeout=1)
    while not told.done():
        start = time.perf_counter()
        await asyncio.to_thread(send)
        await asyncio.wait([told], timeout=15)
    await told
    return time.perf_counter() - start


@asynccontextmanager
async def knocking(send: Callable[[], None]) -> AsyncIterator[None]:
    """Send mails every now and then while the block runs."""

    async def knock() -> None:
        while True:
            await asyncio.sleep(0.3)
            await asyncio.to_thread(send)

    knocks = asyncio.create_task(knock())
    try:
        yield
    finally:
        knocks.cancel()
        with suppress(asyncio.CancelledError):
            await knocks  # tells why nobody knocks any more
