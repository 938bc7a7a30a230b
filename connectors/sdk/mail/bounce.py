"""Mails that came back: what a mail server reports of a mail that it could not deliver (RFC 3464)."""

from __future__ import annotations

import email
from email.errors import MessageError
from email.message import Message

import msgspec

from connectors.sdk.mail.headers import clean, header

MOST_RECIPIENTS = 100
_LONGEST = 500


class Failed(msgspec.Struct, frozen=True, kw_only=True):
    """One recipient who was not reached: what became of it (failed, delayed), the code, and why."""

    address: str
    action: str
    status: str
    reason: str


class Bounce(msgspec.Struct, frozen=True, kw_only=True):
    """A report about a mail of ours: the Message-ID and subject it had, and who was not reached.

    `permanent`: at least one recipient will never get it; else a server goes on trying.
    """

    message_id: str
    subject: str
    permanent: bool
    recipients: list[Failed]


def bounce_of(message: Message) -> Bounce | None:
    """Return what a mail reports about another one; None when it is no such report."""
    if message.get_content_type() != "multipart/report":
        return None
    parts = message.get_payload()
    if not isinstance(parts, list):
        return None
    inner = [part for part in parts if isinstance(part, Message)]
    report = next((part for part in inner if part.get_content_type() == "message/delivery-status"), None)
    if report is None:
        return None
    recipients = _recipients(report)
    returned = next((found for part in inner if (found := _returned(part)) is not None), Message())
    return Bounce(
        message_id=header(returned, "Message-ID").strip(),
        subject=header(returned, "Subject"),
        permanent=any(one.action == "failed" or one.status.startswith("5") for one in recipients),
        recipients=recipients,
    )


def _recipients(report: Message) -> list[Failed]:
    blocks = report.get_payload()
    found = [block for block in blocks if isinstance(block, Message)] if isinstance(blocks, list) else []
    return [_failed(block) for block in found if block.get("Final-Recipient") or block.get("Original-Recipient")][
        :MOST_RECIPIENTS
    ]


def _failed(block: Message) -> Failed:
    # as it was written first; servers on the way may have rewritten it
    address = header(block, "Original-Recipient") or header(block, "Final-Recipient")
    return Failed(
        address=address.rpartition(";")[2].strip()[:_LONGEST],
        action=header(block, "Action").lower()[:_LONGEST],
        status=header(block, "Status").partition(" ")[0][:_LONGEST],
        reason=header(block, "Diagnostic-Code").partition(";")[2].strip()[:_LONGEST],
    )


def _returned(part: Message) -> Message | None:
    """Return the header of the mail that came back: whole, or its header alone as text."""
    if part.get_content_type() == "message/rfc822":
        inner = part.get_payload()
        return inner[0] if isinstance(inner, list) and inner and isinstance(inner[0], Message) else None
    if part.get_content_type() in {"text/rfc822-headers", "message/rfc822-headers", "message/global-headers"}:
        content = part.get_payload(decode=True)
        text = content if isinstance(content, bytes) else clean(str(part.get_payload())).encode()
        try:
            return email.message_from_bytes(text)
        except (RecursionError, ValueError, MessageError):
            return None
    return None
