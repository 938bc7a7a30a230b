"""Public posts: one shape for what social networks call by many names, and the way to read the new ones."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import msgspec

from connectors.sdk.cursors.since import Since
from connectors.sdk.items import Item
from connectors.sdk.settings import Shape, field
from connectors.sdk.texts import storable

LONGEST_TITLE = 100
_LINK = re.compile(r"https?://\S+")

Existing = Annotated[
    Literal["read", "skip"],
    field("Posts already there", hint="What to do with them when the recipe starts.", advanced=True),
]
Every = Annotated[str, field("Look every", hint="How often to look.", advanced=True, shape=Shape.DURATION)]
Authors = Annotated[
    list[str], field("Only by", hint="Names of accounts; none named means by anybody.", example=["example"])
]
NotBy = Annotated[
    list[str], field("Not by", hint="Names of accounts to leave out.", example=["spammer"], advanced=True)
]


class Author(msgspec.Struct, frozen=True, kw_only=True):
    """Who wrote a post: the network's id, the name that mentions use (without @), and the name people read."""

    id: str = ""
    name: str = ""
    title: str = ""
    url: str | None = None


class Media(msgspec.Struct, frozen=True, kw_only=True):
    """What is shown with a post: image, video, audio or link, and the words that describe it."""

    kind: str
    url: str
    text: str = ""


class Post(msgspec.Struct, frozen=True, kw_only=True):
    """One public post. `thread` is the post that the conversation began with, `community` a forum or channel.

    A `repost` shows what somebody else wrote. `listed` is when it came into the list that is read, where that is not
    when it was written.
    """

    network: str
    id: str
    url: str | None
    author: Author
    title: str = ""
    text: str
    created: datetime
    language: str | None = None
    metrics: dict[str, int] = {}
    media: Sequence[Media] = ()
    in_reply_to: str | None = None
    thread: str | None = None
    community: str = ""
    repost: bool = False
    listed: datetime | None = None

    @property
    def moment(self) -> datetime:
        """By what the list is in order."""
        return self.listed or self.created


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Some posts, and where the older ones are: an id, a moment or whatever else the service can go on from."""

    posts: Sequence[Post]
    older: str | None = None


Ask = Callable[[datetime | None, str | None], Awaitable[Page]]


class _Position(msgspec.Struct, omit_defaults=True):
    """A cursor: what was read, and while there is a backlog, down to where and from where on it is being read."""

    since: str = ""
    start: str = ""
    place: str = ""
    about: str = ""


def about(cursor: str | None) -> str:
    """Return what a trigger noted in its cursor, such as the id that belongs to a name."""
    return _position(cursor).about


async def new_posts(  # noqa: PLR0913  # all but two by name
    ask: Ask,
    cursor: str | None,
    *,
    existing: str = "read",
    wanted: Callable[[Post], bool] = lambda post: True,  # noqa: ARG005  # all are, unless it is said
    whole: Callable[[Post], Awaitable[Post]] | None = None,
    note: str = "",
    overlap: float = 300.0,
) -> AsyncIterator[Item]:
    """Yield the posts that are new since the cursor, the oldest of a page first.

    `ask(start, place)` returns the page of the newest posts, or of those from `place` on; it may leave out what is
    older than `start`. `whole(post)` reads what the list does not tell of a new post. The cursor moves with each page,
    so a backlog of any length is read in pieces. What comes into the list later than its own moment by less than
    `overlap` seconds is still found.
    """
    position = _position(cursor)
    since = Since.load(position.since or None, overlap=overlap)
    start = datetime.fromisoformat(position.start) if position.start else None
    place, skips = position.place or None, cursor is None and existing == "skip"
    while True:
        page = await ask(start, place)
        fresh = _fresh(page.posts, start, since)
        start = since.start if skips and start is None else start
        place = page.older if page.older != place and _goes_on(page, start) else None
        start = start if place else since.start
        following = _cursor(since, start, place, note)
        read = [] if skips else [await whole(post) for post in fresh] if whole else fresh
        found = [post for post in read if wanted(post)]
        for post in found:
            yield item_of(post, following if post is found[-1] else None)
        if not found and following != cursor:
            yield Item(content=None, cursor=following)
        if place is None:
            return
        cursor = following


def item_of(post: Post, cursor: str | None = None) -> Item:
    """Make the item of a post."""
    words = " ".join((post.title or post.text).split())
    title = f"{post.author.name}: {words}" if post.author.name else words
    return Item(
        key=storable(f"{post.network}:{post.id}")[:500],
        title=title[:LONGEST_TITLE],
        content=content_of(post),
        cursor=cursor,
        subject=storable(f"{post.network}:{post.thread or post.id}")[:500],
    )


def content_of(post: Post) -> dict[str, Any]:
    """Return a post as templates see it."""
    content: dict[str, Any] = msgspec.to_builtins(msgspec.structs.replace(post, created=post.created.astimezone(UTC)))
    content.pop("listed")
    return content


def written_by(post: Post, authors: Sequence[str], not_by: Sequence[str]) -> bool:
    """Tell whether a post's author is among those asked for and not among those left out; @ and case do not count."""
    name = account_name(post.author.name)
    listed = {account_name(one) for one in authors}
    return (not listed or name in listed) and name not in {account_name(one) for one in not_by}


def account_name(text: str) -> str:
    """Return the name of an account as it is compared."""
    return text.strip().removeprefix("@").casefold()


def comparable(text: str) -> str:
    """Return text as it is before and after a network has changed its links."""
    return " ".join(_LINK.sub("", text).split())


def moment_of(text: str) -> datetime:
    """Read a moment in ISO 8601; without a zone it is UTC. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _fresh(posts: Sequence[Post], start: datetime | None, since: Since) -> list[Post]:
    ordered = sorted(posts, key=lambda post: post.moment)
    return [post for post in ordered if (start is None or post.moment >= start) and since.is_new(post.id, post.moment)]


def _goes_on(page: Page, start: datetime | None) -> bool:
    """Tell whether older posts may still be new."""
    return page.older is not None and (
        start is None or not page.posts or min(post.moment for post in page.posts) >= start
    )


def _position(cursor: str | None) -> _Position:
    return msgspec.json.decode(cursor, type=_Position) if cursor else _Position()


def _cursor(since: Since, start: datetime | None, place: str | None, note: str) -> str:
    position = _Position(since.dump(), start.isoformat() if start else "", place or "", note)
    return msgspec.json.encode(position).decode()
