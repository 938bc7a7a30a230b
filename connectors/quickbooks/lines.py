"""The lines of bills and invoices: what was extracted or filled in, as exact amounts and references."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Annotated, Any, Literal

import msgspec

from connectors.quickbooks.names import Reference, references
from connectors.sdk import Context, SettingsError, Shape, field

MOST_LINES = 500
LARGEST = Decimal(10) ** 12
LONGEST_NUMBER = 40
_CENT = Decimal("0.01")
_KNOWN = ("description", "amount", "quantity", "unit_price", "item", "account", "tax_code")
# How QuickBooks calls what amounts are; companies in the United States have no such choice
CALCULATIONS = {"net": "TaxExcluded", "gross": "TaxInclusive", "none": "NotApplicable"}

Lines = Annotated[
    Any,
    field(
        "Lines",
        hint="As the schema Invoice reads them: each with amount, or quantity and unit_price; and description, item, "
        "account or tax_code where they differ.",
        example="{{ read.lines }}",
        templated=True,
        shape=Shape.LIST,
    ),
]
Amount = Annotated[
    str,
    field("Amount", hint="In place of lines: one line with this amount.", example="{{ read.total }}", templated=True),
]
Taxes = Annotated[
    Literal["usual", "net", "gross", "none"],
    field(
        "Amounts are",
        hint="usual: as the company has it, and always so in the United States; net: without tax, which is added; "
        "gross: with the tax in them; none: free of tax.",
        advanced=True,
    ),
]


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line, its names not yet looked up."""

    description: str = ""
    amount: Decimal
    quantity: Decimal | None = None
    price: Decimal | None = None
    item: str = ""
    account: str = ""
    tax_code: str = ""


class Named(msgspec.Struct, frozen=True):
    """What the names in lines stand for."""

    items: Mapping[str, Reference]
    accounts: Mapping[str, Reference]
    taxes: Mapping[str, Reference]


def lines_of(settings: Any) -> list[Line]:
    """Return the lines of settings with `lines`, `amount`, `description`, `item`, `tax_code` and maybe `account`."""
    given = settings.lines
    if given in (None, "", []):
        if not settings.amount.strip():
            raise SettingsError("There is nothing to book: give lines or an amount.")
        given = [{"amount": settings.amount, "description": settings.description}]
    if isinstance(given, Mapping):
        given = [given]
    if not isinstance(given, (list, tuple)) or not all(isinstance(one, Mapping) for one in given):
        raise SettingsError(f"Lines are a list of mappings with {', '.join(_KNOWN)}.")
    if len(given) > MOST_LINES:
        raise SettingsError(f"There are {len(given)} lines; {MOST_LINES} are booked at most.")
    return [_line(number, one, settings) for number, one in enumerate(given, 1)]


async def look_up_names(context: Context[Any, Any], lines: Sequence[Line]) -> Named:
    """Find everything that lines name."""
    return Named(
        await references(context, "Item", [line.item for line in lines]),
        await references(context, "Account", [line.account for line in lines]),
        await references(context, "TaxCode", [line.tax_code for line in lines]),
    )


def exact(value: Any, what: str) -> Decimal | None:
    """Read a number digit by digit; None for nothing, SettingsError for what is none."""
    text = str("" if value is None else value).strip()
    if not text:
        return None
    try:
        found = Decimal(text if len(text) <= LONGEST_NUMBER and "_" not in text else "NaN")
    except InvalidOperation:
        found = Decimal("NaN")
    if isinstance(value, bool) or not found.is_finite() or abs(found) > LARGEST:
        raise SettingsError(
            f"{what} is {text[:30]!r}, which is no number such as 1234.50. Write it without a currency."
        )
    return found


def money(value: Any, what: str) -> Decimal | None:
    """Read an amount with two decimals at most."""
    found = exact(value, what)
    if found is None:
        return None
    cents = found.quantize(_CENT, rounding=ROUND_HALF_UP)
    if cents != found:
        raise SettingsError(f"{what} is {str(value)[:30]}; amounts have two decimals at most.")
    return cents


def _line(number: int, given: Mapping[str, Any], settings: Any) -> Line:
    where = f"line {number}"
    quantity = exact(given.get("quantity"), f"The quantity of {where}")
    price = exact(given.get("unit_price"), f"The price of {where}")
    amount = money(given.get("amount"), f"The amount of {where}")
    product = None
    if price is not None:
        product = (price * (1 if quantity is None else quantity)).quantize(_CENT, rounding=ROUND_HALF_UP)
    amount = product if amount is None else amount
    if amount is None:
        raise SettingsError(
            f"{where.capitalize()} has no amount. A line can have {', '.join(_KNOWN)}; this one has "
            f"{', '.join(str(name)[:30] for name in list(given)[:10]) or 'nothing'}."
        )
    item, account = _text(given.get("item")), _text(given.get("account"))
    if item and account:
        raise SettingsError(
            f"{where.capitalize()} names an item and an account; an item has its account in QuickBooks."
        )
    if not item and not account:
        account = _text(getattr(settings, "account", ""))
        item = "" if account else _text(settings.item)
    return Line(
        description=_text(given.get("description")),
        amount=amount,
        # QuickBooks takes these only where they make up the amount
        quantity=(Decimal(1) if quantity is None else quantity) if product == amount else None,
        price=price if product == amount else None,
        item=item,
        account=account,
        tax_code=_text(given.get("tax_code")) or _text(settings.tax_code),
    )


def _text(value: Any) -> str:
    if isinstance(value, (Mapping, list, tuple)):
        raise SettingsError("The parts of a line are texts and numbers, not lists or mappings.")
    return str("" if value is None else value).strip()[:4000]
