"""Bluesky: posts by search and by account, mentions and replies, and posting."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

from connectors.bluesky import posting
from connectors.bluesky.posting import Words
from connectors.bluesky.records import Feed, FeedPost, Found, Notices, page_of
from connectors.bluesky.session import Connection, call, own_did
from connectors.sdk import (
    Category,
    Change,
    ChangeKind,
    Connector,
    Context,
    Effect,
    Item,
    Receipt,
    Record,
    Settings,
    field,
)
from connectors.sdk.intervals import interval
from connectors.sdk.network.http import Options
from connectors.sdk.network.urls import host_of
from connectors.sdk.posts import Authors, Every, Existing, NotBy, Page, Post, new_posts, written_by

PAGE = "100"

connector = Connector(
    "bluesky",
    "Bluesky",
    icon="flutter_dash",
    category=Category.SOCIAL,
    connection=Connection,
    tried="a local peer held to the official lexicons (@atproto/api 0.19)",
)


@connector.hosts
def hosts(connection: Connection) -> list[str]:
    """Name the account's server, which alone is called."""
    return [host_of(connection.address)]


@connector.check
async def check(connection: Connection, context: Context[Connection, Any]) -> None:
    """Sign in."""
    del connection
    await own_did(context)


class Watched(Settings):
    """Which posts start a run."""

    source: Annotated[Literal["search", "account"], field("From")] = "search"
    words: Annotated[
        str,
        field("Words", hint='As in Bluesky\'s own search: words, "a phrase", #tag.', example="patchdeck",
              when={"source": ("search",)}),
    ] = ""  # fmt: skip
    account: Annotated[
        str, field("Account", hint="Its handle.", example="ann.bsky.social", when={"source": ("account",)})
    ] = ""
    language: Annotated[
        str, field("Language", hint="Two letters; empty for all.", advanced=True, when={"source": ("search",)})
    ] = ""
    reposts: Annotated[
        Literal["skip", "read"], field("Reposts", hint="Posts that only repeat another.", advanced=True)
    ] = "skip"
    replies: Annotated[Literal["read", "skip"], field("Replies", advanced=True)] = "read"
    authors: Authors = []
    not_by: NotBy = []
    existing: Existing = "skip"
    every: Every = "5m"

    def __post_init__(self) -> None:
        interval(self.every)
        if self.source == "search" and not self.words.strip():
            raise ValueError("Give words to look for.")
        if self.source == "account" and not self.account.strip():
            raise ValueError("Give the handle of an account, such as ann.bsky.social.")

    def wants(self, post: Post) -> bool:
        """Tell whether a post starts a run."""
        fits = (self.reposts == "read" or not post.repost) and (self.replies == "read" or post.in_reply_to is None)
        return fits and written_by(post, self.authors, self.not_by)


@connector.trigger("New post", every=300.0)
async def new_post(context: Context[Connection, Watched], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each post that a search finds, or that an account writes.

    Gives `id`, `url`, `author`, `text`, `created`, `language`, `metrics`, `media`, `in_reply_to` and `thread`.
    """
    settings = context.settings

    async def ask(start: datetime | None, place: str | None) -> Page:
        del start
        if settings.source == "account":
            params = _older(place) | {"actor": settings.account.strip().removeprefix("@")}
            feed = (await call(context, "GET", "app.bsky.feed.getAuthorFeed", Options(params=params))).read(Feed)
            return page_of(feed.feed, feed.cursor)
        params = _older(place) | {"q": settings.words, "sort": "latest"}
        if settings.language:
            params["lang"] = settings.language
        found = (await call(context, "GET", "app.bsky.feed.searchPosts", Options(params=params))).read(Found)
        return page_of([FeedPost(one) for one in found.posts], found.cursor)

    async for item in new_posts(ask, cursor, existing=settings.existing, wanted=settings.wants):
        yield item


class Mentioned(Settings):
    """What starts a run."""

    about: Annotated[
        list[Literal["mention", "reply", "quote"]],
        field("Posts that", hint="mention the account, reply to it or quote it."),
    ] = msgspec.field(default_factory=lambda: ["mention"])
    authors: Authors = []
    not_by: NotBy = []
    existing: Existing = "skip"
    every: Every = "5m"

    def __post_init__(self) -> None:
        interval(self.every)


@connector.trigger("Mention", every=300.0)
async def mention(context: Context[Connection, Mentioned], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each post that mentions the account, replies to it or quotes it.

    Gives `id`, `url`, `author`, `text`, `created`, `language`, `media`, `in_reply_to` and `thread`.
    """
    settings = context.settings

    async def ask(start: datetime | None, place: str | None) -> Page:
        del start
        params = [*_older(place).items(), *(("reasons", reason) for reason in settings.about)]
        method = "app.bsky.notification.listNotifications"
        found = (await call(context, "GET", method, Options(params=params))).read(Notices)
        return page_of([FeedPost(one) for one in found.notifications], found.cursor)

    async for item in new_posts(
        ask,
        cursor,
        existing=settings.existing,
        wanted=lambda post: written_by(post, settings.authors, settings.not_by),
    ):
        yield item


@connector.target("Post", effect=Effect.SEND)
async def post(context: Context[Connection, Words], record: Record) -> Receipt:
    """Post in the name of the account, as a post of its own or as a reply.

    Gives the `id` and `url` of the post.
    """
    return await posting.post(context, record)


@post.preview
async def preview(context: Context[Connection, Words], records: Sequence[Record]) -> list[list[Change]]:
    """Show the post as it would be written."""
    after = {"text": context.settings.text, "in_reply_to": context.settings.reply_to or None}
    return [[Change(kind=ChangeKind.SEND, after=after)] for _ in records]


post.find(posting.find)
post.undo(posting.undo)


def _older(place: str | None) -> dict[str, str]:
    return {"limit": PAGE} | ({"cursor": place} if place else {})
