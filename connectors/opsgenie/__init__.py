"""Opsgenie: alerts in as they come, alerts opened and acted on; Atlassian ends the service in April 2027."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

import msgspec

from connectors.opsgenie import acting, creating, notes
from connectors.opsgenie.acting import carry_out
from connectors.opsgenie.alerts import Alerts, condition, conditions_of, whole
from connectors.opsgenie.connection import Connection, call
from connectors.opsgenie.events import Events, received
from connectors.opsgenie.oncall import turns
from connectors.opsgenie.settings import Acting, Assign, Create, Escalate, Find, Follow, OnCall, Tag, Write
from connectors.sdk import (
    Category,
    ChangeKind,
    Connector,
    Context,
    Effect,
    Item,
    Receipt,
    Record,
    Settings,
    SettingsError,
    WebhookRequest,
)
from connectors.sdk.cursors.following import At, follow
from connectors.sdk.network.urls import host_of
from connectors.sdk.records.entries import content_of

CONCURRENCY = 4

connector = Connector(
    "opsgenie",
    "Opsgenie",
    icon="crisis_alert",
    connection=Connection,
    tried="a local peer held to the types of Opsgenie's own client 2.1.5 and the documented searches and calls",
    category=Category.MONITORING,
)


@connector.hosts
def hosts(connection: Connection) -> Sequence[str]:
    """Name the service's one host."""
    return [host_of(connection.base)]


@connector.check
async def check(connection: Connection, context: Context[Any, Any]) -> None:  # noqa: ARG001  # the context has it too
    """Read one alert."""
    await call(context, "GET", "alerts", {"params": {"limit": "1"}})


@connector.trigger("New alert", every=60.0)
async def new_alert(context: Context[Connection, Follow], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each alert that is opened.

    Gives `id`, `url`, `title`, `created`, `changed` and `fields` with the values of its fields.
    """
    async for item in _followed(context, cursor, "created"):
        yield item


@connector.trigger("New or changed alert", every=60.0)
async def changed_alert(context: Context[Connection, Follow], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each alert that is opened, or changed by anybody.

    Gives `id`, `url`, `title`, `created`, `changed` and `fields` with the values of its fields.
    """
    async for item in _followed(context, cursor, "changed"):
        yield item


@connector.webhook("Event received")
def event_received(request: WebhookRequest, settings: Events, connection: Settings | None = None) -> list[Item]:
    """Start a run for each thing that happens to an alert, at once; the call must bring the webhook token.

    Gives the `action`, of the alert `id`, `number`, `alias`, `title`, `description`, `priority`, `entity`, `tags`,
    `details`, `note`, `owner`, `source`, `created`, `changed` and `url`, the `user` who acted, and the whole `event`.
    """
    return received(request, settings, connection)


@connector.lookup("Find alerts")
async def find_alerts(context: Context[Connection, Find]) -> dict[str, Any]:
    """Read one alert whole, or list those that fit, the newest first.

    Gives `alerts`, their `count` and the `first`.
    """
    settings = context.settings
    if settings.alert.strip():
        one = await whole(context, settings.alert, settings.by)
        entries = [one] if one else []
    else:
        where = [condition(name, value) for name, value in settings.where.items()]
        entries = list(await Alerts(context, [*_conditions(settings), *where]).latest(settings.limit))
    if len(entries) > settings.limit:
        raise SettingsError(f"More than {settings.limit} alerts were found; ask for fewer or raise the limit.")
    found = [content_of(one) for one in entries]
    return {"alerts": found, "count": len(found), "first": found[0] if found else None}


@connector.lookup("Who is on call")
async def on_call(context: Context[Connection, OnCall]) -> dict[str, Any]:
    """Read whose turn it is now, by one schedule or by all.

    Gives `schedules`, each with its name, its id and its people, and the `people` of them all by their addresses.
    """
    found = await turns(context, context.settings.schedule)
    return {"schedules": found, "people": list(dict.fromkeys(one for turn in found for one in turn["people"]))}


@connector.target("Open an alert", effect=Effect.SEND, concurrency=CONCURRENCY)
async def create_alert(context: Context[Connection, Create], record: Record) -> Receipt:
    """Open an alert, which calls whoever is responsible.

    Gives its `id`, `number`, `url`, and whether it was `added` rather than counted up.
    """
    return await creating.create(context, record)


create_alert.preview(creating.preview)
create_alert.find(creating.find)
create_alert.undo(creating.undo)


@connector.target("Acknowledge an alert", effect=Effect.CHANGE, concurrency=CONCURRENCY)
async def acknowledge_alert(context: Context[Connection, Acting], record: Record) -> Receipt:  # noqa: ARG001  # no mark
    """Acknowledge an alert, so that nobody else is called for it.

    Gives its `id`, `number` and `url`.
    """
    return await carry_out(context, await acting.acknowledging(context))


acknowledge_alert.preview(acting.previews(acting.acknowledging))
acknowledge_alert.find(acting.finds(acting.acknowledging))
acknowledge_alert.undo(acting.take_back_acknowledgement)


@connector.target("Close an alert", effect=Effect.CHANGE, concurrency=CONCURRENCY)
async def close_alert(context: Context[Connection, Acting], record: Record) -> Receipt:  # noqa: ARG001  # no mark
    """Close an alert; nobody can open it again.

    Gives its `id`, `number` and `url`.
    """
    return await carry_out(context, await acting.closing(context))


close_alert.preview(acting.previews(acting.closing))
close_alert.find(acting.finds(acting.closing))


@connector.target("Add a note", effect=Effect.SEND, concurrency=CONCURRENCY)
async def add_note(context: Context[Connection, Write], record: Record) -> Receipt:  # noqa: ARG001  # no mark
    """Write a note into an alert.

    Gives the alert's `id`, `number` and `url`.
    """
    return await notes.write(context)


add_note.preview(acting.previews(notes.writing, ChangeKind.SEND))
add_note.find(notes.find)


@connector.target("Assign an alert", effect=Effect.CHANGE, concurrency=CONCURRENCY)
async def assign_alert(context: Context[Connection, Assign], record: Record) -> Receipt:  # noqa: ARG001  # no mark
    """Make a user the owner of an alert.

    Gives its `id`, `number` and `url`.
    """
    return await carry_out(context, await acting.assigning(context))


assign_alert.preview(acting.previews(acting.assigning))
assign_alert.find(acting.finds(acting.assigning))
assign_alert.undo(acting.give_back)


@connector.target("Escalate an alert", effect=Effect.SEND, concurrency=CONCURRENCY)
async def escalate_alert(context: Context[Connection, Escalate], record: Record) -> Receipt:  # noqa: ARG001  # no mark
    """Take an alert to the next step of an escalation, or bring in a team, a user or a schedule.

    Gives its `id`, `number` and `url`.
    """
    return await carry_out(context, await acting.escalating(context))


escalate_alert.preview(acting.previews(acting.escalating, ChangeKind.SEND))
escalate_alert.find(acting.find_escalation)


@connector.target("Tag an alert", effect=Effect.CHANGE, concurrency=CONCURRENCY)
async def add_tags(context: Context[Connection, Tag], record: Record) -> Receipt:  # noqa: ARG001  # no mark
    """Add tags to an alert.

    Gives its `id`, `number` and `url`.
    """
    return await carry_out(context, await acting.tagging(context))


add_tags.preview(acting.previews(acting.tagging))
add_tags.find(acting.finds(acting.tagging))
add_tags.undo(acting.take_tags_off)


async def _followed(context: Context[Connection, Follow], cursor: str | None, at: At) -> AsyncIterator[Item]:
    settings = context.settings
    alerts = Alerts(context, _conditions(settings))
    async for item in follow(alerts, cursor, at, skip=settings.existing == "skip"):
        full = await whole(context, item.content["id"]) if settings.whole and item.content is not None else None
        # One that was deleted meanwhile is told as it was listed
        yield msgspec.structs.replace(item, content=content_of(full)) if full else item


def _conditions(settings: Find | Follow) -> list[str]:
    return conditions_of(
        query=settings.query, status=settings.status, priorities=settings.priorities, teams=settings.teams
    )
