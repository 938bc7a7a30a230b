"""Sitemaps: pages that appear on a site."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Literal

import msgspec

from connectors.sdk import Category, Connector, Context, Item, NoSettings, Settings, SettingsError, Shape, field
from connectors.sdk.intervals import interval
from connectors.sdk.seen import Seen
from connectors.sdk.urls import require_address
from connectors.sitemap.parsing import LARGEST_FILE, Page, Source, read_sitemap

MOST_FILES = 50
MOST_PAGES = 200_000

connector = Connector("sitemap", "Sitemap", icon="account_tree", category=Category.WEB)


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
    every: Annotated[str, field("Ask every", hint="How often to look.", advanced=True, shape=Shape.DURATION)] = "1h"

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
        reached = following if number == len(fresh) else None
        yield Item(key=key, title=page.url, content=msgspec.to_builtins(page), cursor=reached)
    if not fresh and following != cursor:
        yield Item(content=None, cursor=following)


async def _pages(context: Context[NoSettings, Sitemap]) -> list[Page]:
    """Read the sitemap and, when it is an index, all that it names."""
    waiting, read, pages = [context.settings.url], set[str](), list[Page]()
    while waiting and len(pages) < MOST_PAGES:
        place = waiting.pop(0)
        if place in read:
            continue
        if len(read) == MOST_FILES:
            raise SettingsError(f"The index names more than {MOST_FILES} sitemaps. Follow one of them instead.")
        read.add(place)
        response = await context.http.get(place, limit=LARGEST_FILE)
        found = await context.confined(read_sitemap, Source(response.content, response.url))
        waiting += found.sitemaps
        pages += found.pages
    return pages[:MOST_PAGES]


def _key(page: Page, settings: Sitemap) -> str:
    return f"{page.url} {page.modified}" if settings.changes else page.url
