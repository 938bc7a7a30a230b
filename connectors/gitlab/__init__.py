"""GitLab: issues, merge requests and events in; issues and comments out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

from connectors.gitlab import writing
from connectors.gitlab.connection import Connection, call, granted
from connectors.gitlab.events import Events, received
from connectors.gitlab.issues import Find, Follow, follow, search, told
from connectors.gitlab.writing import Comment, Create, Update, changes, wanted
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
    WebhookRequest,
)
from connectors.sdk.network.urls import host_of

connector = Connector(
    "gitlab",
    "GitLab",
    icon="merge",
    connection=Connection,
    category=Category.BUSINESS,
    tried="a local peer held to the types of gitbeaker 43, a client of GitLab's API v4",
)
connector.oauth(granted)


@connector.hosts
def hosts(connection: Connection) -> list[str]:
    """Name the only host that is called."""
    return [host_of(connection.address)]


@connector.check
async def check(_: Connection, context: Context[Connection, Any]) -> None:
    """Ask whose token it is."""
    await call(context, "GET", "user")


@connector.trigger("New issue", every=300.0)
async def new_issue(context: Context[Connection, Follow], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each issue or merge request that is opened in a project.

    Gives `number`, `title`, `text`, `state`, `author`, `assignees`, `labels`, `comments`, `branch`, `into` and `url`.
    """
    async for item in follow(context, cursor, "created_at"):
        yield item


@connector.trigger("New or changed issue", every=300.0)
async def changed_issue(context: Context[Connection, Follow], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each issue or merge request that is opened, changed or commented on.

    Gives `number`, `title`, `text`, `state`, `author`, `assignees`, `labels`, `comments`, `branch`, `into` and `url`.
    """
    async for item in follow(context, cursor, "updated_at"):
        yield item


@connector.webhook("Event received")
def event_received(request: WebhookRequest, settings: Events, connection: Settings | None = None) -> list[Item]:
    """Start a run for each event that GitLab sends, at once; its token is compared.

    Gives its `kind`, `action`, `project`, `user`, `number`, `title`, `text`, `state`, `tag`, `branch`, `commits`, `url`
    and the whole `event`.
    """
    return received(request, settings, connection)


@connector.lookup("Find an issue")
async def find_issue(context: Context[Connection, Find]) -> dict[str, Any]:
    """Find an issue or merge request by its number, or those that hold some words.

    Gives `issues`, their `count` and the `first`.
    """
    found = [told(one) for one in await search(context)]
    return {"issues": found, "count": len(found), "first": found[0] if found else None}


@connector.target("Open an issue", effect=Effect.CREATE)
async def create_issue(context: Context[Connection, Create], record: Record) -> Receipt:
    """Open one issue for the record.

    Gives its `number`, `url` and `state`.
    """
    return await writing.create(context, record)


@create_issue.preview
async def show_issue(context: Context[Connection, Create], records: Sequence[Record]) -> list[list[Change]]:
    """Show the issue as it would be opened."""
    after = {"project": context.settings.project, **wanted(context.settings)}
    return [[Change(kind=ChangeKind.ADD, after=after)] for _ in records]


create_issue.find(writing.find_created)
create_issue.undo(writing.close)


@connector.target("Change an issue", effect=Effect.CHANGE)
async def update_issue(context: Context[Connection, Update], record: Record) -> Receipt:  # noqa: ARG001  # no mark
    """Change the title, text, labels or state of an issue.

    Gives its `number`, `url` and `state`.
    """
    return await writing.update(context)


@update_issue.preview
async def show_update(context: Context[Connection, Update], records: Sequence[Record]) -> list[list[Change]]:
    """Show what of the issue would change."""
    issue, after, before = await changes(context)
    version = issue.updated_at.isoformat()
    change = Change(kind=ChangeKind.CHANGE, reference=f"#{issue.iid}", before=before, after=after, version=version)
    return [[change] if after else [] for _ in records]


update_issue.find(writing.find_update)
update_issue.undo(writing.restore)


@connector.target("Comment", effect=Effect.SEND)
async def comment(context: Context[Connection, Comment], record: Record) -> Receipt:
    """Comment on an issue or merge request.

    Gives the id of the `comment`.
    """
    return await writing.comment(context, record)


@comment.preview
async def show_comment(context: Context[Connection, Comment], records: Sequence[Record]) -> list[list[Change]]:
    """Show the comment as it would be written."""
    settings = context.settings
    after = {"project": settings.project, "of": settings.what, "number": settings.number, "text": settings.text}
    return [[Change(kind=ChangeKind.SEND, after=after)] for _ in records]


comment.find(writing.find_comment)
comment.undo(writing.delete_comment)
