"""Reddit: new posts of a subreddit, and posts that a search finds."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec

from connectors.reddit.connection import ADDRESS, SIGN_IN, Connection, ask, granted
from connectors.sdk import Category, Connector, Context, Item, Settings, field
from connectors.sdk.intervals import interval
from connectors.sdk.network.urls import host_of
from connectors.sdk.posts import Author, Authors, Every, Existing, Media, NotBy, Page, Post, new_posts, written_by

PAGE = "100"
# Posts that a moderator lets through appear with the moment at which they were written
LATE = 3600.0
_NAME = re.compile(r"(?:/?r/)?(\w{2,21}(?:\+\w{2,21})*)", re.ASCII)

connector = Connector(
    "reddit",
    "Reddit",
    icon="forum",
    category=Category.SOCIAL,
    connection=Connection,
    tried="a local peer held to Reddit's own protocol files (@devvit/protos 0.14)",
)
connector.oauth(granted)


@connector.hosts
def hosts(connection: Connection) -> list[str]:
    """Name Reddit's hosts, or the one that stands in for them."""
    return [host_of(connection.address), *([host_of(SIGN_IN)] if connection.address == ADDRESS else [])]


@connector.check
async def check(connection: Connection, context: Context[Connection, Any]) -> None:
    """Ask for one post that everybody may see."""
    del connection
    (await ask(context, "/r/announcements/new.json", {"limit": "1"})).read(_Listing)


class Subreddit(Settings):
    """Whose new posts start a run."""

    subreddit: Annotated[str, field("Subreddit", hint="Several with + between them.", example="selfhosted+automation")]
    authors: Authors = []
    not_by: NotBy = []
    existing: Existing = "skip"
    every: Every = "5m"

    def __post_init__(self) -> None:
        interval(self.every)
        _require_name(self.subreddit)


@connector.trigger("New post", every=300.0)
async def new_post(context: Context[Connection, Subreddit], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each new post of a subreddit.

    Gives `id`, `url`, `author`, `title`, `text`, `created`, `metrics`, `media` and `community`.
    """
    settings = context.settings
    path = f"/r/{_require_name(settings.subreddit)}/new.json"

    async def page(start: datetime | None, place: str | None) -> Page:
        del start
        return _page((await ask(context, path, _older(place))).read(_Listing))

    async for item in new_posts(
        page,
        cursor,
        existing=settings.existing,
        wanted=lambda post: written_by(post, settings.authors, settings.not_by),
        overlap=LATE,
    ):
        yield item


class Search(Settings):
    """Which posts start a run."""

    words: Annotated[
        str, field("Words", hint='As in Reddit\'s own search: words, "a phrase", author:name.', example="patchdeck")
    ]
    subreddit: Annotated[str, field("Subreddit", hint="Empty for all of Reddit.", example="selfhosted")] = ""
    authors: Authors = []
    not_by: NotBy = []
    existing: Existing = "skip"
    every: Every = "5m"

    def __post_init__(self) -> None:
        interval(self.every)
        if not self.words.strip():
            raise ValueError("Give words to look for.")
        if self.subreddit:
            _require_name(self.subreddit)


@connector.trigger("Post found", every=300.0)
async def post_found(context: Context[Connection, Search], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each new post that a search finds.

    Gives `id`, `url`, `author`, `title`, `text`, `created`, `metrics`, `media` and `community`.
    """
    settings = context.settings
    path = f"/r/{_require_name(settings.subreddit or 'all')}/search.json"

    async def page(start: datetime | None, place: str | None) -> Page:
        del start
        named = {"q": settings.words, "sort": "new", "type": "link", "restrict_sr": "true"}
        return _page((await ask(context, path, _older(place) | named)).read(_Listing))

    async for item in new_posts(
        page,
        cursor,
        existing=settings.existing,
        wanted=lambda post: written_by(post, settings.authors, settings.not_by),
        overlap=LATE,
    ):
        yield item


class _Link(msgspec.Struct):
    name: str
    created_utc: float
    permalink: str = ""
    author: str = ""
    author_fullname: str | None = None
    title: str = ""
    selftext: str = ""
    url: str | None = None
    subreddit: str = ""
    score: int = 0
    num_comments: int = 0


class _Child(msgspec.Struct):
    data: _Link


class _Data(msgspec.Struct):
    children: list[_Child] = []
    after: str | None = None


class _Listing(msgspec.Struct):
    data: _Data


def _page(listing: _Listing) -> Page:
    return Page(posts=[_post(one.data) for one in listing.data.children], older=listing.data.after)


def _post(link: _Link) -> Post:
    place, shown = f"https://www.reddit.com{link.permalink}", html.unescape(link.url or "")
    leads_out = shown.startswith("http") and not shown.endswith(link.permalink or "?")
    kind = "image" if re.search(r"\.(jpe?g|png|gif|webp)$", shown, re.IGNORECASE) else "link"
    return Post(
        network="reddit",
        id=link.name,
        url=place,
        author=Author(
            id=link.author_fullname or "",
            name=link.author,
            title=link.author,
            url=f"https://www.reddit.com/user/{link.author}" if link.author else None,
        ),
        title=html.unescape(link.title),
        text=html.unescape(link.selftext),
        created=datetime.fromtimestamp(link.created_utc, UTC),
        metrics={"score": link.score, "replies": link.num_comments},
        media=[Media(kind=kind, url=shown)] if leads_out else [],
        thread=link.name,
        community=link.subreddit,
    )


def _require_name(name: str) -> str:
    """Return the plain name of a subreddit; raises ValueError for what can be none."""
    found = _NAME.fullmatch(name.strip())
    if found is None:
        raise ValueError("Give the name of a subreddit, such as selfhosted.")
    return found[1]


def _older(place: str | None) -> dict[str, str]:
    return {"limit": PAGE} | ({"after": place} if place else {})
