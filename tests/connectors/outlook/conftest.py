"""A mailbox at Microsoft of its own for each test."""

from collections.abc import AsyncIterator, Callable
from email.message import EmailMessage
from typing import Any

import pytest

from connectors.microsoft._family import Connection
from connectors.sdk import Context, Secret, fill
from connectors.sdk.registry import find
from tests.connectors.file_stands import StoredFiles
from tests.peers.microsoft import GraphPeer, Mailbox, outlook_peer
from tests.peers.surroundings import Surroundings, surroundings

Use = Callable[..., Context[Any, Any]]


@pytest.fixture
async def peer() -> AsyncIterator[GraphPeer]:
    async with outlook_peer() as running:
        yield running


@pytest.fixture
def mailbox(peer: GraphPeer) -> Mailbox:
    return peer.mailbox


@pytest.fixture
def stored() -> StoredFiles:
    return StoredFiles()


@pytest.fixture
async def around(stored: StoredFiles) -> AsyncIterator[Surroundings]:
    async with surroundings(files=stored) as made:
        yield made


@pytest.fixture
def connection(peer: GraphPeer) -> Connection:
    return Connection(client_id="client", client_secret=Secret("s3cret"), address=peer.base)


@pytest.fixture
def use(around: Surroundings, connection: Connection) -> Use:
    """Return the context of a part with these settings."""

    def context(uses: str, **settings: Any) -> Context[Any, Any]:
        part = find(uses)
        assert part is not None
        return around.context(fill(part.settings, settings), connection)

    return context


def letter(subject: str = "Invoice 42", sender: str = "Supplier <billing@supplier.example>", **headers: str) -> bytes:
    """A mail with a text and a PDF of sorts."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "ada@example.com, bob@example.com", subject
    message["Date"] = "Sat, 21 Nov 2026 10:00:00 +0100"
    message["Message-ID"] = f"<{subject.translate(str.maketrans(' ', '-', '[]:'))}@supplier.example>"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content("Please pay 118.00 EUR.\n")
    message.add_attachment(b"%PDF-1.4 forty-two", maintype="application", subtype="pdf", filename="faktura ł.pdf")
    return message.as_bytes()
