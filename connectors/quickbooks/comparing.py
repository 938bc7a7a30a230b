"""Bills and invoices compared: as they were to be written, and as QuickBooks tells them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from connectors.quickbooks.lines import CALCULATIONS
from connectors.quickbooks.query import Found


def is_same(body: Mapping[str, Any], standing: Found) -> bool:
    """Tell whether a record has all that is to be written."""
    return comparable({name: standing.get(name) for name in body}) == comparable(body)


def comparable(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return what people compare: head and lines, without what QuickBooks adds to them."""
    head = {name: _value(value) for name, value in body.items() if name not in {"Line", "GlobalTaxCalculation"}}
    gross = body.get("GlobalTaxCalculation") == CALCULATIONS["gross"]
    lines = [_line(one, gross=gross) for one in body.get("Line") or [] if isinstance(one, Mapping)]
    return head | {"Line": [one for one in lines if one]}


def image_of(found: Found, partner: str) -> dict[str, Any]:
    """Return what must still be so when it is taken back: what was booked, and that nothing is paid of it."""
    names = ("DocNumber", "TxnDate", "DueDate", "PrivateNote", "GlobalTaxCalculation", "Line")
    image = comparable({name: found.get(name) for name in names})
    return image | {
        "partner": referred(found, partner),
        "total": _cents(found.get("TotalAmt")),
        "open": _cents(found.get("Balance")),
    }


def referred(found: Found, partner: str) -> str:
    """Return the id of the vendor or customer of a record."""
    return str(_value(found.get(f"{partner}Ref") or {}))


def is_void(found: Found) -> bool:
    """Tell whether a record was voided: it stays, with nothing to pay."""
    return not found.get("TotalAmt") and "voided" in str(found.get("PrivateNote")).lower()


def _line(line: Mapping[str, Any], *, gross: bool) -> dict[str, Any]:
    """Return a line's amount, words and references; lines that QuickBooks adds, such as a subtotal, are none.

    Of gross amounts it shows what is left without tax, and the amount beside it.
    """
    detail = line.get(str(line.get("DetailType")))
    if not isinstance(detail, Mapping) or not {"ItemRef", "AccountRef"} & detail.keys():
        return {}
    parts = {name: _value(detail[name]) for name in ("ItemRef", "AccountRef") if name in detail}
    amount = (detail.get("TaxInclusiveAmt") if gross else None) or line.get("Amount")
    return {"Amount": _cents(amount), "Description": line.get("Description") or "", **parts}


def _value(value: Any) -> Any:
    if isinstance(value, Mapping):
        return str(value.get("value") or value.get("Address") or "")
    return "" if value is None else value


def _cents(value: Any) -> str:
    return f"{value:.2f}" if isinstance(value, (int, Decimal)) else str(value)
