"""What every layout of an invoice is put together from: facts, cells of the table, totals, the foot."""

from __future__ import annotations

from collections.abc import Sequence

from scripts.evaluation.bill import Bill, Party

Pair = tuple[str, str]


def facts(bill: Bill, *, customer: bool = True) -> list[Pair]:
    """Number, dates and references, each with its label."""
    say, day = bill.style.say, bill.style.day
    found = [(say("number"), bill.number), (say("issue_date"), day(bill.issue))]
    if bill.due:
        found.append((say("due_date"), day(bill.due)))
    if bill.order:
        found.append((say("purchase_order"), bill.order))
    if customer:
        found.append((say("customer_number"), bill.customer_number))
    return found


def head(bill: Bill, columns: Sequence[str]) -> list[str]:
    """The names of columns; one that is no column has none."""
    words = {**bill.style.columns, "discount": bill.style.say("discount")}
    return [words.get(name, "") for name in columns]


def cells(bill: Bill, position: int, columns: Sequence[str], *, signed: bool = False) -> list[str]:
    """The cells of a line."""
    line = bill.lines[position]
    style = bill.style
    money = style.money if signed else style.number
    written = {
        "position": str(position + 1),
        "code": line.code,
        "description": line.description,
        "quantity": style.count(line.quantity),
        "unit": line.unit,
        "unit_price": money(line.unit_price),
        "tax_rate": f"{style.count(line.tax_rate)}%",
        "amount": money(line.amount),
        "discount": f"{style.count(line.discount)}%" if line.discount else "",
    }
    return [written[name] for name in columns]


def without(columns: Sequence[str]) -> set[str]:
    """Which values of lines a table of these columns does not say."""
    return {f"lines.{name}" for name in ("quantity", "unit", "unit_price", "tax_rate", "amount") if name not in columns}


def totals(bill: Bill) -> list[Pair]:
    """Net, the tax of each rate and the total."""
    style = bill.style
    taxes = [(style.rate("tax", rate), style.money(tax)) for rate, (_, tax) in bill.taxes.items()]
    return [(style.say("net"), style.money(bill.net)), *taxes, (style.say("total"), style.money(bill.total))]


def address(party: Party) -> list[str]:
    """A party as an address is written on a letter."""
    return [party.name, party.street, party.town]


def tax_number(bill: Bill) -> str:
    """The seller's tax number with its label."""
    return f"{_tax_label(bill)}: {bill.seller.tax_id}"


def bank(bill: Bill) -> list[str]:
    """Where to pay; nothing where the country has no IBAN."""
    return [f"IBAN: {bill.spaced_iban}"] if bill.iban else []


def terms(bill: Bill) -> str:
    """The sentence on payment, or thanks where no day is named."""
    words = bill.style.language
    return words.terms.replace("{due}", bill.style.day(bill.due)) if bill.due else words.thanks


def _tax_label(bill: Bill) -> str:
    labels = bill.style.language.tax_id.label
    return labels[len(bill.number) % len(labels)]
