"""Watched pages: which of them are no longer what they were."""

from __future__ import annotations

import base64
import hashlib
import time
import zlib
from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any

import msgspec

from connectors.sdk import ConnectorError, Context, Item, Settings, Shape, TemporaryError, field
from connectors.sdk.intervals import interval
from connectors.sdk.network.urls import require_address
from connectors.web.page import Page, look
from connectors.web.parts import parts_of_page, picture_of_page
from connectors.web.reading import Reader, Sent, Wanted, reading, source_of
from connectors.web.selector import check_selector

MOST_PAGES = 50
# What is not reached by then is looked at first the next time
LONGEST_LOOK = 150.0


class Watch(Settings):
    """Which page to watch, and what part of it."""

    url: Annotated[str, field("Address", example="https://example.com/prices")]
    more: Annotated[list[str], field("More addresses", hint=f"Watched in the same way; {MOST_PAGES} at most.")] = []
    selector: Annotated[
        str,
        field(
            "Part",
            hint="A CSS selector, or pick a part of the page; empty for the whole page.",
            example="#prices, table.rates",
            choices=parts_of_page,
            picture=picture_of_page,
        ),
    ] = ""
    ignore: Annotated[
        str,
        field(
            "Leave out",
            hint="A CSS selector for what always changes, such as a clock.",
            example=".ad, time",
            choices=parts_of_page,
            picture=picture_of_page,
            advanced=True,
        ),
    ] = ""
    rendered: Annotated[
        bool, field("Draw in a browser", hint="For pages that scripts fill in; log-ins by a form always are.")
    ] = False
    wait_for: Annotated[
        str,
        field("Wait for", hint="A CSS selector of what must be on the page first.", when={"rendered": (True,)}),
    ] = ""
    robots: Annotated[
        bool,
        field(
            "Follow robots.txt",
            hint="Read no page that the site asks programs not to read. Switch it off only where the site agrees.",
            advanced=True,
        ),
    ] = True
    pause: Annotated[
        float, field("Pause", hint="Seconds between two pages of one site, unless it asks for more.", advanced=True)
    ] = 1.0
    every: Annotated[str, field("Ask every", hint="How often to look.", advanced=True, shape=Shape.DURATION)] = "1h"

    def __post_init__(self) -> None:
        for url in self.urls:
            require_address(url)
        if len(self.urls) > MOST_PAGES:
            raise ValueError(f"Watch {MOST_PAGES} pages at most; make another recipe for more.")
        if not 0 <= self.pause <= 60:
            raise ValueError("Pause between 0 and 60 seconds.")
        interval(self.every)
        for selector in (self.selector, self.ignore, self.wait_for):
            check_selector(selector)

    @property
    def urls(self) -> Sequence[str]:
        """All addresses, each once."""
        return list(dict.fromkeys([self.url, *self.more]))


class Look(msgspec.Struct, omit_defaults=True):
    """A page's text as last read, how often it has changed, and what the server said about its version."""

    text: str = ""
    changes: int = 0
    etag: str = ""
    modified: str = ""


class Cursor(Look, omit_defaults=True):
    """What is known of each page, and which one is next; the look of one page alone is how cursors once were."""

    pages: dict[str, Look] = {}
    first: str = ""


async def changed_pages(context: Context[Any, Watch], cursor: str | None) -> AsyncIterator[Item]:
    """Yield an item for each page that has changed; one that cannot be read keeps no other waiting."""
    settings = context.settings
    known = _known(cursor, settings.url)
    urls = _in_turn(settings.urls, known.first)
    wanted = Wanted(
        rendered=settings.rendered, wait_for=settings.wait_for, robots=settings.robots, pause=settings.pause
    )
    failure: ConnectorError | None = None
    known.pages = {url: look for url, look in known.pages.items() if url in urls}
    known.first, ends = "", time.monotonic() + LONGEST_LOOK
    async with reading(context, wanted) as reader:
        for number, url in enumerate(urls):
            if number and time.monotonic() > ends:
                known.first = url
                break
            try:
                found = await _look(context, reader, url, known)
            except ConnectorError as error:
                failure = failure or error
            else:
                if found is not None:
                    yield found
    encoded = msgspec.json.encode(known).decode()
    if encoded != cursor:
        yield Item(content=None, cursor=encoded)
    if isinstance(failure, TemporaryError) and len(urls) > 1:
        # The site that asked for a pause gets it; the others are looked at meanwhile
        raise TemporaryError(failure.message) from failure
    if failure is not None:
        raise failure


async def _look(context: Context[Any, Watch], reader: Reader, url: str, known: Cursor) -> Item | None:
    """Look at one page, note how it is, and return what has changed since the last time."""
    settings = context.settings
    last = known.pages.get(url)
    sent = await reader.read(url, {"If-None-Match": last.etag, "If-Modified-Since": last.modified} if last else {})
    if not sent.modified:
        return None
    before = _unpack(last.text) if last else None
    page = await context.confined(look, source_of(sent, settings.selector, settings.ignore, before))
    changes = (last.changes if last else 0) + (page.change is not None)
    known.pages[url] = Look(text=_pack(page.text), changes=changes, etag=sent.etag, modified=sent.changed_at)
    return None if page.change is None else _item(page, sent, before, _key(url, settings, changes, page))


def _item(page: Page, sent: Sent, before: str | None, key: str) -> Item:
    found = msgspec.structs.asdict(page.change) if page.change else {}
    content = {"url": sent.url, "title": page.title, "before": before, "after": page.text, **found}
    return Item(key=key, title=page.title or sent.url, content=content, subject=sent.url)


def _key(url: str, settings: Watch, changes: int, page: Page) -> str:
    """The number keeps a page that changes back and forth from looking like a repeat."""
    key = f"{changes}:{hashlib.sha256(page.text.encode()).hexdigest()}"
    return key if url == settings.url else f"{hashlib.sha256(url.encode()).hexdigest()[:16]}:{key}"


def _known(cursor: str | None, url: str) -> Cursor:
    found = msgspec.json.decode(cursor, type=Cursor) if cursor else Cursor()
    if found.text:
        only = Look(text=found.text, changes=found.changes, etag=found.etag, modified=found.modified)
        return Cursor(pages={url: only})
    return found


def _in_turn(urls: Sequence[str], first: str) -> Sequence[str]:
    start = urls.index(first) if first in urls else 0
    return [*urls[start:], *urls[:start]]


def _pack(text: str) -> str:
    return base64.b85encode(zlib.compress(text.encode(), 9)).decode()


def _unpack(packed: str) -> str:
    return zlib.decompress(base64.b85decode(packed)).decode()
