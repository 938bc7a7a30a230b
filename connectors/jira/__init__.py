"""Jira: new and changed issues in, issues, comments and steps between statuses out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

from connectors.jira import changing, writing
from connectors.jira.changing import Move, Update, changes, standing
from connectors.jira.connection import Connection, call, granted, reachable
from connectors.jira.events import Events, received
from connectors.jira.issues import follow, search, told
from connectors.jira.settings import Find, Follow
from connectors.jira.writing import Comment, Create, wanted
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

connector = Connector(
    "jira",
    "Jira",
    icon="confirmation_number",
    connection=Connection,
    category=Category.BUSINESS,
    tried="a local peer held to Atlassian's OpenAPI description of Jira Cloud, its search to the client jira.js 6; "
    "webhooks after documentation",
)
connector.oauth(granted)
connector.hosts(reachable)


@connector.check
async def check(_: Connection, context: Context[Connection, Any]) -> None:
    """Ask whose account it is."""
    await call(context, "GET", "myself")


@connector.trigger("New issue", every=300.0)
async def new_issue(context: Context[Connection, Follow], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each issue or request that is opened in a project.

    Gives `key`, `summary`, `text`, `status`, `type`, `priority`, `assignee`, `reporter`, `labels`, `fields` and `url`.
    """
    async for item in follow(context, cursor, "created"):
        yield item


@connector.trigger("New or changed issue", every=300.0)
async def changed_issue(context: Context[Connection, Follow], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each issue or request that is opened, changed or commented on.

    Gives `key`, `summary`, `text`, `status`, `type`, `priority`, `assignee`, `reporter`, `labels`, `fields` and `url`.
    """
    async for item in follow(context, cursor, "updated"):
        yield item


@connector.webhook("Event received")
def event_received(request: WebhookRequest, settings: Events, connection: Settings | None = None) -> list[Item]:
    """Start a run for each event that Jira sends, at once; its signature is verified.

    Gives its `event` and `by` whom, what is told of the issue (`key`, `summary`, `status` and so on), the `comment`,
    the `changes` and the `whole` event.
    """
    return received(request, settings, connection)


@connector.lookup("Find issues")
async def find_issues(context: Context[Connection, Find]) -> dict[str, Any]:
    """Find an issue by its key, or those that a query finds; values are written as :names.

    Gives `issues`, their `count` and the `first`.
    """
    site, more = context.connection.root, context.settings.fields
    found = [told(one, site, more) for one in await search(context)]
    return {"issues": found, "count": len(found), "first": found[0] if found else None}


@connector.target("Open an issue", effect=Effect.CREATE)
async def create_issue(context: Context[Connection, Create], record: Record) -> Receipt:
    """Open one issue for the record.

    Gives its `key`, `id` and `url`.
    """
    return await writing.create(context, record)


@create_issue.preview
async def show_issue(context: Context[Connection, Create], records: Sequence[Record]) -> list[list[Change]]:
    """Show the issue as it would be opened."""
    after = wanted(context.settings) | {"description": context.settings.text}
    return [[Change(kind=ChangeKind.ADD, after=after)] for _ in records]


create_issue.find(writing.find_created)
create_issue.undo(writing.delete)


@connector.target("Change an issue", effect=Effect.CHANGE)
async def update_issue(context: Context[Connection, Update], record: Record) -> Receipt:  # noqa: ARG001  # no mark
    """Change the summary, text, labels, priority or other fields of an issue.

    Gives its `key` and `url`.
    """
    return await changing.update(context)


@update_issue.preview
async def show_update(context: Context[Connection, Update], records: Sequence[Record]) -> list[list[Change]]:
    """Show which fields would change."""
    issue, after, before = await changes(context)
    version = str(issue.fields.get("updated", ""))
    change = Change(kind=ChangeKind.CHANGE, reference=issue.key, before=before, after=after, version=version)
    return [[change] if after else [] for _ in records]


update_issue.find(changing.find_update)
update_issue.undo(changing.restore)


@connector.target("Move an issue", effect=Effect.CHANGE)
async def transition_issue(context: Context[Connection, Move], record: Record) -> Receipt:  # noqa: ARG001  # no mark
    """Take an issue to another status, by a step of its workflow.

    Gives its `key`, `status` and `url`.
    """
    return await changing.move(context)


@transition_issue.preview
async def show_move(context: Context[Connection, Move], records: Sequence[Record]) -> list[list[Change]]:
    """Show from which status to which it would go."""
    before, settings = await standing(context, context.settings.issue), context.settings
    change = Change(
        kind=ChangeKind.CHANGE, reference=settings.issue, before={"status": before}, after={"status": settings.status}
    )
    return [[change] if before.casefold() != settings.status.strip().casefold() else [] for _ in records]


transition_issue.find(changing.find_move)
transition_issue.undo(changing.move_back)


@connector.target("Comment", effect=Effect.SEND)
async def comment(context: Context[Connection, Comment], record: Record) -> Receipt:
    """Comment on an issue.

    Gives the id of the `comment`, the `issue` and the `url`.
    """
    return await writing.comment(context, record)


@comment.preview
async def show_comment(context: Context[Connection, Comment], records: Sequence[Record]) -> list[list[Change]]:
    """Show the comment as it would be written."""
    settings = context.settings
    after = {"issue": settings.issue, "text": settings.text, "internal": settings.internal}
    return [[Change(kind=ChangeKind.SEND, after=after)] for _ in records]


comment.find(writing.find_comment)
comment.undo(writing.delete_comment)
