"""Pages as the server sends them or as a browser draws them, one after the other and as the site allows."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from yarl import URL

from connectors.sdk import Context, SettingsError
from connectors.sdk.pages.browser import Finder, Pages, Photo
from connectors.sdk.pages.robots import ask_robots
from connectors.web.connection import Connection
from connectors.web.page import Source

LARGEST_PAGE = 10 * 1024 * 1024
NOT_MODIFIED = 304


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """In which way to read pages."""

    rendered: bool = False
    wait_for: str = ""
    robots: bool = True
    pause: float = 0.0


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """What came for an address: its bytes and what the server says of them; `modified` false: nothing new."""

    url: str
    content: bytes = b""
    kind: str = "text/html; charset=utf-8"
    etag: str = ""
    changed_at: str = ""
    modified: bool = True


class Reader:
    """Reads the pages of one call, each as its site's rules for programs allow."""

    def __init__(self, context: Context[Any, Any], wanted: Wanted, pages: Pages | None) -> None:
        self._context = context
        self._wanted = wanted
        self._pages = pages

    async def photograph(self, url: str, find: Finder, *, scripts: bool) -> Photo:
        """Return a picture of a page."""
        assert self._pages is not None  # noqa: S101  # who wants pictures lends a browser
        async with self._turn(url):
            return await self._pages.photograph(url, find, self._wanted.wait_for, scripts=scripts)

    async def read(self, url: str, conditions: Mapping[str, str]) -> Sent:
        """Return a page; `conditions` say which version is known, so that the server need not send it again."""
        async with self._turn(url):
            if self._pages is not None:
                drawn = await self._pages.draw(url, self._wanted.wait_for)
                return Sent(url=drawn.url, content=drawn.content)
            return await self._fetch(url, conditions)

    @asynccontextmanager
    async def _turn(self, url: str) -> AsyncIterator[None]:
        """Hold the page's site for one request, as its rules for programs allow."""
        pause = max(self._wanted.pause, await self._delay(url)) if self._wanted.robots else self._wanted.pause
        async with self._context.courtesy.turn(URL(url).host or "", pause):
            yield

    async def _delay(self, url: str) -> float:
        """Return the pause that a site wants; one that closes the page to programs is not asked for it."""
        allowed, delays = await ask_robots(self._context, [url])
        if not allowed[url]:
            message = f"The site's robots.txt asks programs not to read {url}. Leave it out, or ask the site."
            raise SettingsError(message)
        return max(delays.values())

    async def _fetch(self, url: str, conditions: Mapping[str, str]) -> Sent:
        headers = {name: value for name, value in conditions.items() if value}
        if isinstance(self._context.connection, Connection):
            headers |= self._context.connection.signing_headers()
        answer = await self._context.http.get(url, headers=headers, limit=LARGEST_PAGE)
        return Sent(
            url=answer.url,
            content=answer.content,
            kind=answer.headers.get("Content-Type", ""),
            etag=answer.headers.get("ETag", ""),
            changed_at=answer.headers.get("Last-Modified", ""),
            modified=answer.status != NOT_MODIFIED,
        )


@asynccontextmanager
async def reading(context: Context[Any, Any], wanted: Wanted) -> AsyncIterator[Reader]:
    """Lend a reader; one browser draws all pages where they are to be drawn, or a log-in needs it."""
    log_in = context.connection if isinstance(context.connection, Connection) else None
    if not wanted.rendered and not (log_in and log_in.needs_browser):
        yield Reader(context, wanted, None)
        return
    async with context.browser.open(log_in) as pages:
        yield Reader(context, wanted, pages)


def source_of(sent: Sent, selector: str, ignore: str, before: str | None) -> Source:
    """Return what came, for reading in a child process."""
    return Source(content=sent.content, kind=sent.kind, url=sent.url, selector=selector, ignore=ignore, before=before)
