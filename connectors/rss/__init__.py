"""Feeds: new entries of RSS, Atom and JSON Feed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

from connectors.rss.article import Articles
from connectors.rss.parsing import Read, Source, read_feed, read_json_feed
from connectors.sdk import Category, Connector, Context, Item, NoSettings, Settings, Shape, field
from connectors.sdk.cursors.seen import Seen
from connectors.sdk.intervals import interval
from connectors.sdk.network.urls import require_address

if TYPE_CHECKING:
    from connectors.sdk.network.http import Response

LARGEST_FEED = 10 * 1024 * 1024
MOST_REMEMBERED = 5000
_ACCEPT = "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"

connector = Connector(
    "rss", "Feed", icon="rss_feed", category=Category.WEB, tried="feeds and pages of a web server of our own"
)


class Feed(Settings):
    """Which feed to follow."""

    url: Annotated[str, field("Address", hint="An RSS, Atom or JSON feed.", example="https://example.com/feed.xml")]
    existing: Annotated[
        Literal["read", "skip"], field("Entries already there", hint="What to do with them when the recipe starts.")
    ] = "read"
    full_text: Annotated[
        bool,
        field("Whole articles", hint="Open the page of each entry and give its text, for feeds that only begin it."),
    ] = False
    every: Annotated[str, field("Ask every", hint="How often to look.", advanced=True, shape=Shape.DURATION)] = "5m"

    def __post_init__(self) -> None:
        require_address(self.url)
        interval(self.every)


class Cursor(msgspec.Struct, omit_defaults=True):
    """What the server said about the version we read, and which entries that were."""

    etag: str = ""
    modified: str = ""
    seen: str = ""


@connector.trigger("New entry", every=300.0)
async def new_entry(context: Context[NoSettings, Feed], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each entry that appears in a feed.

    Gives `title`, `link`, `summary`, `content`, `author`, `published`, `updated`, `categories`, `enclosures`, `id`, and
    of the feed `feed.title` and `feed.link`; with whole articles also `text`, or `problem` where there is none.
    """
    settings = context.settings
    last = msgspec.json.decode(cursor, type=Cursor) if cursor else Cursor()
    response = await context.http.get(settings.url, headers=_conditions(last), limit=LARGEST_FEED)
    if response.status == 304:
        return
    read = await _read(context, response)
    seen = Seen.load(last.seen, MOST_REMEMBERED)
    known = [entry for entry in reversed(read.entries) if entry.id in seen]
    fresh = {entry.id: entry for entry in reversed(read.entries) if entry.id not in seen}
    if cursor is None and settings.existing == "skip":
        known, fresh = list(reversed(read.entries)), {}
    for entry in known:
        seen.add(entry.id)
    articles = Articles(context) if settings.full_text else None
    for number, entry in enumerate(fresh.values(), 1):
        content = {**msgspec.to_builtins(entry), "feed": msgspec.to_builtins(read.feed)}
        if articles is not None:
            content |= await articles.read(entry.link)
        seen.add(entry.id)
        # Until all are read, the server must send the feed again
        reached = _cursor(response, seen) if number == len(fresh) else _place(articles, seen)
        yield Item(key=entry.id, title=entry.title, content=content, cursor=reached)
        if articles is not None and articles.late:
            return
    if not fresh and (following := _cursor(response, seen)) != cursor:
        yield Item(content=None, cursor=following)


def _place(articles: Articles | None, seen: Seen) -> str | None:
    """Return how far the reading of pages has come; entries that are at hand need no place in between."""
    return msgspec.json.encode(Cursor(seen=seen.dump())).decode() if articles else None


async def _read(context: Context[NoSettings, Feed], response: Response) -> Read:
    """Read XML in a child process; the decoder of JSON needs none."""
    if response.content.lstrip()[:1] == b"{":
        return read_json_feed(response.json(), response.url)
    kind = response.headers.get("Content-Type", "")
    return await context.confined(read_feed, Source(content=response.content, kind=kind, url=response.url))


def _conditions(last: Cursor) -> dict[str, str]:
    headers = {"Accept": _ACCEPT, "If-None-Match": last.etag, "If-Modified-Since": last.modified}
    return {name: value for name, value in headers.items() if value}


def _cursor(response: Response, seen: Seen) -> str:
    following = Cursor(
        etag=response.headers.get("ETag", ""), modified=response.headers.get("Last-Modified", ""), seen=seen.dump()
    )
    return msgspec.json.encode(following).decode()
