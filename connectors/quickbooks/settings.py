"""What a user fills in to follow and find records, to write customers and vendors, and to book bills and invoices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from connectors.quickbooks.connection import Connection
from connectors.quickbooks.lines import Amount, Lines, Taxes
from connectors.quickbooks.names import names_of
from connectors.quickbooks.people import FIELDS
from connectors.quickbooks.records import Kind
from connectors.sdk import Context, Settings, field
from connectors.sdk.cursors.following import Following
from connectors.sdk.files.outgoing import FileContent
from connectors.sdk.records.entries import Limit, Mode, require_key, require_limit

Key = Annotated[
    Literal["DisplayName", "PrimaryEmailAddr", "CompanyName"],
    field("Key field", hint="It says which one it is. QuickBooks keeps only DisplayName unique."),
]


async def accounts(context: Context[Connection, Any]) -> Sequence[str]:
    """Return the names of the accounts."""
    return await names_of(context, "Account")


async def items(context: Context[Connection, Any]) -> Sequence[str]:
    """Return the names of the products and services."""
    return await names_of(context, "Item")


async def tax_codes(context: Context[Connection, Any]) -> Sequence[str]:
    """Return the names of the tax codes."""
    return await names_of(context, "TaxCode")


async def terms(context: Context[Connection, Any]) -> Sequence[str]:
    """Return the names of the terms of payment."""
    return await names_of(context, "Term")


async def customer_fields(context: Context[Connection, Any]) -> Sequence[str]:  # noqa: ARG001  # all have these
    """Return the fields of customers that can be written."""
    return FIELDS["Customer"]


async def vendor_fields(context: Context[Connection, Any]) -> Sequence[str]:  # noqa: ARG001  # all have these
    """Return the fields of vendors that can be written."""
    return FIELDS["Vendor"]


class Follow(Following):
    """Which records to follow."""

    object: Kind = "Invoice"


class Find(Settings):
    """Which records to read."""

    object: Kind = "Customer"
    where: Annotated[
        dict[str, Any],
        field(
            "Where",
            hint="The values that fields must have, by the names that QuickBooks has for them.",
            example={"DisplayName": "{{ read.supplier }}"},
            templated=True,
        ),
    ]
    limit: Limit = 100

    def __post_init__(self) -> None:
        """Refuse a limit out of bounds."""
        require_limit(self.limit)


class WriteCustomers(Settings):
    """Which customers to write, how, and what."""

    columns: Annotated[
        dict[str, Any],
        field(
            "Fields",
            example={"DisplayName": "{{ read.customer }}", "PrimaryEmailAddr": "{{ read.email }}"},
            templated=True,
            record=True,
            choices=customer_fields,
        ),
    ]
    mode: Mode = "upsert"
    key: Key = "DisplayName"

    def __post_init__(self) -> None:
        """Refuse a key that has no value."""
        require_key(self.mode, self.key, self.columns)


class WriteVendors(Settings):
    """Which vendors to write, how, and what."""

    columns: Annotated[
        dict[str, Any],
        field(
            "Fields",
            example={"DisplayName": "{{ read.supplier }}", "BillAddr.City": "{{ read.city }}"},
            templated=True,
            record=True,
            choices=vendor_fields,
        ),
    ]
    mode: Mode = "upsert"
    key: Key = "DisplayName"

    def __post_init__(self) -> None:
        """Refuse a key that has no value."""
        require_key(self.mode, self.key, self.columns)


Number = Annotated[str, field("Number", hint="21 characters at most.", example="{{ read.number }}", templated=True)]
Date = Annotated[str, field("Date", hint="Left out: today.", example="{{ read.date }}", templated=True)]
Due = Annotated[str, field("Due date", example="{{ read.due }}", templated=True)]
Description = Annotated[str, field("Description", hint="Of the one line that an amount makes.", templated=True)]
TaxCode = Annotated[str, field("Tax code", hint="For lines that name none.", templated=True, choices=tax_codes)]
Item = Annotated[str, field("Product or service", hint="For lines that name none.", templated=True, choices=items)]
Currency = Annotated[
    str, field("Currency", example="EUR", hint="Left out: the company's.", templated=True, advanced=True)
]
Terms = Annotated[str, field("Terms", example="Net 30", templated=True, choices=terms, advanced=True)]
Note = Annotated[str, field("Note", hint="Only your company sees it.", templated=True, multiline=True)]


class BookBill(Settings):
    """Which bill to book, from whom, and on which accounts."""

    vendor: Annotated[str, field("Vendor", hint="Its name.", example="{{ read.supplier }}", templated=True)]
    add_missing: Annotated[bool, field("Add a missing vendor", hint="With its name only.")] = False
    number: Number = ""
    date: Date = ""
    due: Due = ""
    lines: Lines = None
    amount: Amount = ""
    description: Description = ""
    account: Annotated[
        str,
        field("Account", hint="For lines that name none: its full name or number.", templated=True, choices=accounts),
    ] = ""
    item: Item = ""
    tax_code: TaxCode = ""
    tax: Taxes = "usual"
    currency: Currency = ""
    terms: Terms = ""
    note: Note = ""
    file: FileContent = None

    def own(self) -> dict[str, Any]:
        """Return what only bills have."""
        return {}


class WriteInvoice(Settings):
    """Which invoice to write, to whom, and for what."""

    customer: Annotated[str, field("Customer", hint="Its name.", example="{{ read.customer }}", templated=True)]
    add_missing: Annotated[bool, field("Add a missing customer", hint="With its name only.")] = False
    number: Annotated[
        str,
        field(
            "Number",
            hint="Left out: the next one of QuickBooks. 21 characters at most.",
            example="{{ read.number }}",
            templated=True,
        ),
    ] = ""
    date: Date = ""
    due: Due = ""
    lines: Lines = None
    amount: Amount = ""
    description: Description = ""
    item: Item = ""
    tax_code: TaxCode = ""
    tax: Taxes = "usual"
    email: Annotated[
        str, field("E-mail address", hint="Where QuickBooks sends it, once you let it.", templated=True)
    ] = ""
    message: Annotated[
        str, field("Message", hint="The customer reads it on the invoice.", templated=True, multiline=True)
    ] = ""
    currency: Currency = ""
    terms: Terms = ""
    note: Note = ""
    file: FileContent = None

    def own(self) -> dict[str, Any]:
        """Return what only invoices have."""
        email, message = self.email.strip(), self.message.strip()
        told: dict[str, Any] = {"BillEmail": {"Address": email}} if email else {}
        return told | ({"CustomerMemo": {"value": message[:1000]}} if message else {})
