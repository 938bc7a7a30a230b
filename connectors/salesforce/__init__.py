"""Salesforce: records of any object followed, found, asked for by SOQL, and written."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

from connectors.salesforce.calls import call, queried
from connectors.salesforce.connection import Connection, granted
from connectors.salesforce.events import ACKNOWLEDGED, received
from connectors.salesforce.records import Records, shown
from connectors.salesforce.settings import Find, Follow, Query, Told, Write
from connectors.salesforce.soql import filled
from connectors.salesforce.writing import Batch
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
    Rejected,
    Settings,
    SettingsError,
    WebhookRequest,
)
from connectors.sdk.cursors.following import At, follow
from connectors.sdk.network.urls import host_of
from connectors.sdk.records.entries import look_up, take_back

# A transaction of Salesforce may take ten minutes; its records are dated when it began to write them
OVERLAP = 660.0

connector = Connector(
    "salesforce",
    "Salesforce",
    icon="cloud",
    connection=Connection,
    tried="a local peer after the documented REST API, judged by simple-salesforce 1.12.10 and soql-parser-js 6.3.1;"
    " outbound messages that zeep 4.3.3 writes by their description",
    category=Category.BUSINESS,
)


@connector.hosts
def hosts(connection: Connection) -> Sequence[str]:
    """Name the organisation's one host."""
    return [host_of(connection.base)]


@connector.oauth
def oauth(connection: Connection) -> OAuth | None:
    """Say how the app gets its tokens."""
    return granted(connection)


@connector.check
async def check(connection: Connection, context: Context[Any, Any]) -> None:  # noqa: ARG001  # the context has it too
    """Ask what the REST API offers to the user."""
    await call(context, "GET", "")


@connector.trigger("New record", every=300.0)
async def new_record(context: Context[Connection, Follow], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each record of an object that is created.

    Gives `id`, `url`, `title`, `created`, `changed` and `fields` with the values of its fields.
    """
    async for item in _followed(context, cursor, "created"):
        yield item


@connector.trigger("New or changed record", every=300.0)
async def changed_record(context: Context[Connection, Follow], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each record of an object that is created or changed, also by Salesforce itself.

    Gives `id`, `url`, `title`, `created`, `changed` and `fields` with the values of its fields.
    """
    async for item in _followed(context, cursor, "changed"):
        yield item


@connector.webhook("Event received", answer=ACKNOWLEDGED)
async def event_received(
    request: WebhookRequest, settings: Told, connection: Settings | None, context: Context[Connection, Told]
) -> list[Item]:
    """Start a run for each record of which a flow of Salesforce tells by an outbound message, at once.

    Gives `id`, `url`, `title`, `created`, `changed`, `fields` with the values of its fields, and the `message`, which
    is the id of the outbound message.
    """
    return await received(request, settings, connection, context)


@connector.lookup("Find records")
async def find_records(context: Context[Connection, Find]) -> dict[str, Any]:
    """Read the records whose fields have some values.

    Gives `records`, their `count` and the `first`.
    """
    settings = context.settings
    return await look_up(await Records.prepare(context, settings.fields), settings.where, settings.limit)


@connector.lookup("Run a query")
async def query(context: Context[Connection, Query]) -> dict[str, Any]:
    """Read records with SOQL; values are written as :names and stay values.

    Gives `records`, their `count`, the `first`, and the `total`, which is the answer to COUNT().
    """
    settings = context.settings
    found: list[Any] = []
    total = 0
    async for page in queried(context, filled(settings.soql, settings.params)):
        total = page.total
        found += shown(page.records)
        if len(found) > settings.limit:
            raise SettingsError(f"More than {settings.limit} records were found; ask for fewer or raise the limit.")
    return {"records": found, "count": len(found), "first": found[0] if found else None, "total": total}


@connector.target("Write a record", effect=Effect.CHANGE)
async def write_record(context: Context[Connection, Write], records: Sequence[Record]) -> list[Receipt | Rejected]:
    """Add records to an object, or change those with the same key, two hundred a request.

    Gives its `id`, its `url` and whether it was `added`.
    """
    return await (await Batch.prepare(context, records)).write(records)


@write_record.preview
async def preview(context: Context[Connection, Write], records: Sequence[Record]) -> list[list[Change]]:
    """Compare the fields with those of the record that has the key."""
    return await (await Batch.prepare(context, records)).preview(records)


@write_record.find
async def find(context: Context[Connection, Write], record: Record, token: str | None) -> Receipt | None:  # noqa: ARG001
    """Look for the record by its key and compare what was to be written."""
    return await (await Batch.prepare(context, [record])).find(record)


@write_record.undo
async def undo(context: Context[Connection, Write], receipt: Receipt) -> Receipt:
    """Put the fields back, or the record into the recycle bin, where nobody has changed it since."""
    return await take_back(await Records.prepare(context, tuple((receipt.after or {}).get("values", ()))), receipt)


async def _followed(context: Context[Connection, Follow], cursor: str | None, at: At) -> AsyncIterator[Item]:
    settings = context.settings
    records = Records(context, settings.fields, condition=settings.condition)
    async for item in follow(records, cursor, at, skip=settings.existing == "skip", overlap=OVERLAP):
        yield item
