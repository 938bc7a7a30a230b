"""What is to be captured, and what came of it."""

from __future__ import annotations

import codecs
import re
from urllib.parse import unquote, urlsplit

import msgspec

from connectors.sdk.texts import character_set
from hub.errors import InvalidError, Problem

LARGEST = 25 * 1024 * 1024
MOST_SELECTORS = 20
PAGES = frozenset({"text/html", "application/xhtml+xml"})
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset", re.IGNORECASE)


class Wanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A page to capture.

    `selectors` name the parts to read; `rendered` has a browser draw the page first and `wait_for` wait until something
    is on it; `connection` names a log-in of the connector `web`.
    """

    url: str
    selectors: tuple[str, ...] = ()
    rendered: bool = False
    wait_for: str | None = None
    connection: str | None = None

    @property
    def selector(self) -> str | None:
        """All selectors as one, None when the whole page is to be read."""
        return ", ".join(self.selectors) or None

    def check(self) -> None:
        """Refuse what names no page, before anything is asked."""
        parts = urlsplit(self.url)
        if parts.scheme.lower() not in {"http", "https"} or not parts.hostname:
            message = "An address begins with http:// or https:// and a host."
            raise InvalidError(message, errors=[Problem("url", message)])
        if "@" in parts.netloc:
            message = "An address may not hold a user name or password; use a connection."
            raise InvalidError(message, errors=[Problem("url", message)])
        if len(self.selectors) > MOST_SELECTORS:
            message = f"Give up to {MOST_SELECTORS} selectors."
            raise InvalidError(message, errors=[Problem("selectors", message)])
        if self.wait_for and not self.rendered:
            message = "Waiting for something on the page needs a browser: say rendered."
            raise InvalidError(message, errors=[Problem("wait_for", message)])


class Captured(msgspec.Struct, frozen=True, kw_only=True):
    """A page as it came: where it really was, its bytes and what they are."""

    url: str
    content: bytes
    media_type: str
    rendered: bool = False

    @property
    def name(self) -> str:
        """A name for the file: the last part of the address, or the host."""
        parts = urlsplit(self.url)
        last = unquote(parts.path.rstrip("/").rpartition("/")[2])[-100:]
        if self.media_type not in PAGES:
            return last or parts.hostname or "page"
        stem = last.removesuffix(".html").removesuffix(".htm")
        return f"{parts.hostname}-{stem}.html" if stem else f"{parts.hostname}.html"


def in_its_charset(content: bytes, content_type: str) -> bytes:
    """The page in UTF-8 when only the answer's head says what it is written in; readers see the bytes alone."""
    charset = character_set(content_type)
    if charset in {"", "utf-8", "ascii"} or _CHARSET.search(content[:4096]):
        return content
    return codecs.BOM_UTF8 + content.decode(charset, "replace").encode("utf-8", "replace")
