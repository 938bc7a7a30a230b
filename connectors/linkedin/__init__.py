"""LinkedIn: the posts of an organisation, who mentions it, comments on its posts, and posting."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

from connectors.linkedin import posting
from connectors.linkedin.answers import Person, Place, Roles, Updates, is_by, page_of
from connectors.linkedin.connection import Connection, call, granted
from connectors.linkedin.notices import notices
from connectors.linkedin.pages import FORBIDDEN, Known, known, organisation, organisations
from connectors.linkedin.posting import POSTS, Words
from connectors.linkedin.restli import Query
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
from connectors.sdk.posts import Existing, Page, about, new_posts
from connectors.sdk.settings import Shape

PAGE = 100
# Of the hundred requests a day that LinkedIn allows to a person at first, a recipe takes about half
SELDOM = 1800.0

connector = Connector(
    "linkedin",
    "LinkedIn",
    icon="work",
    category=Category.SOCIAL,
    connection=Connection,
    tried="a local peer after LinkedIn's documented shapes, version 2026-09",
)
connector.oauth(granted)

Chosen = Annotated[
    str,
    field("Organisation", hint="Its number; empty for the only one.", example="2414183", choices=organisations),
]
Every = Annotated[
    str,
    field(
        "Look every",
        hint="LinkedIn counts requests by the day: 100 for each person until your app is approved for more.",
        advanced=True,
        shape=Shape.DURATION,
    ),
]
By = Annotated[
    list[str],
    field(
        "Only by",
        hint="Ids of people and organisations, as items show them; none named means by anybody.",
        example=["urn:li:person:yrZCpj2Z12"],
    ),
]
NotBy = Annotated[
    list[str],
    field("Not by", hint="Ids of people and organisations to leave out.", example=["2414183"], advanced=True),
]


@connector.hosts
def hosts(connection: Connection) -> list[str]:
    """Name the only host that is called."""
    return [host_of(connection.address)]


@connector.check
async def check(connection: Connection, context: Context[Connection, Any]) -> None:
    """Ask who the person is, or which pages they run; that this may not be told is an answer too."""
    if connection.kind == "member":
        (await call(context, "GET", ("v2", "userinfo"))).read(Person)
        return
    query: Query = {"q": "roleAssignee", "state": "APPROVED", "start": 0, "count": 1}
    hidden = Options(accepts=() if connection.mentions else (FORBIDDEN,))
    answer = await call(context, "GET", ("rest", "organizationAcls"), query, hidden, "FINDER")
    if answer.status != FORBIDDEN:
        answer.read(Roles)


class Published(Settings):
    """Whose posts start a run."""

    organisation: Chosen = ""
    reshares: Annotated[Literal["read", "skip"], field("Reshares", hint="Posts that show another.", advanced=True)] = (
        "read"
    )
    existing: Existing = "skip"
    every: Every = "30m"

    def __post_init__(self) -> None:
        interval(self.every)


@connector.trigger("New post", every=SELDOM)
async def new_post(context: Context[Connection, Published], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each post that an organisation publishes.

    Gives `id`, `url`, `author`, `text`, `created`, `media`, `thread` and `repost`.
    """
    settings, noted = context.settings, about(cursor)
    page = (
        msgspec.json.decode(noted, type=Known)
        if noted
        else await known(context, await organisation(context, settings.organisation))
    )

    async def ask(start: datetime | None, place: str | None) -> Page:
        begin = Place.load(place)
        # By the last change, as a post that was planned is made long before it is published
        query: Query = {
            "q": "author",
            "author": page.urn,
            "start": begin.start,
            "count": PAGE,
            "sortBy": "LAST_MODIFIED",
        }
        answer = await call(context, "GET", POSTS, query, action="FINDER")
        return page_of(answer.read(Updates), page.author, start, begin, PAGE)

    async for item in new_posts(
        ask,
        cursor,
        existing=settings.existing,
        wanted=lambda post: settings.reshares == "read" or not post.repost,
        note=msgspec.json.encode(page).decode(),
    ):
        yield item


class Mentioned(Settings):
    """Whose mentions of an organisation start a run."""

    organisation: Chosen = ""
    authors: By = []
    not_by: NotBy = []
    existing: Existing = "skip"
    every: Every = "30m"

    def __post_init__(self) -> None:
        interval(self.every)


@connector.trigger("Mention", every=SELDOM)
async def mention(context: Context[Connection, Mentioned], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each post that mentions an organisation.

    Gives `id`, `url`, `author`, `text`, `created`, `media`, `thread` and `repost`.
    """
    settings = context.settings
    urn = about(cursor) or await organisation(context, settings.organisation)
    ask, whole = notices(context, urn, ["SHARE_MENTION"])
    async for item in new_posts(
        ask,
        cursor,
        existing=settings.existing,
        wanted=lambda post: is_by(post, settings.authors, settings.not_by),
        whole=whole,
        note=urn,
    ):
        yield item


class Commented(Settings):
    """Whose comments start a run."""

    organisation: Chosen = ""
    own: Annotated[
        Literal["skip", "read"], field("The organisation's own", hint="Comments made in its name.", advanced=True)
    ] = "skip"
    authors: By = []
    not_by: NotBy = []
    existing: Existing = "skip"
    every: Every = "30m"

    def __post_init__(self) -> None:
        interval(self.every)


@connector.trigger("New comment", every=SELDOM)
async def new_comment(context: Context[Connection, Commented], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each comment on a public post of an organisation.

    Gives `id`, `url`, `author`, `text`, `created`, `in_reply_to` and `thread`.
    """
    settings = context.settings
    urn = about(cursor) or await organisation(context, settings.organisation)
    ask, whole = notices(context, urn, ["COMMENT", "ADMIN_COMMENT"] if settings.own == "read" else ["COMMENT"])
    left_out = settings.not_by if settings.own == "read" else [*settings.not_by, urn]
    async for item in new_posts(
        ask,
        cursor,
        existing=settings.existing,
        wanted=lambda post: is_by(post, settings.authors, left_out),
        whole=whole,
        note=urn,
    ):
        yield item


@connector.target("Post", effect=Effect.SEND)
async def post(context: Context[Connection, Words], record: Record) -> Receipt:
    """Post as an organisation, or as the member who connected.

    Gives the `id` and `url` of the post.
    """
    return await posting.post(context, record)


@post.preview
async def preview(context: Context[Connection, Words], records: Sequence[Record]) -> list[list[Change]]:
    """Show the post as it would be written, and in whose name."""
    settings, of = context.settings, await posting.author(context)
    sent = posting.written(settings, of)
    after = {"author": of, "text": settings.text, "visibility": sent["visibility"], "link": settings.link or None}
    return [[Change(kind=ChangeKind.SEND, after=after)] for _ in records]


post.find(posting.find_post)
post.undo(posting.delete_post)
