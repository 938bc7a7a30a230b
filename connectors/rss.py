"""Feeds: new entries of RSS, Atom and JSON Feed."""

from __future__ import annotations

import asyncio
import hashlib
import io
import time
from calendar import timegm
from collections.abc import AsyncIterator, Mapping
from typing import Annotated, Any, Literal

import msgspec

from connectors.sdk import Connector, Context, Item, NoSettings, Settings, SettingsError, field
from connectors.sdk.http import Response
from connectors.sdk.intervals import interval
from connectors.sdk.seen import Seen
from connectors.sdk.texts import storable
from connectors.sdk.urls import require_address

LARGEST_FEED = 10 * 1024 * 1024
MOST_REMEMBERED = 5000
_ACCEPT = "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"

connector = Connector("rss", "Feed", icon="rss_feed")


class Feed(Settings):
    """Which feed to follow."""

    url: Annotated[str, field("Address", hint="An RSS, Atom or JSON feed.", example="https://example.com/feed.xml")]
    existing: Annotated[
        Literal["read", "skip"], field("Entries already there", hint="What to do with them when the recipe starts.")
    ] = "read"
    every: Annotated[str, field("Ask every", hint="How often to look, such as 30s, 5m or 1h.", advanced=True)] = "5m"

    def __post_init__(self) -> None:
        require_address(self.url)
        interval(self.every)


class Cursor(msgspec.Struct, omit_defaults=True):
    """What the server said about the version we read, and which entries that were."""

    etag: str = ""
    modified: str = ""
    seen: str = ""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry, whatever the format it came in."""

    id: str
    title: str = ""
    link: str = ""
    summary: str = ""
    content: str = ""
    author: str = ""
    published: str | None = None
    updated: str | None = None
    categories: list[str] = []
    enclosures: list[dict[str, Any]] = []


@connector.trigger("New entry", every=300.0)
async def new_entry(context: Context[NoSettings, Feed], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each entry that appears in a feed.

    Gives `title`, `link`, `summary`, `content`, `author`, `published`, `updated`, `categories`, `enclosures`, `id`, and
    of the feed `feed.title` and `feed.link`.
    """
    settings = context.settings
    last = msgspec.json.decode(cursor, type=Cursor) if cursor else Cursor()
    response = await context.http.get(settings.url, headers=_conditions(last), limit=LARGEST_FEED)
    if response.status == 304:
        return
    feed, entries = await asyncio.to_thread(read_feed, response)
    seen = Seen.load(last.seen, MOST_REMEMBERED)
    fresh = [entry for entry in reversed(entries) if entry.id not in seen]
    for entry in reversed(entries):
        seen.add(entry.id)
    following = _cursor(response, seen)
    if cursor is None and settings.existing == "skip":
        fresh = []
    for number, entry in enumerate(fresh, 1):
        content = {**msgspec.to_builtins(entry), "feed": feed}
        yield Item(key=entry.id, title=entry.title, content=content, cursor=following if number == len(fresh) else None)
    if not fresh and following != cursor:
        yield Item(content=None, cursor=following)


def read_feed(response: Response) -> tuple[dict[str, str], list[Entry]]:
    """Return the feed's own title and link, and its entries as they stand, newest first as a rule."""
    if response.content.lstrip()[:1] == b"{":
        return _read_json(response)
    import feedparser

    # A stream, because feedparser would open a text that looks like an address or a file name
    kind = response.headers.get("Content-Type", "")
    parsed = feedparser.parse(
        io.BytesIO(response.content), response_headers={"content-type": kind, "content-location": response.url}
    )
    if not parsed.get("version"):
        raise SettingsError(f"There is no RSS, Atom or JSON feed at {response.url}. Check the address.")
    about = {"title": _clean(parsed.feed.get("title", "")), "link": parsed.feed.get("link", "")}
    return about, [_entry(found) for found in parsed.entries]


def _entry(found: Mapping[str, Any]) -> Entry:
    title, link = _clean(found.get("title", "")), _clean(found.get("link", ""))
    identity = (
        _clean(found.get("id"))
        or link
        or _digest(title, str(found.get("published", "")), str(found.get("summary", "")))
    )
    return Entry(
        id=identity,
        title=title,
        link=link,
        summary=_clean(found.get("summary", "")),
        content=_clean("\n".join(part.get("value", "") for part in found.get("content", ()))),
        author=_clean(found.get("author", "")),
        published=_moment(found.get("published_parsed")),
        # feedparser would answer with the date of publication, and a warning
        updated=_moment(found.get("updated_parsed") if "updated_parsed" in found else None),
        categories=[str(tag["term"]) for tag in found.get("tags", ()) if tag.get("term")],
        enclosures=[
            {"url": one.get("href", ""), "type": one.get("type", ""), "length": one.get("length", "")}
            for one in found.get("enclosures", ())
        ],
    )


def _read_json(response: Response) -> tuple[dict[str, str], list[Entry]]:
    """Read JSON Feed 1.0 and 1.1."""
    feed = response.json()
    if not isinstance(feed, dict) or not isinstance(feed.get("items"), list):
        raise SettingsError(f"There is no RSS, Atom or JSON feed at {response.url}. Check the address.")
    about = {"title": _clean(feed.get("title")), "link": _clean(feed.get("home_page_url"))}
    return about, [_json_entry(found) for found in feed["items"] if isinstance(found, dict)]


def _json_entry(found: dict[str, Any]) -> Entry:
    authors = found.get("authors") or [found.get("author") or {}]
    link = _clean(found.get("url") or found.get("external_url"))
    return Entry(
        id=_clean(found.get("id")) or link or _digest(_clean(found.get("title")), _clean(found.get("content_text"))),
        title=_clean(found.get("title")),
        link=link,
        summary=_clean(found.get("summary")),
        content=_clean(found.get("content_html") or found.get("content_text")),
        author=", ".join(_clean(one.get("name")) for one in authors if isinstance(one, dict) and one.get("name")),
        published=found.get("date_published"),
        updated=found.get("date_modified"),
        categories=[_clean(tag) for tag in found.get("tags") or ()],
        enclosures=[
            {"url": one.get("url", ""), "type": one.get("mime_type", ""), "length": str(one.get("size_in_bytes", ""))}
            for one in found.get("attachments") or ()
            if isinstance(one, dict)
        ],
    )


def _conditions(last: Cursor) -> dict[str, str]:
    headers = {"Accept": _ACCEPT, "If-None-Match": last.etag, "If-Modified-Since": last.modified}
    return {name: value for name, value in headers.items() if value}


def _cursor(response: Response, seen: Seen) -> str:
    following = Cursor(
        etag=response.headers.get("ETag", ""), modified=response.headers.get("Last-Modified", ""), seen=seen.dump()
    )
    return msgspec.json.encode(following).decode()


def _moment(parsed: time.struct_time | None) -> str | None:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(timegm(parsed))) if parsed else None


def _clean(text: Any) -> str:
    return "" if text is None else storable(str(text))


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode(errors="surrogatepass")).hexdigest()
