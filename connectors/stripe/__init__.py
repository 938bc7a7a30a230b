"""Stripe: what happens in an account in, customers and invoice items out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

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
from connectors.stripe import events, items, writing
from connectors.stripe.connection import Connection, call
from connectors.stripe.events import Follow, Sent, follow
from connectors.stripe.items import Charge, charged
from connectors.stripe.writing import Create, Find, Update, changes, search, told, wanted

connector = Connector(
    "stripe",
    "Stripe",
    icon="payments",
    connection=Connection,
    category=Category.BUSINESS,
    tried="a local peer held to Stripe's OpenAPI description of October 2025",
)


@connector.hosts
def hosts(connection: Connection) -> list[str]:
    """Name the only host that is called."""
    return [host_of(connection.address)]


@connector.check
async def check(_: Connection, context: Context[Connection, Any]) -> None:
    """Ask for one event."""
    await call(context, "GET", "events", [("limit", "1")])


@connector.trigger("New event", every=300.0)
async def new_event(context: Context[Connection, Follow], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each event in the account, such as a paid invoice or a new customer.

    Gives its `id`, `type`, `created`, `is_live`, the `object` that it is about, and what was different as `previous`.
    """
    async for item in follow(context, cursor):
        yield item


@connector.webhook("Event received")
def event_received(request: WebhookRequest, settings: Sent, connection: Settings | None = None) -> list[Item]:
    """Start a run for each event that Stripe sends, at once; its signature is verified.

    Gives its `id`, `type`, `created`, `is_live`, the `object` that it is about, and what was different as `previous`.
    """
    return events.received(request, settings, connection)


@connector.lookup("Find a customer")
async def find_customer(context: Context[Connection, Find]) -> dict[str, Any]:
    """Find a customer by id, or all those with an address.

    Gives `customers`, their `count` and the `first`.
    """
    found = [told(one) for one in await search(context)]
    return {"customers": found, "count": len(found), "first": found[0] if found else None}


@connector.target("Add a customer", effect=Effect.CREATE, carries_key=True)
async def create_customer(context: Context[Connection, Create], record: Record) -> Receipt:
    """Add one customer for the record.

    Gives its `id`, `email` and `name`.
    """
    return await writing.create(context, record)


@create_customer.preview
async def show_customer(context: Context[Connection, Create], records: Sequence[Record]) -> list[list[Change]]:
    """Show the customer as it would be added."""
    return [[Change(kind=ChangeKind.ADD, after=wanted(context.settings))] for _ in records]


create_customer.find(writing.find_created)
create_customer.undo(writing.delete)


@connector.target("Change a customer", effect=Effect.CHANGE)
async def update_customer(context: Context[Connection, Update], record: Record) -> Receipt:
    """Change what is known of a customer.

    Gives its `id`, `email` and `name`.
    """
    return await writing.update(context, record)


@update_customer.preview
async def show_update(context: Context[Connection, Update], records: Sequence[Record]) -> list[list[Change]]:
    """Show what of the customer would change."""
    found, after, before = await changes(context)
    change = Change(kind=ChangeKind.CHANGE, reference=found.id, before=before, after=after)
    return [[change] if after else [] for _ in records]


update_customer.find(writing.find_update)
update_customer.undo(writing.restore)


@connector.target("Add an invoice item", effect=Effect.CREATE, carries_key=True)
async def create_invoice_item(context: Context[Connection, Charge], record: Record) -> Receipt:
    """Put one amount on a customer's next invoice.

    Gives its `id`, `amount` in the smallest unit and `currency`.
    """
    return await items.charge(context, record)


@create_invoice_item.preview
async def show_item(context: Context[Connection, Charge], records: Sequence[Record]) -> list[list[Change]]:
    """Show the item, with its amount as Stripe counts."""
    return [[Change(kind=ChangeKind.ADD, after=charged(context.settings))] for _ in records]


create_invoice_item.find(items.find_charge)
create_invoice_item.undo(items.delete_charge)
