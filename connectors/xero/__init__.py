"""Xero: contacts and invoices followed and found, contacts written, and events as Xero sends them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

from connectors.sdk import (
    Answer,
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
from connectors.xero.connection import Connection, granted, organisation, organisations
from connectors.xero.events import Sent, received
from connectors.xero.records import Records
from connectors.xero.settings import Find, Follow, Write

CONCURRENCY = 4

connector = Connector(
    "xero",
    "Xero",
    icon="receipt_long",
    connection=Connection,
    tried="a local peer held to Xero's OpenAPI description 2.9.4; its events after that of webhooks 12.0.2",
    category=Category.BUSINESS,
)


@connector.hosts
def hosts(connection: Connection) -> Sequence[str]:
    """Name the service's one host."""
    return [host_of(connection.address)]


@connector.oauth
def oauth(connection: Connection) -> OAuth:
    """Say how an account agrees."""
    return granted(connection)


@connector.check
async def check(connection: Connection, context: Context[Any, Any]) -> None:  # noqa: ARG001  # the context has it too
    """Ask which organisations it opens."""
    await organisations(context)


@connector.trigger("New or changed record", every=300.0)
async def changed_record(context: Context[Connection, Follow], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each contact or invoice that is created or changed.

    Gives `id`, `title`, `changed` and `fields` with the values of its fields.
    """
    settings = context.settings
    entries = Records(context, await organisation(context, settings.organisation), settings.object)
    async for item in follow(entries, cursor, "changed", skip=settings.existing == "skip"):
        yield item


@connector.webhook("Event received", answer=Answer())
def event_received(request: WebhookRequest, settings: Sent, connection: Settings | None = None) -> list[Item]:
    """Start a run for each event that Xero sends, at once; its signature is verified.

    Gives the `object` such as Invoices, its `id`, what `happened`, the `time`, the `organisation`, and as `data` what
    Xero adds. Find records, where ContactID or InvoiceID is this id, reads the rest.
    """
    return received(request, settings, connection)


@connector.lookup("Find records")
async def find_records(context: Context[Connection, Find]) -> dict[str, Any]:
    """Read the records whose fields have some values.

    Gives `records`, their `count` and the `first`.
    """
    settings = context.settings
    tenant = await organisation(context, settings.organisation)
    return await look_up(Records(context, tenant, settings.object), settings.where, settings.limit)


@connector.target("Write a contact", effect=Effect.CHANGE, concurrency=CONCURRENCY)
async def write_contact(context: Context[Connection, Write], record: Record) -> Receipt:
    """Add a contact, or change the one with the same key.

    Gives its `id` and whether it was `added`.
    """
    return await (await _writing(context, record)).write()


@write_contact.preview
async def preview(context: Context[Connection, Write], records: Sequence[Record]) -> list[list[Change]]:
    """Compare the fields with those of the contact that has the key."""
    return [await (await _writing(context, record)).preview() for record in records]


@write_contact.find
async def find(context: Context[Connection, Write], record: Record, token: str | None) -> Receipt | None:  # noqa: ARG001
    """Look for the contact by its key and compare what was to be written."""
    return await (await _writing(context, record)).find()


@write_contact.undo
async def undo(context: Context[Connection, Write], receipt: Receipt) -> Receipt:
    """Put the fields back, or archive the contact, where nobody has changed it since."""
    return await take_back(await _contacts(context), receipt)


async def _writing(context: Context[Connection, Write], record: Record) -> Writing:
    settings = context.settings
    return Writing(await _contacts(context), settings.mode, settings.key, record)


async def _contacts(context: Context[Connection, Write]) -> Records:
    return Records(context, await organisation(context, context.settings.organisation))
