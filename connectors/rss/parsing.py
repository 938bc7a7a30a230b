"""Feeds in every format, as entries; XML is read in a child process."""

from __future__ import annotations

import hashlib
import io
import time
from calendar import timegm
from collections.abc import Mapping
from typing import Any

import msgspec

from connectors.sdk import SettingsError
from connectors.sdk.texts import storable


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """What came from where, and what the server calls it."""

    content: bytes
    kind: str
    url: str


class About(msgspec.Struct, frozen=True):
    """The feed's own title and link."""

    title: str = ""
    link: str = ""


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


class Read(msgspec.Struct, frozen=True):
    """A feed and its entries as they stand, newest first as a rule."""

    feed: About
    entries: list[Entry]


def read_feed(source: Source) -> Read:
    """Read RSS and Atom, whole or broken."""
    import feedparser

    # A stream, because feedparser would open a text that looks like an address or a file name
    parsed = feedparser.parse(
        io.BytesIO(source.content), response_headers={"content-type": source.kind, "content-location": source.url}
    )
    if not parsed.get("version"):
        raise _no_feed(source.url)
    about = About(_clean(parsed.feed.get("title")), _clean(parsed.feed.get("link")))
    return Read(about, [_entry(found) for found in parsed.entries])


def read_json_feed(feed: Any, url: str) -> Read:
    """Read JSON Feed 1.0 and 1.1, which is decoded already."""
    if not isinstance(feed, dict) or not isinstance(feed.get("items"), list):
        raise _no_feed(url)
    about = About(_clean(feed.get("title")), _clean(feed.get("home_page_url")))
    return Read(about, [_json_entry(found) for found in feed["items"] if isinstance(found, dict)])


def _no_feed(url: str) -> SettingsError:
    return SettingsError(f"There is no RSS, Atom or JSON feed at {url}. Check the address.")


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
        categories=[_clean(tag["term"]) for tag in found.get("tags", ()) if tag.get("term")],
        enclosures=[
            {name: _clean(one.get(said)) for name, said in (("url", "href"), ("type", "type"), ("length", "length"))}
            for one in found.get("enclosures", ())
        ],
    )


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


def _moment(parsed: time.struct_time | None) -> str | None:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(timegm(parsed))) if parsed else None


def _clean(text: Any) -> str:
    return "" if text is None else storable(str(text))


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode(errors="surrogatepass")).hexdigest()
