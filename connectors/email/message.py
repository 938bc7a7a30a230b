"""From raw mail to plain values; whatever a sender put together, something readable comes out."""

from __future__ import annotations

import binascii
import email
import hashlib
import mimetypes
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.utils import collapse_rfc2231_value, getaddresses, parsedate_to_datetime
from typing import Any

import msgspec

from connectors.sdk import Attachment

MOST_TEXT = 1_000_000
MOST_HEADER = 2_000
LONGEST_VALUE = 40_000
MOST_NAME = 200
MOST_ADDRESSES = 500
MOST_PARTS = 1_000
# each level of nesting is looked at for every line; real mails have a handful
MOST_BOUNDARIES = 100
MOST_DIVISIONS = 20_000

_BOUNDARY = re.compile(rb"boundary\s*=", re.IGNORECASE)
_BREAKING = frozenset({"br", "p", "div", "tr", "li", "h1", "h2", "h3", "h4", "h5", "h6", "table", "blockquote"})
_UNSEEN = frozenset({"script", "style", "head", "title"})


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """A mail as recipes see it; `dated` is the date as the sender wrote it."""

    message_id: str
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
    complete: bool

    def content(self) -> dict[str, Any]:
        """Return what becomes `trigger` in templates."""
        return {name: getattr(self, name) for name in self.__struct_fields__ if name != "dated"}


def read(raw: bytes, arrived: datetime | None = None, *, complete: bool = True) -> Mail:
    """Read a mail; one that is cut off or nested beyond reason gives its header and text but no attachments."""
    if _is_hostile(raw):
        complete, raw = False, head(raw)
    try:
        message = email.message_from_bytes(raw)
    except (RecursionError, ValueError, MessageError):
        complete, message = False, email.message_from_bytes(head(raw))
    text, html, attachments = _body(message)
    names, addresses = _people(message, "From")
    return Mail(
        message_id=header(message, "Message-ID").strip(),
        subject=header(message, "Subject"),
        sender=addresses[0] if addresses else "",
        sender_name=names[0] if names else "",
        reply_to=next(iter(_people(message, "Reply-To")[1]), ""),
        to=_people(message, "To")[1],
        cc=_people(message, "Cc")[1],
        date=_date(message, arrived),
        dated=header(message, "Date"),
        text=text,
        html=html,
        attachments=attachments if complete else [],
        complete=complete,
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


def _is_hostile(raw: bytes) -> bool:
    """Taking such a mail apart would take longer than any real one is worth."""
    boundaries = len(_BOUNDARY.findall(raw))
    return boundaries > MOST_BOUNDARIES or raw.count(b"\n--") > MOST_DIVISIONS


def head(raw: bytes) -> bytes:
    """Return the header of a mail alone."""
    return re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[0] + b"\r\n\r\n"


def header(message: Message, name: str) -> str:
    """Return a header decoded, on one line, whatever its encoding claims to be."""
    return _decoded(next(_raw(message, name), ""))


def _raw(message: Message, name: str) -> Iterator[str]:
    """Yield the values of a header as they were sent; asking the message would spoil bytes that are not ASCII."""
    for key, value in message.raw_items():
        if key.lower() == name.lower():
            yield str(value)[:LONGEST_VALUE]


def _decoded(value: str) -> str:
    try:
        pieces = decode_header(value)
    except (MessageError, binascii.Error, ValueError):
        pieces = [(value, None)]
    text = "".join(piece if isinstance(piece, str) else _text(piece, charset) for piece, charset in pieces)
    return " ".join(clean(text or value).split())[:MOST_HEADER]


def clean(text: str) -> str:
    """Drop what no database takes: NUL and halves of characters; bytes that were not ASCII are read as UTF-8."""
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        text = text.encode("utf-8", "surrogateescape" if _escaped(text) else "replace").decode("utf-8", "replace")
    return text.replace("\0", "")


def _escaped(text: str) -> bool:
    return all(not "\ud800" <= letter <= "\udfff" or "\udc80" <= letter <= "\udcff" for letter in text)


def _text(content: bytes, charset: str | None) -> str:
    for name in (charset, "utf-8"):
        try:
            return content.decode(name or "utf-8")
        except (LookupError, ValueError):
            continue
    return content.decode("cp1252", "replace")


def _people(message: Message, name: str) -> tuple[list[str], list[str]]:
    values = [clean(value) for value in _raw(message, name)]
    try:
        found = getaddresses(values)[:MOST_ADDRESSES]
    except (ValueError, IndexError, RecursionError):
        found = []
    people = [(_decoded(person), address.strip()[:MOST_NAME]) for person, address in found if "@" in address]
    return [person for person, _ in people], [address for _, address in people]


def _date(message: Message, arrived: datetime | None) -> str | None:
    try:
        written = parsedate_to_datetime(header(message, "Date"))
    except (ValueError, TypeError, IndexError, OverflowError):
        return arrived.astimezone(UTC).isoformat() if arrived else None
    try:
        return (written if written.tzinfo else written.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    except (ValueError, OverflowError):
        return None


def _body(message: Message) -> tuple[str, str, list[Attachment]]:
    texts: list[str] = []
    pages: list[str] = []
    attachments: list[Attachment] = []
    for number, part in enumerate(_parts(message), 1):
        kind = clean(part.get_content_type())
        content = part.get_payload(decode=True)
        content = content if isinstance(content, bytes) else b""
        name = _file_name(part)
        inline = part.get_content_disposition() != "attachment" and not name
        if inline and (kind == "text/plain" or kind.startswith("multipart/")):
            texts.append(_text(content, part.get_content_charset()))
        elif inline and kind == "text/html":
            pages.append(_text(content, part.get_content_charset()))
        elif content:
            label = name or f"attachment-{number}{mimetypes.guess_extension(kind) or ''}"
            attachments.append(Attachment(name=label, media_type=kind, content=content))
    text, html = (clean("\n".join(found))[:MOST_TEXT].replace("\r\n", "\n") for found in (texts, pages))
    return text or plain(html), html, attachments


def _parts(message: Message) -> Iterator[Message]:
    """Walk over the leaves without recursion, also into mails that were forwarded as attachments."""
    waiting = [message]
    for _ in range(MOST_PARTS):
        if not waiting:
            return
        part = waiting.pop()
        inner = part.get_payload() if part.is_multipart() else None
        if isinstance(inner, list):
            waiting.extend(reversed([one for one in inner if isinstance(one, Message)]))
        else:
            yield part


def _file_name(part: Message) -> str:
    try:
        name = _decoded(collapse_rfc2231_value(part.get_filename(""))[-MOST_HEADER:])
    except (ValueError, LookupError, TypeError):
        return "unnamed"
    label = re.split(r"[/\\]", name)[-1]
    label = "".join(letter for letter in label if letter.isprintable()).strip(" .")
    return label[-MOST_NAME:] or ("unnamed" if name else "")


def plain(html: str) -> str:
    """Return the words of a page, a line for each block, for mails that come without a text of their own."""
    if not html.strip():
        return ""
    from lxml import etree
    from lxml.html import HTMLParser, document_fromstring

    try:
        page = document_fromstring(html.encode(), parser=HTMLParser(encoding="utf-8"))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return ""
    words: list[str] = []
    walk = etree.iterwalk(page, events=("start", "end"))
    for event, element in walk:
        starts, hidden = event == "start", element.tag in _UNSEEN or not isinstance(element.tag, str)
        if element.tag in _BREAKING:
            words.append("\n")
        if starts and hidden:
            walk.skip_subtree()
        words.append((element.text if starts and not hidden else None) or "")
        words.append((element.tail if not starts else None) or "")
    lines = (" ".join(line.split()) for line in "".join(words).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
