"""Mastodon: posts by hashtag, account and timeline, mentions, and posting, at any server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from urllib.parse import quote

from connectors.mastodon import posting
from connectors.mastodon.connection import Connection, call, granted
from connectors.mastodon.posting import Edited, Words
from connectors.mastodon.statuses import Account, Notification, Status, page_of
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
from connectors.sdk.posts import Authors, Every, Existing, NotBy, Page, Post, about, new_posts, written_by

PAGE = "40"
# Posts of other servers arrive late, with the moment at which they were written
LATE = 3600.0

connector = Connector(
    "mastodon",
    "Mastodon",
    icon="diversity_3",
    category=Category.SOCIAL,
    connection=Connection,
    tried="a local peer held to the types of masto 8.0",
)
connector.oauth(granted)


@connector.hosts
def hosts(connection: Connection) -> list[str]:
    """Name the account's server, which alone is called."""
    return [host_of(connection.address)]


@connector.check
async def check(connection: Connection, context: Context[Connection, Any]) -> None:
    """Ask who the account is."""
    del connection
    (await call(context, "GET", "/api/v1/accounts/verify_credentials")).read(Account)


class Timeline(Settings):
    """Which posts start a run."""

    source: Annotated[
        Literal["hashtag", "account", "home", "server"],
        field("From", hint="home: those the account follows; server: all that the server shows in public."),
    ] = "hashtag"
    hashtag: Annotated[str, field("Hashtag", example="patchdeck", when={"source": ("hashtag",)})] = ""
    account: Annotated[
        str,
        field(
            "Account",
            hint="With its server when it is another.",
            example="ann@example.social",
            when={"source": ("account",)},
        ),
    ] = ""
    boosts: Annotated[
        Literal["skip", "read"], field("Boosts", hint="Posts that only repeat another.", advanced=True)
    ] = "skip"
    replies: Annotated[Literal["read", "skip"], field("Replies", advanced=True)] = "read"
    authors: Authors = []
    not_by: NotBy = []
    existing: Existing = "skip"
    every: Every = "5m"

    def __post_init__(self) -> None:
        interval(self.every)
        if self.source == "hashtag" and not self.hashtag.removeprefix("#").isidentifier():
            raise ValueError("Give a hashtag: one word, with or without #.")
        if self.source == "account" and not self.account.strip():
            raise ValueError("Give the name of an account, such as ann@example.social.")

    def wants(self, post: Post) -> bool:
        """Tell whether a post starts a run."""
        fits = (self.boosts == "read" or not post.repost) and (self.replies == "read" or post.in_reply_to is None)
        return fits and written_by(post, self.authors, self.not_by)


@connector.trigger("New post", every=300.0)
async def new_post(context: Context[Connection, Timeline], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each post with a hashtag, by an account, or in a timeline.

    Gives `id`, `url`, `author`, `title`, `text`, `created`, `language`, `metrics`, `media` and `in_reply_to`.
    """
    settings = context.settings
    identity = about(cursor) or (await _account(context) if settings.source == "account" else "")
    path = {
        "hashtag": f"/api/v1/timelines/tag/{quote(settings.hashtag.removeprefix('#'))}",
        "account": f"/api/v1/accounts/{quote(identity, safe='')}/statuses",
        "home": "/api/v1/timelines/home",
        "server": "/api/v1/timelines/public",
    }[settings.source]

    async def ask(start: datetime | None, place: str | None) -> Page:
        del start
        answer = await call(context, "GET", path, Options(params=_older(place)))
        return await page_of(context, answer.read(list[Status]))

    async for item in new_posts(
        ask, cursor, existing=settings.existing, wanted=settings.wants, note=identity, overlap=LATE
    ):
        yield item


class Mentioned(Settings):
    """Whose mentions of the account start a run."""

    authors: Authors = []
    not_by: NotBy = []
    existing: Existing = "skip"
    every: Every = "5m"

    def __post_init__(self) -> None:
        interval(self.every)


@connector.trigger("Mention", every=300.0)
async def mention(context: Context[Connection, Mentioned], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each post that mentions the account.

    Gives `id`, `url`, `author`, `title`, `text`, `created`, `language`, `metrics`, `media` and `in_reply_to`.
    """
    settings = context.settings

    async def ask(start: datetime | None, place: str | None) -> Page:
        del start
        params = _older(place) | {"types[]": "mention"}
        answer = await call(context, "GET", "/api/v1/notifications", Options(params=params))
        told = [(one, one.status) for one in answer.read(list[Notification]) if one.status is not None]
        return await page_of(context, [status for _, status in told], [one for one, _ in told])

    async for item in new_posts(
        ask,
        cursor,
        existing=settings.existing,
        wanted=lambda post: written_by(post, settings.authors, settings.not_by),
    ):
        yield item


@connector.target("Post", effect=Effect.SEND, carries_key=True)
async def post(context: Context[Connection, Words], record: Record) -> Receipt:
    """Post in the name of the account, as a post of its own or as a reply.

    Gives the `id` and `url` of the post.
    """
    return await posting.post(context, record)


@post.preview
async def preview_post(context: Context[Connection, Words], records: Sequence[Record]) -> list[list[Change]]:
    """Show the post as it would be written."""
    return [[Change(kind=ChangeKind.SEND, after=posting.written(context.settings))] for _ in records]


post.find(posting.find_post)
post.undo(posting.delete_post)


@connector.target("Edit a post", effect=Effect.CHANGE)
async def edit(context: Context[Connection, Edited], record: Record) -> Receipt:
    """Change what a post of the account says; readers see that it was edited.

    Gives the `id` and `url` of the post.
    """
    return await posting.edit(context, record)


@edit.preview
async def preview_edit(context: Context[Connection, Edited], records: Sequence[Record]) -> list[list[Change]]:
    """Show what the post says, and what it would say."""
    settings, said = context.settings, await posting.source(context)
    before = {"text": said.text, "warning": said.spoiler_text}
    after = {"text": settings.text, "warning": settings.warning}
    return [[Change(kind=ChangeKind.CHANGE, reference=settings.post, before=before, after=after)] for _ in records]


edit.find(posting.find_edit)
edit.undo(posting.undo_edit)


async def _account(context: Context[Connection, Timeline]) -> str:
    name = context.settings.account.strip().removeprefix("@")
    answer = await call(context, "GET", "/api/v1/accounts/lookup", Options(params={"acct": name}))
    return answer.read(Account).id


def _older(place: str | None) -> dict[str, str]:
    return {"limit": PAGE} | ({"max_id": place} if place else {})
