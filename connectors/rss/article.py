"""The text of the page that an entry leads to, without menus and advertisements; read in a child process."""

from __future__ import annotations

import time
from typing import Any

import msgspec
from yarl import URL

from connectors.sdk import ConnectorError, Context, SettingsError, TemporaryError
from connectors.sdk.pages.robots import ask_robots
from connectors.sdk.texts import storable

LARGEST_PAGE = 10 * 1024 * 1024
LONGEST_TEXT = 500_000
PAUSE = 0.5
LONGEST_READ = 200.0
# A site that wants to be left alone for longer does not hold up the feed: its entry comes without the text
LONGEST_PAUSE = 900.0
_PAGES = frozenset({"", "text/html", "application/xhtml+xml", "text/plain"})


class Written(msgspec.Struct, frozen=True):
    """A page as it came."""

    content: bytes
    kind: str
    url: str


def read_article(written: Written) -> str:
    """Return the article's text, paragraph by paragraph."""
    from trafilatura import extract

    if written.kind.startswith("text/plain"):
        return storable(written.content.decode("utf-8", "replace")[:LONGEST_TEXT])
    text = extract(written.content, url=written.url, include_comments=False, include_tables=True)
    if not text:
        raise SettingsError(f"There is no article on the page {written.url}.")
    return storable(text[:LONGEST_TEXT])


class Articles:
    """Opens the pages of entries one by one, as their sites allow."""

    def __init__(self, context: Context[Any, Any]) -> None:
        self._context = context
        self._ends = time.monotonic() + LONGEST_READ

    @property
    def late(self) -> bool:
        """Whether the other pages are better read the next time."""
        return time.monotonic() > self._ends

    async def read(self, link: str) -> dict[str, str]:
        """Return the text, or the sentence that says why there is none; a site that asks for a short pause gets it."""
        try:
            return {"text": await self._text(link)}
        except TemporaryError as error:
            if error.retry_after is not None and error.retry_after <= LONGEST_PAUSE:
                raise
            return {"text": "", "problem": error.message}
        except ConnectorError as error:
            return {"text": "", "problem": error.message}

    async def _text(self, link: str) -> str:
        if not _origin(link):
            raise SettingsError("The entry leads to no page.")
        allowed, delays = await ask_robots(self._context, [link])
        if not allowed[link]:
            raise SettingsError(f"The site's robots.txt asks programs not to read {link}.")
        host = URL(link).host or ""
        async with self._context.courtesy.turn(host, max(PAUSE, delays[host])):
            answer = await self._context.http.get(link, limit=LARGEST_PAGE)
        kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind not in _PAGES:
            raise SettingsError(f"{link} is no page but {kind}.")
        return await self._context.confined(read_article, Written(answer.content, kind, answer.url))


def _origin(link: str) -> str:
    try:
        url = URL(link)
        return str(url.origin()) if url.scheme in {"http", "https"} and url.host else ""
    except ValueError:
        return ""
