"""HubSpot: contacts, companies, deals, tickets and objects of one's own, followed, found and written."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

from connectors.hubspot.connection import Connection, call, granted
from connectors.hubspot.events import Sent, received
from connectors.hubspot.objects import Objects
from connectors.hubspot.settings import Find, Follow, Write
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
from connectors.sdk.cursors.following import follow
from connectors.sdk.network.urls import host_of
from connectors.sdk.records.entries import Writing, look_up, take_back

CONCURRENCY = 4

connector = Connector(
    "hubspot",
    "HubSpot",
    icon="contacts",
    connection=Connection,
    tried="a local peer held to the types of HubSpot's own client 12.0.0; webhooks after documentation",
    category=Category.BUSINESS,
)


@connector.hosts
def hosts(connection: Connection) -> Sequence[str]:
    """Name the service's one host."""
    return [host_of(connection.address)]


@connector.oauth
def oauth(connection: Connection) -> OAuth | None:
    """Say how an account agrees."""
    return granted(connection)


@connector.check
async def check(connection: Connection, context: Context[Any, Any]) -> None:  # noqa: ARG001  # the context has it too
    """Read one contact."""
    await call(context, "GET", "objects/contacts", {"params": {"limit": "1"}})


@connector.trigger("New record", every=300.0)
async def new_record(context: Context[Connection, Follow], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each contact, company, deal or other object that is created.

    Gives `id`, `title`, `created`, `changed` and `fields` with the values of its properties.
    """
    settings = context.settings
    entries = Objects(context, settings.properties)
    async for item in follow(entries, cursor, "created", skip=settings.existing == "skip"):
        yield item


@connector.trigger("New or changed record", every=300.0)
async def changed_record(context: Context[Connection, Follow], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each contact, company, deal or other object that is created or changed.

    Gives `id`, `title`, `created`, `changed` and `fields` with the values of its properties.
    """
    settings = context.settings
    entries = Objects(context, settings.properties)
    async for item in follow(entries, cursor, "changed", skip=settings.existing == "skip"):
        yield item


@connector.webhook("Event received")
def event_received(request: WebhookRequest, settings: Sent, connection: Settings | None = None) -> list[Item]:
    """Start a run for each event that HubSpot sends, at once; its signature is verified.

    Gives its `event`, the `id` of the object, its `object_type`, the `property` that changed and its `value`, `source`,
    `account` and `at`. A lookup by the id then reads the object.
    """
    return received(request, settings, connection)


@connector.lookup("Find records")
async def find_records(context: Context[Connection, Find]) -> dict[str, Any]:
    """Read the objects whose properties have some values.

    Gives `records`, their `count` and the `first`.
    """
    settings = context.settings
    return await look_up(Objects(context, settings.properties), settings.where, settings.limit)


@connector.target("Write a record", effect=Effect.CHANGE, concurrency=CONCURRENCY)
async def write_record(context: Context[Connection, Write], record: Record) -> Receipt:
    """Add a contact, company, deal or other object, or change the one with the same key.

    Gives its `id` and whether it was `added`.
    """
    return await _writing(context, record).write()


@write_record.preview
async def preview(context: Context[Connection, Write], records: Sequence[Record]) -> list[list[Change]]:
    """Compare the properties with those of the object that has the key."""
    return [await _writing(context, record).preview() for record in records]


@write_record.find
async def find(context: Context[Connection, Write], record: Record, token: str | None) -> Receipt | None:  # noqa: ARG001
    """Look for the object by its key and compare what was to be written."""
    return await _writing(context, record).find()


@write_record.undo
async def undo(context: Context[Connection, Write], receipt: Receipt) -> Receipt:
    """Put the properties back, or the object into the recycle bin, where nobody has changed it since."""
    return await take_back(Objects(context, tuple((receipt.after or {}).get("values", ()))), receipt)


def _writing(context: Context[Connection, Write], record: Record) -> Writing:
    settings = context.settings
    return Writing(Objects(context, tuple(record.values)), settings.mode, settings.key, record)
