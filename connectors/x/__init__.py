"""X: posts by words, hashtag and author, mentions, and posting."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

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
    SettingsError,
    field,
)
from connectors.sdk.errors import undecided
from connectors.sdk.intervals import interval
from connectors.sdk.network.urls import host_of
from connectors.sdk.posts import Authors, Every, Existing, NotBy, Page, about, comparable, new_posts, written_by
from connectors.x.answers import FIELDS, Account, Posted, Tweets, User, address_of, id_at, page_of
from connectors.x.connection import Connection, granted, refused
from connectors.x.search import Search, require_names
from connectors.x.stream import is_streamed, told

# Recent search reaches back seven days, and refuses to be asked for more
REACH = timedelta(days=6, hours=23)
PAGE = 100
# The posts of an account among which one is looked for that may have been written
LAST_POSTS = 100
SKEW = timedelta(minutes=5)

connector = Connector(
    "x",
    "X",
    icon="trending_up",
    category=Category.SOCIAL,
    connection=Connection,
    tried="a local peer held to X's OpenAPI description 2.62",
)
connector.oauth(granted)


@connector.hosts
def hosts(connection: Connection) -> list[str]:
    """Name the only host that is called."""
    return [host_of(connection.address)]


@connector.check
async def check(connection: Connection, context: Context[Connection, Any]) -> None:
    """Ask who the account is; an app, which is nobody, asks for X's own."""
    if connection.kind == "oauth":
        await _own_account(context)
    else:
        await _account(context, "XDevelopers")


@connector.trigger("New post", every=300.0)
async def new_post(context: Context[Connection, Search], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each post with certain words or hashtags, or by certain authors.

    Gives `id`, `url`, `author`, `text`, `created`, `language`, `metrics`, `media`, `in_reply_to` and `thread`.
    """

    async def ask(start: datetime | None, place: str | None) -> Page:
        from connectors.x.client import Client

        reach = datetime.now(UTC) - REACH
        parameters = _place(start if start and start > reach else None, place)
        answer = await Client(context).search_recent_tweets(
            context.settings.query, max_results=PAGE, **FIELDS, **parameters
        )
        return page_of(answer.read(Tweets))

    async for item in new_posts(ask, cursor, existing=context.settings.existing):
        yield item


@new_post.watch
async def watch(context: Context[Connection, Search]) -> None:
    """Wait until the filtered stream has a post, where it may be listened to."""
    if is_streamed(context):
        await told(context)
    else:
        await asyncio.Event().wait()


class Mentioned(Settings):
    """Whose mentions start a run."""

    account: Annotated[str, field("Account", hint="Empty for the account that is connected.", example="patchdeck")] = ""
    authors: Authors = []
    not_by: NotBy = []
    existing: Existing = "skip"
    every: Every = "5m"

    def __post_init__(self) -> None:
        interval(self.every)
        require_names([name for name in (self.account, *self.authors, *self.not_by) if name])


@connector.trigger("Mention", every=300.0)
async def mention(context: Context[Connection, Mentioned], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each post that mentions an account.

    Gives `id`, `url`, `author`, `text`, `created`, `language`, `metrics`, `media`, `in_reply_to` and `thread`.
    """
    settings = context.settings
    identity = about(cursor) or (
        await (_account(context, settings.account) if settings.account else _own_account(context))
    )

    async def ask(start: datetime | None, place: str | None) -> Page:
        from connectors.x.client import Client

        answer = await Client(context).get_users_mentions(identity, max_results=PAGE, **FIELDS, **_place(start, place))
        return page_of(answer.read(Tweets))

    async for item in new_posts(
        ask,
        cursor,
        existing=settings.existing,
        wanted=lambda post: written_by(post, settings.authors, settings.not_by),
        note=identity,
    ):
        yield item


class Words(Settings):
    """What to post."""

    text: Annotated[str, field("Text", templated=True, multiline=True, example="{{ read.summary }}")]
    reply_to: Annotated[
        str, field("Reply to", hint="The id of a post; empty for a post of its own.", templated=True)
    ] = ""
    quote: Annotated[str, field("Quote", hint="The id of a post to show below.", templated=True, advanced=True)] = ""
    replies: Annotated[
        Literal["everybody", "following", "mentionedUsers"],
        field("Who may reply", hint="following: those the account follows.", advanced=True),
    ] = "everybody"


@connector.target("Post", effect=Effect.SEND)
async def post(context: Context[Connection, Words], record: Record) -> Receipt:  # noqa: ARG001  # no key
    """Post in the name of the account, as a post of its own or as a reply.

    Gives the `id` and `url` of the post.
    """
    from connectors.x.client import Client

    settings = context.settings
    _require_user(context.connection)
    await context.remember(datetime.now(UTC).isoformat())
    answer = await Client(context).create_tweet(
        text=settings.text,
        in_reply_to_tweet_id=settings.reply_to or None,
        quote_tweet_id=settings.quote or None,
        reply_settings=None if settings.replies == "everybody" else settings.replies,
    )
    return _receipt(answer.read(Posted).data.id)


@post.preview
async def preview(context: Context[Connection, Words], records: Sequence[Record]) -> list[list[Change]]:
    """Show the post as it would be written."""
    _require_user(context.connection)
    settings = context.settings
    after = {"text": settings.text, "in_reply_to": settings.reply_to or None, "quote": settings.quote or None}
    return [[Change(kind=ChangeKind.SEND, after=after)] for _ in records]


@post.find
async def find(
    context: Context[Connection, Words],
    record: Record,  # noqa: ARG001  # X has no place for a key
    token: str | None,
) -> Receipt | None:
    """Look among the account's last posts for one with these words, written since it was tried.

    X never takes the same words twice within hours, so there is at most one.
    """
    from connectors.x.client import Client

    if token is None:
        return None
    settings = context.settings
    answer = await Client(context).get_users_tweets(
        await _own_account(context),
        max_results=LAST_POSTS,
        tweet_fields=["entities", "referenced_tweets"],
        since_id=id_at(datetime.fromisoformat(token) - SKEW),
    )
    wanted = (comparable(settings.text), settings.reply_to or None)
    lately = answer.read(Tweets).data
    found = next((one for one in lately if (comparable(one.words), one.in_reply_to) == wanted), None)
    if found is None and len(lately) >= LAST_POSTS:
        raise undecided("post", "the account")
    return _receipt(found.id) if found else None


@post.undo
async def undo(context: Context[Connection, Words], receipt: Receipt) -> Receipt:
    """Delete the post."""
    from connectors.x.client import Client

    await Client(context).delete_tweet(receipt.reference)
    return Receipt(reference=receipt.reference)


def _place(start: datetime | None, place: str | None) -> dict[str, Any]:
    """Return the parameters for posts from a moment on that are older than the place reached."""
    since = {"since_id": id_at(start)} if start else {}
    return since | ({"until_id": place} if place else {})


def _receipt(identity: str) -> Receipt:
    told = {"id": identity, "url": address_of(identity)}
    return Receipt(reference=identity, url=told["url"], output=told, before={}, after=told)


def _require_user(connection: Connection) -> None:
    if connection.kind != "oauth":
        raise SettingsError("An app cannot post. Connect an account: choose oauth in the connection.")


async def _own_account(context: Context[Connection, Any]) -> str:
    from connectors.x.client import Client

    _require_user(context.connection)
    return _found((await Client(context).get_me()).read(Account)).id


async def _account(context: Context[Connection, Any], name: str) -> str:
    from connectors.x.client import Client

    answer = await Client(context).get_user(username=name.removeprefix("@"))
    return _found(answer.read(Account)).id


def _found(account: Account) -> User:
    if account.data is None:
        raise refused(account.errors)
    return account.data
