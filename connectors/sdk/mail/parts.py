"""The parts of a mail: its texts, its files, and the mails that were forwarded inside it."""

from __future__ import annotations

import email
import mimetypes
import re
import struct
from collections.abc import Iterator
from email.errors import MessageError
from email.message import Message
from email.utils import collapse_rfc2231_value, parseaddr

import msgspec

from connectors.sdk.items import Attachment
from connectors.sdk.mail.headers import MOST_HEADER, MOST_NAME, clean, date_of, decoded, header, people, text_of
from connectors.sdk.mail.page import plain

MOST_TEXT = 1_000_000
MOST_PARTS = 1_000
MOST_FORWARDED = 50
# each level of nesting is looked at for every line; real mails have a handful
MOST_BOUNDARIES = 100
MOST_DIVISIONS = 20_000

_BOUNDARY = re.compile(rb"boundary\s*=", re.IGNORECASE)
_OUTLOOK = "application/vnd.ms-outlook"


class Forwarded(msgspec.Struct, frozen=True, kw_only=True):
    """A mail inside a mail; its files come along with those of the outer one, and here are their names."""

    message_id: str = ""
    subject: str = ""
    sender: str = ""
    to: list[str] = []
    date: str | None = None
    text: str = ""
    html: str = ""
    attachments: list[str] = []


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """What a mail holds."""

    text: str
    html: str
    attachments: list[Attachment]
    forwarded: list[Forwarded]


def is_hostile(raw: bytes) -> bool:
    """Tell whether taking a mail apart would take longer than any real one is worth."""
    return len(_BOUNDARY.findall(raw)) > MOST_BOUNDARIES or raw.count(b"\n--") > MOST_DIVISIONS


def body_of(message: Message) -> Body:
    """Return the texts and files of a mail, and the mails inside it, each with texts of its own."""
    waiting, forwarded = [message], list[Forwarded]()
    texts, attachments, numbered = list[tuple[str, str]](), list[Attachment](), 0
    while waiting and len(texts) <= MOST_FORWARDED:
        mail = waiting.pop(0)
        words, pages, files = list[str](), list[str](), list[Attachment]()
        for part in _parts(mail):
            numbered += 1
            inner = _mail_inside(part)
            if isinstance(inner, Message):
                waiting.append(inner)
            elif inner is not None:
                forwarded.append(inner.facts)
                files += inner.files
            else:
                _sort(part, numbered, (words, pages, files))
        texts.append(_texts(words, pages))
        attachments += files
        if mail is not message:
            forwarded.append(_facts(mail, texts[-1], files))
    text, html = texts[0]
    return Body(text=text, html=html, attachments=attachments, forwarded=forwarded[:MOST_FORWARDED])


def _parts(message: Message) -> Iterator[Message]:
    """Walk over the leaves without recursion; a mail inside is a leaf."""
    waiting = [message]
    for _ in range(MOST_PARTS):
        if not waiting:
            return
        part = waiting.pop()
        inner = part.get_payload() if part.is_multipart() else None
        if isinstance(inner, list) and (part is message or part.get_content_maintype() != "message"):
            waiting.extend(reversed([one for one in inner if isinstance(one, Message)]))
        else:
            yield part


def _sort(part: Message, number: int, into: tuple[list[str], list[str], list[Attachment]]) -> None:
    """Put a leaf to the texts, the pages or the files."""
    texts, pages, files = into
    kind = clean(part.get_content_type())
    content = _content(part)
    name = _file_name(part)
    inline = part.get_content_disposition() != "attachment" and not name
    if inline and (kind == "text/plain" or kind.startswith("multipart/")):
        texts.append(text_of(content, part.get_content_charset()))
    elif inline and kind == "text/html":
        pages.append(text_of(content, part.get_content_charset()))
    elif content:
        label = name or f"attachment-{number}{mimetypes.guess_extension(kind) or ''}"
        files.append(Attachment(name=label, media_type=kind, content=content))


def _texts(words: list[str], pages: list[str]) -> tuple[str, str]:
    text, html = (clean("\n".join(found))[:MOST_TEXT].replace("\r\n", "\n") for found in (words, pages))
    return text or plain(html), html


def _facts(mail: Message, texts: tuple[str, str], files: list[Attachment]) -> Forwarded:
    return Forwarded(
        message_id=header(mail, "Message-ID").strip(),
        subject=header(mail, "Subject"),
        sender=next(iter(people(mail, "From")[1]), ""),
        to=people(mail, "To")[1],
        date=date_of(mail, None),
        text=texts[0],
        html=texts[1],
        attachments=[file.name for file in files],
    )


class _Opened(msgspec.Struct, frozen=True):
    """An Outlook message that has been read."""

    facts: Forwarded
    files: list[Attachment]


def _mail_inside(part: Message) -> Message | _Opened | None:
    """Return the mail that a part is: forwarded whole, attached as a file, or kept by Outlook; None for other parts."""
    if part.get_content_type() == "message/rfc822":
        inner = part.get_payload()
        found = inner[0] if isinstance(inner, list) and inner else None
        return found if isinstance(found, Message) else None
    name = _file_name(part).lower()
    if name.endswith(".eml"):
        return _attached(_content(part))
    if name.endswith(".msg") or part.get_content_type() == _OUTLOOK:
        return _outlook(_content(part))
    return None


def _attached(raw: bytes) -> Message | None:
    """Read a mail that somebody attached as a file; None when it is none."""
    if not raw.strip() or is_hostile(raw):
        return None
    try:
        found = email.message_from_bytes(raw)
    except (RecursionError, ValueError, MessageError):
        return None
    return found if header(found, "From") or header(found, "Subject") else None


def _outlook(raw: bytes) -> _Opened | None:
    """Read a message as Outlook keeps it; None when it cannot be read, so that it stays a file."""
    from oxmsg import Message as OutlookMessage

    try:
        message = OutlookMessage.load(raw)
        files = [
            Attachment(
                name=_label(one.file_name or "attachment"), media_type=one.mime_type or _guess(one), content=content
            )
            for one in message.attachments
            if (content := one.file_bytes)
        ]
        page = clean(message.html_body or "")[:MOST_TEXT]
        facts = Forwarded(
            message_id=clean(str(message.message_headers.get("Message-ID", ""))).strip()[:MOST_NAME],
            subject=clean(message.subject or "")[:MOST_HEADER],
            sender=clean(parseaddr(message.sender or "")[1] or message.sender or "")[:MOST_NAME],
            to=[clean(one.email_address or one.name or "")[:MOST_NAME] for one in message.recipients],
            date=message.sent_date.isoformat() if message.sent_date else None,
            text=clean(message.body or "")[:MOST_TEXT].replace("\r\n", "\n") or plain(page),
            html=page,
            attachments=[file.name for file in files],
        )
    except (
        *(struct.error, ValueError, LookupError, TypeError, AttributeError, OSError),
        *(AssertionError, RecursionError, OverflowError),
    ):
        return None
    return _Opened(facts, files)


def _guess(attachment: object) -> str:
    name = str(getattr(attachment, "file_name", "") or "")
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def _content(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _file_name(part: Message) -> str:
    try:
        name = decoded(collapse_rfc2231_value(part.get_filename(""))[-MOST_HEADER:])
    except (ValueError, LookupError, TypeError):
        return "unnamed"
    return _label(name)


def _label(name: str) -> str:
    label = re.split(r"[/\\]", name)[-1]
    label = "".join(letter for letter in label if letter.isprintable()).strip(" .")
    return label[-MOST_NAME:] or ("unnamed" if name else "")
