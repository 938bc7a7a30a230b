"""A Gmail mailbox of its own for each test."""

from email.message import EmailMessage

import pytest

from tests.connectors.google.stands import around, connection, peer, stored, use
from tests.peers.gmail import Mailbox
from tests.peers.google import GooglePeer

_ID = str.maketrans(" ", "-", "[]:")
__all__ = ["around", "connection", "peer", "stored", "use"]


@pytest.fixture
def mailbox(peer: GooglePeer) -> Mailbox:
    made = Mailbox()
    peer.serve("gmail.v1", made.methods())
    return made


def letter(subject: str = "Invoice 42", sender: str = "Supplier <billing@supplier.example>", **headers: str) -> bytes:
    """A mail with a text and a PDF of sorts."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "ada@example.com, bob@example.com", subject
    message["Date"] = "Sat, 21 Nov 2026 10:00:00 +0100"
    message["Message-ID"] = f"<{subject.translate(_ID)}@supplier.example>"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content("Please pay 118.00 EUR.\n")
    message.add_attachment(b"%PDF-1.4 forty-two", maintype="application", subtype="pdf", filename="faktura ł.pdf")
    return message.as_bytes()
