"""From raw mail to plain values; whatever a sender put together, something readable comes out."""

from __future__ import annotations

import email
import hashlib
import re
from datetime import datetime
from email.errors import MessageError
from email.message import Message
from typing import Any

import msgspec

from connectors.sdk.items import Attachment
from connectors.sdk.mail.bounce import Bounce, bounce_of
from connectors.sdk.mail.headers import MOST_NAME, date_of, header, people, references
from connectors.sdk.mail.parts import Body, Forwarded, body_of, is_hostile

_BULK = frozenset({"bulk", "list", "junk"})


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """A mail as recipes see it; `dated` is the date as the sender wrote it.

    `automatic`: a machine wrote it (an absence notice, a list), so that nobody waits for an answer.
    """

    message_id: str
    in_reply_to: str
    references: list[str]
    subject: str
    sender: str
    sender_name: str
    reply_to: str
    to: list[str]
    cc: list[str]
    date: str | None
    dated: str
    text: str
    html: str
    attachments: list[Attachment]
    forwarded: list[Forwarded]
    bounce: Bounce | None
    automatic: bool
    complete: bool

    def content(self) -> dict[str, Any]:
        """Return what becomes `trigger` in templates."""
        values = {name: getattr(self, name) for name in self.__struct_fields__ if name != "dated"}
        plain = {name: msgspec.to_builtins(values[name]) for name in ("forwarded", "bounce")}
        return {**values, **plain}


def read(raw: bytes, arrived: datetime | None = None, *, complete: bool = True) -> Mail:
    """Read a mail; one that is cut off or nested beyond reason gives its header and text but no attachments."""
    if is_hostile(raw):
        complete, raw = False, head(raw)
    try:
        message = email.message_from_bytes(raw)
    except (RecursionError, ValueError, MessageError):
        complete, message = False, email.message_from_bytes(head(raw))
    bounce = bounce_of(message)
    body = _without_files(body_of(message), complete=complete, bounce=bounce)
    return msgspec.structs.replace(_mail(message, body, bounce), date=date_of(message, arrived), complete=complete)


def _mail(message: Message, body: Body, bounce: Bounce | None) -> Mail:
    names, addresses = people(message, "From")
    return Mail(
        message_id=header(message, "Message-ID").strip(),
        in_reply_to=next(iter(references(message, "In-Reply-To")), ""),
        references=references(message, "References"),
        subject=header(message, "Subject"),
        sender=addresses[0] if addresses else "",
        sender_name=names[0] if names else "",
        reply_to=next(iter(people(message, "Reply-To")[1]), ""),
        to=people(message, "To")[1],
        cc=people(message, "Cc")[1],
        date=None,
        dated=header(message, "Date"),
        text=body.text,
        html=body.html,
        attachments=body.attachments,
        forwarded=body.forwarded,
        bounce=bounce,
        automatic=_is_automatic(message) or bounce is not None,
        complete=True,
    )


def _without_files(body: Body, *, complete: bool, bounce: Bounce | None) -> Body:
    """Take out the files of a mail that is not whole, and everything of a mail of ours that came back."""
    if complete and bounce is None:
        return body
    return msgspec.structs.replace(body, attachments=[], forwarded=[])


def _is_automatic(message: Message) -> bool:
    """RFC 3834 and what lists have always written."""
    submitted = header(message, "Auto-Submitted").lower()
    return (
        submitted not in {"", "no"}
        or header(message, "Precedence").lower() in _BULK
        or bool(header(message, "List-Id"))
    )


def unreadable(arrived: datetime | None) -> Mail:
    """Return what is known of a mail that cannot be read at all: that it came, and when."""
    return msgspec.structs.replace(read(b"", arrived), complete=False)


def identity(raw: bytes, mail: Mail) -> str:
    """Return what tells a mail from all others, in whatever folder or numbering it is met again.

    Senders that give all their mails one Message-ID are told apart by date and subject; mails without one by content.
    """
    if not mail.message_id:
        return f"sha256:{hashlib.sha256(raw).hexdigest()}"
    beside = hashlib.sha256(f"{mail.dated}\n{mail.sender}\n{mail.subject}".encode()).hexdigest()[:16]
    return f"{mail.message_id[:MOST_NAME]} {beside}"


def head(raw: bytes) -> bytes:
    """Return the header of a mail alone."""
    return re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[0] + b"\r\n\r\n"
