"""Zendesk: tickets followed as they change, found and written."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

from connectors.sdk import (
    Category,
    Change,
    Connector,
    Context,
    Effect,
    Item,
    OAuth,
    Receipt,
    Record,
    Settings,
    WebhookRequest,
)
from connectors.sdk.network.urls import host_of
from connectors.sdk.records.entries import Writing, look_up, take_back
from connectors.zendesk.connection import Connection, call, granted
from connectors.zendesk.events import Sent, received
from connectors.zendesk.export import exported
from connectors.zendesk.settings import Find, Follow, Write
from connectors.zendesk.tickets import Tickets

CONCURRENCY = 4

connector = Connector(
    "zendesk",
    "Zendesk",
    icon="support",
    connection=Connection,
    tried="a local peer held to the ticket types of node-zendesk 6.0.1 and the documented calls; "
    "webhooks after documentation",
    category=Category.BUSINESS,
)


@connector.hosts
def hosts(connection: Connection) -> Sequence[str]:
    """Name the service's one host."""
    return [host_of(connection.base)]


@connector.oauth
def oauth(connection: Connection) -> OAuth | None:
    """Say how an account agrees."""
    return granted(connection)


@connector.check
async def check(connection: Connection, context: Context[Any, Any]) -> None:  # noqa: ARG001  # the context has it too
    """Read one ticket."""
    await call(context, "GET", "tickets", {"params": {"page[size]": "1"}})


@connector.trigger("New ticket", every=300.0)
async def new_ticket(context: Context[Connection, Follow], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each ticket that is created.

    Gives `id`, `url`, `title`, `created`, `changed` and `fields` with the values of its fields.
    """
    async for item in exported(context, cursor, "created"):
        yield item


@connector.trigger("New or changed ticket", every=300.0)
async def changed_ticket(context: Context[Connection, Follow], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each ticket that is created or changed.

    Gives `id`, `url`, `title`, `created`, `changed` and `fields` with the values of its fields.
    """
    async for item in exported(context, cursor, "changed"):
        yield item


@connector.webhook("Event received")
def event_received(request: WebhookRequest, settings: Sent, connection: Settings | None = None) -> list[Item]:
    """Start a run for each event that Zendesk sends, at once; its signature is verified.

    Gives its `event`, `at`, the `id` and `fields` of what it is about, and the `change`; of what a trigger of Zendesk
    sends `fields` is all that its author put into it.
    """
    return received(request, settings, connection)


@connector.lookup("Find tickets")
async def find_tickets(context: Context[Connection, Find]) -> dict[str, Any]:
    """Read the tickets whose fields have some values.

    Gives `records`, their `count` and the `first`.
    """
    settings = context.settings
    return await look_up(Tickets(context), settings.where, settings.limit)


@connector.target("Write a ticket", effect=Effect.CHANGE, concurrency=CONCURRENCY)
async def write_ticket(context: Context[Connection, Write], record: Record) -> Receipt:
    """Add a ticket, or change the one with the same key.

    Gives its `id`, `url` and whether it was `added`.
    """
    return await _writing(context, record).write()


@write_ticket.preview
async def preview(context: Context[Connection, Write], records: Sequence[Record]) -> list[list[Change]]:
    """Compare the fields with those of the ticket that has the key."""
    return [await _writing(context, record).preview() for record in records]


@write_ticket.find
async def find(context: Context[Connection, Write], record: Record, token: str | None) -> Receipt | None:  # noqa: ARG001
    """Look for the ticket by its key and compare what was to be written."""
    return await _writing(context, record).find()


@write_ticket.undo
async def undo(context: Context[Connection, Write], receipt: Receipt) -> Receipt:
    """Put the fields back, or delete the ticket, where nobody has changed it since."""
    return await take_back(Tickets(context), receipt)


def _writing(context: Context[Connection, Write], record: Record) -> Writing:
    settings = context.settings
    return Writing(Tickets(context), settings.mode, settings.key, record)
