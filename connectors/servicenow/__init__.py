"""ServiceNow: records of any table followed, found and written."""

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
from connectors.sdk.cursors.following import follow
from connectors.sdk.network.urls import host_of
from connectors.sdk.records.entries import Writing, look_up, take_back
from connectors.servicenow.connection import Connection, call, granted
from connectors.servicenow.events import Sent, received
from connectors.servicenow.records import Records
from connectors.servicenow.settings import Find, Follow, Write

CONCURRENCY = 4

connector = Connector(
    "servicenow",
    "ServiceNow",
    icon="dns",
    connection=Connection,
    tried="a local peer after the documented Table API, judged by ServiceNow's own client pysnc 1.2.1",
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
    """Read the user's own record."""
    await call(context, "GET", "sys_user", {"params": {"sysparm_limit": "1", "sysparm_fields": "sys_id"}})


@connector.trigger("New record", every=300.0)
async def new_record(context: Context[Connection, Follow], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each record of a table that is created.

    Gives `id`, `title`, `created`, `changed` and `fields` with the values of its fields.
    """
    settings = context.settings
    entries = Records(context)
    async for item in follow(entries, cursor, "created", skip=settings.existing == "skip"):
        yield item


@connector.trigger("New or changed record", every=300.0)
async def changed_record(context: Context[Connection, Follow], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each record of a table that is created or changed.

    Gives `id`, `title`, `created`, `changed` and `fields` with the values of its fields.
    """
    settings = context.settings
    entries = Records(context)
    async for item in follow(entries, cursor, "changed", skip=settings.existing == "skip"):
        yield item


@connector.webhook("Event received")
async def event_received(
    request: WebhookRequest, settings: Sent, connection: Settings | None, context: Context[Connection, Sent]
) -> list[Item]:
    """Start a run for each record of which a business rule of ServiceNow tells, at once.

    Gives `id`, `title`, `created`, `changed`, `fields` with the values of its fields, and the `event`.
    """
    return await received(request, settings, connection, context)


@connector.lookup("Find records")
async def find_records(context: Context[Connection, Find]) -> dict[str, Any]:
    """Read the records whose fields have some values.

    Gives `records`, their `count` and the `first`.
    """
    settings = context.settings
    return await look_up(await Records.prepare(context), settings.where, settings.limit)


@connector.target("Write a record", effect=Effect.CHANGE, concurrency=CONCURRENCY)
async def write_record(context: Context[Connection, Write], record: Record) -> Receipt:
    """Add a record to a table, or change the one with the same key.

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
