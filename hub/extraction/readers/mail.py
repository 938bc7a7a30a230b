"""EML: header, text and attachments of a mail, forwarded mails among them."""

from __future__ import annotations

import email.errors
from collections.abc import Iterator
from datetime import datetime
from email import message_from_bytes, policy
from email.header import decode_header
from email.message import Message
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, TypeAlias

from hub.extraction.readers.characters import clean
from hub.extraction.readers.draft import Draft
from hub.extraction.readers.letters import Attachment, Letter, write_letter
from hub.extraction.readers.plain import text_of
from hub.extraction.readers.source import Source
from hub.extraction.reading import Reading, ReadingError

if TYPE_CHECKING:
    Mail: TypeAlias = Message[str, str]

PARTS = 2_000
LONGEST = 20_000
DEEP = "The mail is nested too deep to be read. Send what is attached to it by itself."


def read_mail(source: Source) -> Reading:
    """Read the mail as it is shown; what is attached is read like any document."""
    draft = Draft(source, "message/rfc822")
    write_mail(draft, source.content)
    return draft.finish()


def write_mail(draft: Draft, content: bytes) -> None:
    """Write a mail into a draft, which may hold others."""
    try:
        mail = message_from_bytes(content, policy=policy.compat32)
        parts = list(_parts(mail))
    except RecursionError as error:
        raise ReadingError(DEEP) from error
    html = next((part for part in parts if _is_text(part, "text/html")), None)
    text = next((part for part in parts if _is_text(part, "text/plain")), None)
    letter = Letter(
        subject=_header(mail, "subject"),
        sender=_header(mail, "from"),
        to=_header(mail, "to"),
        cc=_header(mail, "cc"),
        sent=_sent(mail),
        identity=_header(mail, "message-id").strip("<> "),
        html=_decoded(html) if html else "",
        text=_decoded(text) if text else "",
    )
    attached = (part for part in parts if part not in (html, text))
    write_letter(draft, letter, (one for part in attached if (one := _attachment(part)) is not None))


def _parts(mail: Mail) -> Iterator[Mail]:
    """The leaves of the mail in their order; a mail within it is one of them."""
    waiting = [mail]
    for _ in range(PARTS):
        if not waiting:
            return
        part = waiting.pop()
        inner = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(inner, list):
            waiting.extend(reversed([one for one in inner if isinstance(one, Message)]))
        else:
            yield part
    raise ReadingError(f"The mail has more than {PARTS:,} parts. Send what is attached to it by itself.")


def _is_text(part: Mail, kind: str) -> bool:
    return part.get_content_type() == kind and part.get_content_disposition() != "attachment" and not _name(part)


def _attachment(part: Mail) -> Attachment | None:
    if part.get_content_type() == "message/rfc822":
        inner = part.get_payload()
        mail = inner[0] if isinstance(inner, list) and inner else None
        if not isinstance(mail, Message):
            return None
        return Attachment((_header(mail, "subject") or "mail") + ".eml", mail.as_bytes())
    content = _content(part)
    if not content.strip():
        return None
    kind = part.get_content_type()
    name = _name(part) or f"attachment.{kind.rpartition('/')[2][:20]}"
    shown = part.get_content_disposition() == "inline" or bool(part.get("content-id"))
    return Attachment(name, content, shown and kind.startswith("image/"))


def _name(part: Mail) -> str:
    try:
        return _words(part.get_filename() or "")
    except (ValueError, LookupError, TypeError, AttributeError):
        # RFC 2231 written wrongly
        return ""


def _content(part: Mail) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _decoded(part: Mail) -> str:
    content = _content(part)
    try:
        return clean(content.decode(part.get_content_charset() or "")).replace("\r\n", "\n")
    except (LookupError, ValueError):
        return text_of(content) if content.strip() else ""


def _header(mail: Mail, name: str) -> str:
    """What it says, also where a program wrote it in UTF-8 as it is."""
    written = next((value for key, value in mail.raw_items() if key.lower() == name), "")
    return _words(str(written)[:LONGEST].encode("ascii", "surrogateescape").decode("utf-8", "replace"))


def _words(written: str) -> str:
    """A header's text, put together from its encoded words."""
    try:
        pieces = [
            piece.decode(charset or "utf-8", "replace") if isinstance(piece, bytes) else piece
            for piece, charset in decode_header(written)
        ]
    except (email.errors.MessageError, LookupError, ValueError):
        pieces = [written]
    return " ".join(clean("".join(pieces)).split())


def _sent(mail: Mail) -> datetime | None:
    try:
        return parsedate_to_datetime(_header(mail, "date"))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
