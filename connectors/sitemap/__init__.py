"""Sitemaps: pages that appear on a site."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator, Sequence
from fnmatch import fnmatchcase
from typing import Annotated, Literal

import msgspec
from yarl import URL

from connectors.sdk import Category, Connector, Context, Item, NoSettings, Settings, SettingsError, Shape, field
from connectors.sdk.cursors.seen import Seen
from connectors.sdk.intervals import interval
from connectors.sdk.network.urls import require_address
from connectors.sitemap.parsing import LARGEST_FILE, Listing, Page, Source, read_sitemap

MOST_FILES = 1000
MOST_PAGES = 200_000
LONGEST_READ = 200.0

connector = Connector("sitemap", "Sitemap", icon="account_tree", category=Category.WEB, tried="a web server of our own")


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
    paths: Annotated[
        list[str],
        field("Paths", hint="Only these; * stands for anything. Empty for all.", example=["/news/*"]),
    ] = []
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
    async for item in _Following(context, cursor).items():
        yield item


class Cursor(msgspec.Struct, omit_defaults=True):
    """The pages that are known, when each file last changed, and whether the first look is still going on."""

    seen: str = ""
    files: dict[str, str] = {}
    skipping: bool = False


class _Following:
    """One look at a sitemap, file by file; a file is ticked off once all its pages were told."""

    def __init__(self, context: Context[NoSettings, Sitemap], cursor: str | None) -> None:
        self._context = context
        self._settings = context.settings
        self._cursor = cursor
        known = _known(cursor)
        self._seen = Seen.load(known.seen, MOST_PAGES)
        self._files = known.files
        self._skipping = known.skipping or (cursor is None and context.settings.existing == "skip")
        self._pages = 0

    async def items(self) -> AsyncIterator[Item]:
        """Yield the new pages of each file that may have some."""
        waiting = {self._settings.url: ""}
        read: dict[str, str] = {}
        ends = time.monotonic() + LONGEST_READ
        while waiting and time.monotonic() < ends:
            place, changed = waiting.popitem()
            if place in read or (changed and self._files.get(place) == changed):
                continue
            read[place] = changed
            found = await self._read(place)
            waiting |= found.sitemaps
            if len(read) + len(waiting) > MOST_FILES:
                raise SettingsError(f"The index names more than {MOST_FILES:,} sitemaps. Follow one of them instead.")
            for item in self._fresh(found.pages):
                yield item
            self._files |= {place: changed} if changed else {}
            if waiting and found.pages:
                yield Item(content=None, cursor=self._reached(self._skipping))
        reached = self._reached(self._skipping and bool(waiting))
        if reached != self._cursor:
            yield Item(content=None, cursor=reached)

    async def _read(self, place: str) -> Listing:
        async with self._context.courtesy.turn(URL(place).host or ""):
            answer = await self._context.http.get(place, limit=LARGEST_FILE)
        return await self._context.confined(read_sitemap, Source(answer.content, answer.url))

    def _fresh(self, pages: Sequence[Page]) -> Iterator[Item]:
        wanted = [page for page in pages if self._is_wanted(page)]
        self._pages += len(wanted)
        if self._pages > MOST_PAGES:
            raise SettingsError(f"The site lists more than {MOST_PAGES:,} pages. Name the paths that matter.")
        for page in wanted:
            key = f"{page.url} {page.modified}" if self._settings.changes else page.url
            known = key in self._seen
            self._seen.add(key)
            if not known and not self._skipping:
                yield Item(key=key, title=page.url, content=msgspec.to_builtins(page), subject=page.url)

    def _is_wanted(self, page: Page) -> bool:
        paths = self._settings.paths
        return not paths or any(fnmatchcase(f"/{page.path}", f"/{path.lstrip('/')}") for path in paths)

    def _reached(self, skipping: bool) -> str:
        return msgspec.json.encode(Cursor(seen=self._seen.dump(), files=self._files, skipping=skipping)).decode()


def _known(cursor: str | None) -> Cursor:
    """Read a cursor; once they were the known pages alone."""
    try:
        return msgspec.json.decode(cursor or "{}", type=Cursor)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Cursor(seen=cursor or "")
