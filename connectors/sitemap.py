"""Sitemaps: pages that appear on a site."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator
from typing import Annotated, Literal

from lxml import etree
from yarl import URL

from connectors.sdk import Connector, Context, Item, NoSettings, Settings, SettingsError, field
from connectors.sdk.http import Response
from connectors.sdk.intervals import interval
from connectors.sdk.seen import Seen
from connectors.sdk.urls import require_address

# The protocol allows 50 MB and 50,000 addresses a file
LARGEST_FILE = 50 * 1024 * 1024
MOST_FILES = 50
MOST_PAGES = 200_000

connector = Connector("sitemap", "Sitemap", icon="account_tree")


class Sitemap(Settings):
    """Which site to follow."""

    url: Annotated[
        str,
        field(
            "Address",
            hint="A sitemap or an index of sitemaps, packed or not.",
            example="https://example.com/sitemap.xml",
        ),
    ]
    changes: Annotated[
        bool, field("Changed pages too", hint="Also start a run when a page's date of change is a new one.")
    ] = False
    existing: Annotated[
        Literal["read", "skip"], field("Pages already there", hint="What to do with them when the recipe starts.")
    ] = "read"
    every: Annotated[str, field("Ask every", hint="How often to look, such as 5m, 1h or 1d.", advanced=True)] = "1h"

    def __post_init__(self) -> None:
        require_address(self.url)
        interval(self.every)


@connector.trigger("New page", every=3600.0)
async def new_page(context: Context[NoSettings, Sitemap], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each page that a sitemap lists for the first time.

    Gives `url`, `path` (what follows the host), `modified`, `changes` and `priority`.
    """
    settings = context.settings
    seen = Seen.load(cursor or "", MOST_PAGES)
    pages = await _pages(context)
    fresh = {_key(page, settings): page for page in pages if _key(page, settings) not in seen}
    for key in fresh:
        seen.add(key)
    if cursor is None and settings.existing == "skip":
        fresh = {}
    following = seen.dump()
    for number, (key, page) in enumerate(fresh.items(), 1):
        yield Item(key=key, title=page["url"], content=page, cursor=following if number == len(fresh) else None)
    if not fresh and following != cursor:
        yield Item(content=None, cursor=following)


async def _pages(context: Context[NoSettings, Sitemap]) -> list[dict[str, str]]:
    """Read the sitemap and, when it is an index, all that it names."""
    waiting, read, pages = [context.settings.url], set[str](), list[dict[str, str]]()
    while waiting and len(pages) < MOST_PAGES:
        place = waiting.pop(0)
        if place in read:
            continue
        if len(read) == MOST_FILES:
            raise SettingsError(f"The index names more than {MOST_FILES} sitemaps. Follow one of them instead.")
        read.add(place)
        response = await context.http.get(place, limit=LARGEST_FILE)
        inner, found = await asyncio.to_thread(read_sitemap, response)
        waiting += inner
        pages += found
    return pages[:MOST_PAGES]


def read_sitemap(response: Response) -> tuple[list[str], list[dict[str, str]]]:
    """Return the sitemaps that a file names and the pages that it lists."""
    content = _unpacked(response.content)
    if content.lstrip()[:1] != b"<":
        return [], _lines(content, response.url)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True)
    root = etree.fromstring(content, parser)
    kind = etree.QName(root).localname if root is not None else ""
    if kind not in {"urlset", "sitemapindex"}:
        raise SettingsError(f"There is no sitemap at {response.url}. Check the address.")
    entries = [_values(entry) for entry in root if isinstance(entry.tag, str)]
    places = [values for values in entries if values.get("loc", "").startswith(("http://", "https://"))]
    if kind == "sitemapindex":
        return [values["loc"] for values in places], []
    return [], [_page(values["loc"], values) for values in places]


def _unpacked(content: bytes) -> bytes:
    if content[:2] != b"\x1f\x8b":
        return content
    unpacker = zlib.decompressobj(31)
    try:
        plain = unpacker.decompress(content, LARGEST_FILE)
    except zlib.error as error:
        raise SettingsError("The packed sitemap is damaged.") from error
    if unpacker.unconsumed_tail:
        raise SettingsError("The packed sitemap is larger than 50 MB.")
    return plain


def _lines(content: bytes, url: str) -> list[dict[str, str]]:
    """Read a sitemap of one address a line."""
    lines = [line.strip() for line in content.decode("utf-8", errors="replace").splitlines() if line.strip()]
    if not lines or not all(line.startswith(("http://", "https://")) for line in lines):
        raise SettingsError(f"There is no sitemap at {url}. Check the address.")
    return [_page(line, {}) for line in lines]


def _values(entry: etree._Element) -> dict[str, str]:
    return {etree.QName(part).localname: (part.text or "").strip() for part in entry if isinstance(part.tag, str)}


def _page(place: str, values: dict[str, str]) -> dict[str, str]:
    """Return a page as recipes see it; `path` can follow a fixed host in the address of an HTTP step."""
    return {
        "url": place,
        "path": URL(place).raw_path_qs.removeprefix("/"),
        "modified": values.get("lastmod", ""),
        "changes": values.get("changefreq", ""),
        "priority": values.get("priority", ""),
    }


def _key(page: dict[str, str], settings: Sitemap) -> str:
    return f"{page['url']} {page['modified']}" if settings.changes else page["url"]
