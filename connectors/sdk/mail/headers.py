"""Headers as plain values, whatever their encoding claims to be."""

from __future__ import annotations

import binascii
from collections.abc import Iterator
from datetime import UTC, datetime
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime

MOST_HEADER = 2_000
LONGEST_VALUE = 40_000
MOST_NAME = 200
MOST_ADDRESSES = 500
MOST_REFERENCES = 100


def header(message: Message, name: str) -> str:
    """Return a header decoded, on one line, whatever its encoding claims to be."""
    return decoded(next(_raw(message, name), ""))


def _raw(message: Message, name: str) -> Iterator[str]:
    """Yield the values of a header as they were sent; asking the message would spoil bytes that are not ASCII."""
    for key, value in message.raw_items():
        if key.lower() == name.lower():
            yield str(value)[:LONGEST_VALUE]


def decoded(value: str) -> str:
    """Return an encoded header value as text on one line."""
    try:
        pieces = decode_header(value)
    except (MessageError, binascii.Error, ValueError):
        pieces = [(value, None)]
    text = "".join(piece if isinstance(piece, str) else text_of(piece, charset) for piece, charset in pieces)
    return " ".join(clean(text or value).split())[:MOST_HEADER]


def clean(text: str) -> str:
    """Drop what no database takes: NUL and halves of characters; bytes that were not ASCII are read as UTF-8."""
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        text = text.encode("utf-8", "surrogateescape" if _escaped(text) else "replace").decode("utf-8", "replace")
    return text.replace("\0", "")


def _escaped(text: str) -> bool:
    return all(not "\ud800" <= letter <= "\udfff" or "\udc80" <= letter <= "\udcff" for letter in text)


def text_of(content: bytes, charset: str | None) -> str:
    """Return bytes as text: in their character set, else UTF-8, else whatever it may be."""
    for name in (charset, "utf-8"):
        try:
            return content.decode(name or "utf-8")
        except (LookupError, ValueError):
            continue
    return content.decode("cp1252", "replace")


def people(message: Message, name: str) -> tuple[list[str], list[str]]:
    """Return the names and the addresses in a header."""
    values = [clean(value) for value in _raw(message, name)]
    try:
        found = getaddresses(values)[:MOST_ADDRESSES]
    except (ValueError, IndexError, RecursionError):
        found = []
    known = [(decoded(person), address.strip()[:MOST_NAME]) for person, address in found if "@" in address]
    return [person for person, _ in known], [address for _, address in known]


def date_of(message: Message, arrived: datetime | None) -> str | None:
    """Return when a mail was sent, or when it arrived where its own date makes no sense."""
    try:
        written = parsedate_to_datetime(header(message, "Date"))
    except (ValueError, TypeError, IndexError, OverflowError):
        return arrived.astimezone(UTC).isoformat() if arrived else None
    try:
        return (written if written.tzinfo else written.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    except (ValueError, OverflowError):
        return None


def references(message: Message, name: str) -> list[str]:
    """Return the Message-IDs in a header, such as References; of very many the last ones."""
    words = header(message, name).replace(",", " ").split()
    return [word[:MOST_NAME] for word in words if word.startswith("<") and word.endswith(">")][-MOST_REFERENCES:]
