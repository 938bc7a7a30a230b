"""PagerDuty: incidents followed, found, opened and changed, and alerts sent."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

from connectors.pagerduty import alerts, changing, events, writing
from connectors.pagerduty.alerts import Alert, event
from connectors.pagerduty.changing import Update, changes
from connectors.pagerduty.connection import Connection, call, granted, reachable
from connectors.pagerduty.events import Sent
from connectors.pagerduty.following import Changed, Opened, follow_changed, follow_opened
from connectors.pagerduty.incidents import Find, search, told
from connectors.pagerduty.on_call import OnCall, on_call
from connectors.pagerduty.writing import Note, Open, standing, wanted
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
    "pagerduty",
    "PagerDuty",
    icon="notification_important",
    connection=Connection,
    category=Category.MONITORING,
    tried="a local peer after PagerDuty's published API description, read by its own client pagerduty 7.2",
)
connector.oauth(granted)
connector.hosts(reachable)


@connector.check
async def check(connection: Connection, context: Context[Connection, Any]) -> None:
    """Read one incident, and prove the integration key by an event that changes nothing."""
    if connection.kind != "events":
        await call(context, "GET", "incidents", [("limit", "1")])
    if connection.routing_key.reveal().strip():
        await alerts.prove(context)


@connector.trigger("New incident", every=300.0)
async def new_incident(context: Context[Connection, Opened], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each incident that is opened.

    Gives `id`, `number`, `title`, `status`, `urgency`, `priority`, `service`, `service_id`, `teams`, `assignees`,
    `policy`, `key`, `created`, `changed`, `resolved` and `url`.
    """
    async for item in follow_opened(context, cursor):
        yield item


@connector.trigger("New or changed incident", every=300.0)
async def changed_incident(context: Context[Connection, Changed], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each incident that is opened or to which something happens.

    Gives `id`, `number`, `title`, `status`, `urgency`, `priority`, `service`, `service_id`, `teams`, `assignees`,
    `policy`, `key`, `created`, `changed`, `resolved`, `url`, and what `happened`.
    """
    async for item in follow_changed(context, cursor):
        yield item


@connector.webhook("Event received")
def event_received(request: WebhookRequest, settings: Sent, connection: Settings | None = None) -> list[Item]:
    """Start a run for each event that PagerDuty sends, at once; its signature is verified.

    Gives the `event`, when `at` and `by` whom, of its incident `id`, `number`, `title`, `status`, `urgency`,
    `priority`, `service`, `service_id`, `teams`, `assignees`, `policy`, `key`, `created`, `resolved` and `url`, the
    `text` of a note, and as `data` what was sent.
    """
    return events.received(request, settings, connection)


@connector.lookup("Find incidents")
async def find_incidents(context: Context[Connection, Find]) -> dict[str, Any]:
    """Find an incident by its id or number, or those that fit; the newest come first.

    Gives `incidents`, their `count` and the `first`.
    """
    found = [told(one) for one in await search(context)]
    return {"incidents": found, "count": len(found), "first": found[0] if found else None}


@connector.lookup("Who is on call")
async def find_on_call(context: Context[Connection, OnCall]) -> dict[str, Any]:
    """Tell who is on call now, those who are called first before the others.

    Gives `people`, their `count` and the `first`.
    """
    found = await on_call(context)
    return {"people": found, "count": len(found), "first": found[0] if found else None}


@connector.target("Send an alert", effect=Effect.SEND, carries_key=True)
async def send_alert(context: Context[Connection, Alert], record: Record) -> Receipt:
    """Trigger, acknowledge or resolve an alert; one that is sent again under its key is the same alert.

    Gives the `key` of the alert and the `action`.
    """
    return await alerts.send(context, record)


@send_alert.preview
async def show_alert(context: Context[Connection, Alert], records: Sequence[Record]) -> list[list[Change]]:
    """Show the alert as it would be sent."""
    return [[Change(kind=ChangeKind.SEND, after=event(context.settings, record))] for record in records]


send_alert.undo(alerts.resolve)


@connector.target("Open an incident", effect=Effect.SEND)
async def open_incident(context: Context[Connection, Open], record: Record) -> Receipt:
    """Open one incident for the record, and call who is on call for its service.

    Gives its `id`, `number`, `status`, `service`, `url`, and whether it was `opened` now.
    """
    return await writing.open_one(context, record)


@open_incident.preview
async def show_incident(context: Context[Connection, Open], records: Sequence[Record]) -> list[list[Change]]:
    """Show the incident as it would be opened; nothing where one of the same key is open."""
    after = wanted(context.settings) | {"priority": context.settings.priority or None}
    there = await standing(context)
    return [[] if there else [Change(kind=ChangeKind.ADD, after=after)] for _ in records]


open_incident.find(writing.find_opened)
open_incident.undo(writing.resolve)


@connector.target("Change an incident", effect=Effect.CHANGE)
async def change_incident(context: Context[Connection, Update], record: Record) -> Receipt:  # noqa: ARG001  # no mark
    """Acknowledge, resolve, escalate or reassign an incident, or change its priority, urgency or title.

    Gives its `id`, `number`, `status` and `url`.
    """
    return await changing.update(context)


@change_incident.preview
async def show_change(context: Context[Connection, Update], records: Sequence[Record]) -> list[list[Change]]:
    """Show what of the incident would change."""
    incident, after, before = await changes(context)
    version = incident.updated_at.isoformat() if incident.updated_at else None
    change = Change(kind=ChangeKind.CHANGE, reference=incident.id, before=before, after=after, version=version)
    return [[change] if after else [] for _ in records]


change_incident.find(changing.find_update)
change_incident.undo(changing.restore)


@connector.target("Add a note", effect=Effect.SEND)
async def add_note(context: Context[Connection, Note], record: Record) -> Receipt:
    """Add a note to an incident.

    Gives the id of the `note`.
    """
    return await writing.add_note(context, record)


@add_note.preview
async def show_note(context: Context[Connection, Note], records: Sequence[Record]) -> list[list[Change]]:
    """Show the note as it would be added."""
    settings = context.settings
    after = {"incident": settings.incident, "text": settings.text}
    return [[Change(kind=ChangeKind.SEND, after=after)] for _ in records]


add_note.find(writing.find_note)
add_note.undo(writing.delete_note)
