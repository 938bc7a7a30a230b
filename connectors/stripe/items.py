"""Invoice items that go to Stripe: amounts as Stripe counts them, found again and taken back."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal
from urllib.parse import quote

import msgspec

from connectors.sdk import Context, Receipt, Record, Settings, SettingsError, field
from connectors.sdk.errors import undecided
from connectors.stripe.connection import Connection, call, listed
from connectors.stripe.writing import MARGIN, MARK, MOST_SEARCHED, Customer, mark

# Currencies whose smallest unit is the main one, or a thousandth of it, as Stripe lists them
_WHOLE = frozenset(
    ["bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf"]
)
_THOUSANDTHS = frozenset(["bhd", "jod", "kwd", "omr", "tnd"])
# Stripe keeps decimals for these that the currencies no longer have, so a guess could be a hundred times off
_UNCLEAR = frozenset({"isk", "ugx"})


class Charge(Settings):
    """What goes on the customer's next invoice."""

    customer: Customer
    amount: Annotated[str, field("Amount", hint="Below zero it is a credit.", example="118.50", templated=True)]
    currency: Annotated[str, field("Currency", hint="Three letters.", example="EUR", templated=True)]
    unit: Annotated[
        Literal["main", "smallest"],
        field("Amount is in", hint="main: euros or dollars; smallest: cents, as Stripe counts.", advanced=True),
    ] = "main"
    description: Annotated[str, field("Description", hint="The line on the invoice.", templated=True)] = ""
    invoice: Annotated[
        str, field("Invoice", hint="The id of a draft; empty: the next one.", templated=True, advanced=True)
    ] = ""


class Line(msgspec.Struct, kw_only=True):
    """An invoice item."""

    id: str
    amount: int = 0
    currency: str = ""
    description: str | None = None
    metadata: dict[str, str] | None = None


def charged(settings: Charge) -> dict[str, Any]:
    """Return an invoice item as it would be written, its amount as Stripe counts."""
    currency = settings.currency.strip().lower()
    if len(currency) != 3 or not (currency.isascii() and currency.isalpha()):
        raise SettingsError(f"{settings.currency[:20]!r} is no currency: it has three letters, such as EUR.")
    form = {"customer": settings.customer.strip(), "amount": _smallest(settings, currency), "currency": currency}
    extra = {"description": settings.description.strip(), "invoice": settings.invoice.strip()}
    return form | {name: value for name, value in extra.items() if value}


async def charge(context: Context[Connection, Charge], record: Record) -> Receipt:
    """Add an invoice item under the record's key."""
    form = charged(context.settings)
    await context.remember(str(int((datetime.now(UTC) - MARGIN).timestamp())))
    marked = form | {"metadata": {MARK: mark(record)}}
    return _charged((await call(context, "POST", "invoiceitems", form=marked, key=record.key)).read(Line))


async def find_charge(context: Context[Connection, Charge], record: Record, token: str | None) -> Receipt | None:
    """Look for the mark among the customer's items since the write was tried."""
    asked = [("customer", context.settings.customer.strip()), *([("created[gte]", token)] if token else [])]
    looked = 0
    async for one in listed(context, "invoiceitems", asked, Line, MOST_SEARCHED):
        looked += 1
        if (one.metadata or {}).get(MARK) == mark(record):
            return _charged(one)
    if looked == MOST_SEARCHED:
        raise undecided("invoice item", "Stripe")
    return None


async def delete_charge(context: Context[Connection, Charge], receipt: Receipt) -> Receipt:
    """Delete the item; Stripe refuses once its invoice is final."""
    await call(context, "DELETE", f"invoiceitems/{quote(str(receipt.reference), safe='')}")
    return receipt


def _smallest(settings: Charge, currency: str) -> int:
    try:
        amount = Decimal(settings.amount.strip())
    except InvalidOperation as error:
        raise SettingsError(f"{settings.amount[:30]!r} is no amount, such as 118.50.") from error
    if settings.unit == "main" and currency in _UNCLEAR:
        raise SettingsError(f"Give amounts in {currency.upper()} in the smallest unit, as Stripe counts them.")
    places = 0 if currency in _WHOLE else 3 if currency in _THOUSANDTHS else 2
    if not amount.is_finite() or abs(amount) > 10**12:
        raise SettingsError(f"{settings.amount[:30]!r} is no amount, such as 118.50.")
    units = amount if settings.unit == "smallest" else amount.scaleb(places)
    if units != units.to_integral_value():
        raise SettingsError(f"{settings.amount[:30]} {currency.upper()} has more decimals than the currency.")
    return int(units)


def _charged(line: Line) -> Receipt:
    output = {"id": line.id, "amount": line.amount, "currency": line.currency}
    return Receipt(reference=line.id, output=output, before={}, after=output)
