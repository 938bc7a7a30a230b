"""QuickBooks Online: records followed and found, customers and vendors written, bills and invoices booked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

from connectors.quickbooks import events, papers, writing
from connectors.quickbooks.connection import Connection, granted
from connectors.quickbooks.events import Sent
from connectors.quickbooks.papers import BILL, INVOICE
from connectors.quickbooks.records import Records
from connectors.quickbooks.sending import company_name
from connectors.quickbooks.settings import BookBill, Find, Follow, WriteCustomers, WriteInvoice, WriteVendors
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
    Rejected,
    Settings,
    WebhookRequest,
)
from connectors.sdk.cursors.following import follow
from connectors.sdk.network.urls import host_of
from connectors.sdk.records.entries import look_up

CONCURRENCY = 4

connector = Connector(
    "quickbooks",
    "QuickBooks",
    icon="request_quote",
    connection=Connection,
    tried="a local peer held to the objects of python-quickbooks 0.9.12 and the documented calls, and judged by it",
    category=Category.BUSINESS,
)


@connector.hosts
def hosts(connection: Connection) -> Sequence[str]:
    """Name the service's one host."""
    return [host_of(connection.base)]


@connector.oauth
def oauth(connection: Connection) -> OAuth:
    """Say how a user lets the app into a company."""
    return granted(connection)


@connector.check
async def check(connection: Connection, context: Context[Any, Any]) -> None:  # noqa: ARG001  # the context has it too
    """Ask for the name of the company, which proves its id as well."""
    await company_name(context)


@connector.trigger("New record", every=300.0)
async def new_record(context: Context[Connection, Follow], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each invoice, bill, customer or other record that is created.

    Gives `id`, `url`, `title`, `created`, `changed` and `fields` with all that QuickBooks tells of it.
    """
    settings = context.settings
    records = Records(context, settings.object)
    async for item in follow(records, cursor, "created", skip=settings.existing == "skip"):
        yield item


@connector.trigger("New or changed record", every=300.0)
async def changed_record(context: Context[Connection, Follow], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each invoice, bill, customer or other record that is created or changed.

    Gives `id`, `url`, `title`, `created`, `changed` and `fields` with all that QuickBooks tells of it.
    """
    settings = context.settings
    records = Records(context, settings.object)
    async for item in follow(records, cursor, "changed", skip=settings.existing == "skip"):
        yield item


@connector.webhook("Event received", answer=Answer())  # anything but 200 holds back all that follows
def event_received(request: WebhookRequest, settings: Sent, connection: Settings | None = None) -> list[Item]:
    """Start a run for each event that QuickBooks sends, at once; its signature is verified.

    Gives the `object` such as Invoice, its `id`, `url`, what `happened`, the `time`, and the id of a record that was
    `merged` into it. Find records, where Id is this id, reads the rest.
    """
    return events.received(request, settings, connection)


@connector.lookup("Find records")
async def find_records(context: Context[Connection, Find]) -> dict[str, Any]:
    """Read the records whose fields have some values.

    Gives `records`, their `count` and the `first`.
    """
    settings = context.settings
    return await look_up(Records(context, settings.object), settings.where, settings.limit)


@connector.target("Write customers", effect=Effect.CHANGE)
async def write_customers(
    context: Context[Connection, WriteCustomers], records: Sequence[Record]
) -> Sequence[Receipt | Rejected]:
    """Add customers, or change those with the same key.

    Gives the `id`, the `url` and whether it was `added`.
    """
    return await writing.write_all(context, "Customer", records)


@write_customers.preview
async def preview_customers(
    context: Context[Connection, WriteCustomers], records: Sequence[Record]
) -> list[list[Change]]:
    """Compare the fields with those of the customers that have the keys."""
    return await writing.preview_all(context, "Customer", records)


@write_customers.find
async def find_customer(
    context: Context[Connection, WriteCustomers],
    record: Record,
    token: str | None,  # noqa: ARG001  # the key tells
) -> Receipt | None:
    """Look for the customer by its key and compare what was to be written."""
    return await writing.find_one(context, "Customer", record)


@write_customers.undo
async def undo_customer(context: Context[Connection, WriteCustomers], receipt: Receipt) -> Receipt:
    """Put the fields back, or make the customer inactive, where nobody has changed it since."""
    return await writing.undo_one(context, "Customer", receipt)


@connector.target("Write vendors", effect=Effect.CHANGE)
async def write_vendors(
    context: Context[Connection, WriteVendors], records: Sequence[Record]
) -> Sequence[Receipt | Rejected]:
    """Add vendors, or change those with the same key.

    Gives the `id`, the `url` and whether it was `added`.
    """
    return await writing.write_all(context, "Vendor", records)


@write_vendors.preview
async def preview_vendors(context: Context[Connection, WriteVendors], records: Sequence[Record]) -> list[list[Change]]:
    """Compare the fields with those of the vendors that have the keys."""
    return await writing.preview_all(context, "Vendor", records)


@write_vendors.find
async def find_vendor(
    context: Context[Connection, WriteVendors],
    record: Record,
    token: str | None,  # noqa: ARG001  # the key tells
) -> Receipt | None:
    """Look for the vendor by its key and compare what was to be written."""
    return await writing.find_one(context, "Vendor", record)


@write_vendors.undo
async def undo_vendor(context: Context[Connection, WriteVendors], receipt: Receipt) -> Receipt:
    """Put the fields back, or make the vendor inactive, where nobody has changed it since."""
    return await writing.undo_one(context, "Vendor", receipt)


@connector.target("Book a bill", effect=Effect.CREATE, concurrency=CONCURRENCY)
async def book_bill(context: Context[Connection, BookBill], record: Record) -> Receipt:
    """Book a bill of a vendor, such as one that was read out of a document, and attach the document.

    Gives its `id`, `number`, `total` and `url`, and whether the vendor was added: `added_vendor`.
    """
    return await papers.book(context, BILL, record)


@book_bill.preview
async def preview_bill(context: Context[Connection, BookBill], records: Sequence[Record]) -> list[list[Change]]:
    """Show the bill with its vendor, accounts and amounts as they would be booked."""
    return [await papers.preview(context, BILL) for _ in records]


@book_bill.find
async def find_bill(
    context: Context[Connection, BookBill],
    record: Record,  # noqa: ARG001  # the settings say what was to be booked
    token: str | None,  # noqa: ARG001  # the number tells
) -> Receipt | None:
    """Look for the bill by its vendor and number, and compare what was to be booked."""
    return await papers.find(context, BILL)


@book_bill.undo
async def undo_bill(context: Context[Connection, BookBill], receipt: Receipt) -> Receipt:
    """Delete the bill where nobody has changed or paid it since."""
    return await papers.take_back(context, BILL, receipt)


@connector.target("Write an invoice", effect=Effect.CREATE, concurrency=CONCURRENCY)
async def write_invoice(context: Context[Connection, WriteInvoice], record: Record) -> Receipt:
    """Write an invoice to a customer.

    Gives its `id`, `number`, `total` and `url`, and whether the customer was added: `added_customer`.
    """
    return await papers.book(context, INVOICE, record)


@write_invoice.preview
async def preview_invoice(context: Context[Connection, WriteInvoice], records: Sequence[Record]) -> list[list[Change]]:
    """Show the invoice with its customer, items and amounts as they would be written."""
    return [await papers.preview(context, INVOICE) for _ in records]


@write_invoice.find
async def find_invoice(
    context: Context[Connection, WriteInvoice],
    record: Record,  # noqa: ARG001  # the settings say what was to be written
    token: str | None,  # noqa: ARG001  # the number tells
) -> Receipt | None:
    """Look for the invoice by its customer and number, and compare what was to be written."""
    return await papers.find(context, INVOICE)


@write_invoice.undo
async def undo_invoice(context: Context[Connection, WriteInvoice], receipt: Receipt) -> Receipt:
    """Void the invoice where nobody has changed or paid it since."""
    return await papers.take_back(context, INVOICE, receipt)
