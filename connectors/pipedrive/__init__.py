"""Pipedrive: persons, organizations and deals, followed, found and written, and events as Pipedrive sends them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

from connectors.pipedrive.connection import Connection, call, granted
from connectors.pipedrive.events import Sent, received
from connectors.pipedrive.records import Records
from connectors.pipedrive.settings import Find, Follow, Write
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
    "pipedrive",
    "Pipedrive",
    icon="filter_alt",
    connection=Connection,
    tried="a local peer held to the types of Pipedrive's own client 33.7.0; its events after Pipedrive's guide",
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
    """Read one person."""
    await call(context, "GET", "persons", {"params": {"limit": "1"}})


@connector.trigger("New record", every=300.0)
async def new_record(context: Context[Connection, Follow], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each person, organization or deal that is created.

    Gives `id`, `title`, `created`, `changed` and `fields` with the values of its fields.
    """
    settings = context.settings
    entries = Records(context)
    async for item in follow(entries, cursor, "created", skip=settings.existing == "skip"):
        yield item


@connector.trigger("New or changed record", every=300.0)
async def changed_record(context: Context[Connection, Follow], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each person, organization or deal that is created or changed.

    Gives `id`, `title`, `created`, `changed` and `fields` with the values of its fields.
    """
    settings = context.settings
    entries = Records(context)
    async for item in follow(entries, cursor, "changed", skip=settings.existing == "skip"):
        yield item


@connector.webhook("Event received")
def event_received(request: WebhookRequest, settings: Sent, connection: Settings | None = None) -> list[Item]:
    """Start a run for each event that Pipedrive sends, at once; its password is verified.

    Gives `id`, `url`, `title`, `created`, `changed` and `fields` with the values of its fields (the last ones where it
    is deleted), the `object` such as deal, what `happened`, the `time`, `by` whom, the `previous` values of what
    changed, and the id of a record that was `merged` with it.
    """
    return received(request, settings, connection)


@connector.lookup("Find records")
async def find_records(context: Context[Connection, Find]) -> dict[str, Any]:
    """Read the records whose fields have some values.

    Gives `records`, their `count` and the `first`.
    """
    settings = context.settings
    return await look_up(await Records.prepare(context), settings.where, settings.limit)


@connector.target("Write a record", effect=Effect.CHANGE, concurrency=CONCURRENCY)
async def write_record(context: Context[Connection, Write], record: Record) -> Receipt:
    """Add a person, organization or deal, or change the one with the same key.

    Gives its `id` and whether it was `added`.
    """
    return await (await _writing(context, record)).write()


@write_record.preview
async def preview(context: Context[Connection, Write], records: Sequence[Record]) -> list[list[Change]]:
    """Compare the fields with those of the record that has the key."""
    return [await (await _writing(context, record)).preview() for record in records]


@write_record.find
async def find(context: Context[Connection, Write], record: Record, token: str | None) -> Receipt | None:  # noqa: ARG001
    """Look for the record by its key and compare what was to be written."""
    return await (await _writing(context, record)).find()


@write_record.undo
async def undo(context: Context[Connection, Write], receipt: Receipt) -> Receipt:
    """Put the fields back, or delete the record, where nobody has changed it since."""
    return await take_back(await Records.prepare(context), receipt)


async def _writing(context: Context[Connection, Write], record: Record) -> Writing:
    settings = context.settings
    return Writing(await Records.prepare(context), settings.mode, settings.key, record)
