"""Releases of a repository: those that are published, whenever they were drafted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

import msgspec

from connectors.github.connection import Connection, pages
from connectors.github.issues import Moment, Named, Place
from connectors.sdk import Context, Item, Shape, field
from connectors.sdk.cursors.seen import Seen
from connectors.sdk.intervals import interval

MOST_REMEMBERED = 10_000


class Releases(Place):
    """Whose releases to follow."""

    prereleases: Annotated[bool, field("Pre-releases too")] = False
    existing: Annotated[
        Literal["read", "skip"], field("Already there", hint="What to do with them when the recipe starts.")
    ] = "skip"
    every: Annotated[str, field("Ask every", hint="How often to look.", advanced=True, shape=Shape.DURATION)] = "15m"

    def __post_init__(self) -> None:
        """Refuse an interval that cannot be."""
        super().__post_init__()
        interval(self.every)


class Release(msgspec.Struct, kw_only=True):
    """A release, or the draft of one."""

    id: int
    tag_name: str = ""
    name: str | None = None
    body: str | None = None
    draft: bool = False
    prerelease: bool = False
    html_url: str = ""
    author: Named | None = None
    assets: list[_Asset] = []
    published_at: Moment | None = None


async def follow(context: Context[Connection, Releases], cursor: str | None) -> AsyncIterator[Item]:
    """Yield the releases that were not there before; the list has no order by the time of publishing."""
    settings, position = context.settings, _read(cursor)
    seen, tag, fresh = Seen.load(position.seen, MOST_REMEMBERED), "", []
    async for page in pages(context, f"repos/{settings.repository}/releases", {}, position.etag):
        tag = tag or page.headers.get("ETag", "")
        for one in page.read(list[Release]):
            if one.published_at is not None and not one.draft and str(one.id) not in seen:
                seen.add(str(one.id))
                fresh.append(one)
    fresh = [one for one in fresh if settings.prereleases or not one.prerelease]
    fresh = [] if cursor is None and settings.existing == "skip" else fresh
    following = msgspec.json.encode(_Position(seen.dump(), tag or position.etag)).decode()
    for one in reversed(fresh):
        yield _item(one, following if one is fresh[0] else None)
    if not fresh and following != cursor:
        yield Item(content=None, cursor=following)


class _Asset(msgspec.Struct):
    name: str = ""
    size: int = 0
    browser_download_url: str = ""


class _Position(msgspec.Struct, omit_defaults=True):
    seen: str = ""
    etag: str = ""


def _read(cursor: str | None) -> _Position:
    return msgspec.json.decode(cursor, type=_Position) if cursor else _Position()


def _item(release: Release, cursor: str | None) -> Item:
    content: dict[str, Any] = {
        "tag": release.tag_name,
        "name": release.name or release.tag_name,
        "text": release.body or "",
        "is_prerelease": release.prerelease,
        "author": release.author.login if release.author else "",
        "published": release.published_at.isoformat() if release.published_at else None,
        "files": [{"name": one.name, "size": one.size, "url": one.browser_download_url} for one in release.assets],
        "url": release.html_url,
    }
    return Item(key=str(release.id), title=str(content["name"])[:100], content=content, cursor=cursor)
