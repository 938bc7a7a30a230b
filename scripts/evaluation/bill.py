"""What an invoice says, drawn by chance: two parties, lines, totals; the same for every layout."""

from __future__ import annotations

import random
import re
from collections.abc import Collection
from datetime import date, timedelta
from typing import Any

import msgspec

from scripts.evaluation.language import Style, language, style_of

Record = dict[str, Any]


class Party(msgspec.Struct, frozen=True, kw_only=True):
    """A seller or a buyer."""

    name: str
    street: str
    town: str
    tax_id: str | None = None

    @property
    def address(self) -> str:
        """Street and town in one line."""
        return f"{self.street}, {self.town}"


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an invoice; `code` and `more` are printed by some layouts and expected by none."""

    code: str
    description: str
    more: str
    quantity: float
    unit: str
    unit_price: float
    tax_rate: float
    amount: float
    discount: float = 0


class Bill(msgspec.Struct, frozen=True, kw_only=True):
    """An invoice with everything a layout may print."""

    style: Style
    number: str
    customer_number: str
    issue: date
    due: date | None
    order: str | None
    seller: Party
    buyer: Party
    iban: str | None
    lines: list[Line]
    net: float
    taxes: dict[float, tuple[float, float]]
    total: float

    @property
    def tax(self) -> float:
        """The tax of all rates."""
        return round(sum(tax for _, tax in self.taxes.values()), 2)

    @property
    def spaced_iban(self) -> str:
        """The account in groups of four."""
        return " ".join(re.findall(".{1,4}", self.iban or ""))


def bill(name: str, rng: random.Random, *, lines: int = 0, discounts: bool = False, credit: bool = False) -> Bill:
    """Draw an invoice in a language, or a credit note, whose quantities are negative."""
    words = language(name)
    style = _for_credit(style_of(words, rng)) if credit else style_of(words, rng)
    issue = date(2023, 1, 13) + timedelta(days=rng.randrange(1300))
    if "MM/dd" in style.day_format:  # the day tells which of the two numbers is the month
        issue = issue.replace(day=rng.randrange(13, 28))
    due = issue + timedelta(days=rng.choice([7, 14, 30, 45])) if rng.random() < 0.8 else None
    rates = words.rates if rng.random() < 0.4 else words.rates[:1]
    drawn = [_line(style, rng, rates, discounts=discounts) for _ in range(lines or rng.randrange(2, 7))]
    drawn = [_returned(line) for line in drawn] if credit else drawn
    bases: dict[float, float] = {}
    for line in drawn:
        bases[line.tax_rate] = round(bases.get(line.tax_rate, 0) + line.amount, 2)
    taxes = {rate: (base, round(base * rate / 100 + 1e-9, 2)) for rate, base in sorted(bases.items(), reverse=True)}
    net = round(sum(bases.values()), 2)
    return Bill(
        style=style,
        number=_number(rng, issue),
        customer_number=str(rng.randrange(10_000, 99_999)),
        issue=issue,
        due=due,
        order=_order(rng) if rng.random() < 0.5 else None,
        seller=_party(style, words.sellers, rng, taxed=True),
        buyer=_party(style, words.buyers, rng, taxed=False),
        iban=iban(name, rng),
        lines=drawn,
        net=net,
        taxes=taxes,
        total=round(net + sum(tax for _, tax in taxes.values()), 2),
    )


def expected(made: Bill, absent: Collection[str] = ()) -> Record:
    """Return the record a reader should find where a layout leaves `absent` out, such as `lines.unit`."""
    record: Record = {
        "number": made.number,
        "issue_date": made.issue.isoformat(),
        "due_date": made.due.isoformat() if made.due else None,
        "purchase_order": made.order,
        "supplier": _expected_party(made.seller),
        "customer": _expected_party(made.buyer),
        "currency": made.style.language.currency.code,
        "net": made.net,
        "tax": made.tax,
        "total": made.total,
        "iban": made.iban,
        "lines": [_expected_line(line) for line in made.lines],
    }
    for path in absent:
        holder, _, name = path.rpartition(".")
        for place in record["lines"] if holder == "lines" else [record[holder] if holder else record]:
            place[name] = None
    return record


def iban(name: str, rng: random.Random) -> str | None:
    """Draw an account with right check digits; None where the country has none."""
    account = language(name).account
    if account is None:
        return None
    bban = digits(account.bban, rng)
    spelled = "".join(str(int(letter, 36)) for letter in f"{bban}{account.country}00")
    return f"{account.country}{98 - int(spelled) % 97:02}{bban}"


def digits(shape: str, rng: random.Random) -> str:
    """Put digits in the places of `#`, the first never 0."""
    return re.sub("#", lambda _: str(rng.randrange(1, 10)), shape)


def _number(rng: random.Random, issue: date) -> str:
    serial = rng.randrange(100, 9999)
    shapes = [f"{issue.year}-{serial:05}", f"RG{serial:06}", f"INV-{serial:04}", f"{serial}/{issue.year}"]
    return rng.choice(
        [*shapes, f"{issue.year % 100}{serial:05}", f"A-{issue.year % 100}-{serial}", str(700_000 + serial)]
    )


def _order(rng: random.Random) -> str:
    return rng.choice(["PO-", "4500", "B/", ""]) + str(rng.randrange(10_000, 999_999))


def _party(style: Style, names: list[str], rng: random.Random, *, taxed: bool) -> Party:
    words = style.language
    street = rng.choice(words.streets).replace("@", str(rng.randrange(2, 180)))
    tax_id = digits(words.tax_id.shape, rng) if taxed else None
    return Party(name=rng.choice(names), street=street, town=rng.choice(words.towns), tax_id=tax_id)


def _line(style: Style, rng: random.Random, rates: list[float], *, discounts: bool) -> Line:
    quantity = rng.choice([1, 1, 2, 3, 4, 5, 8, 10, 12, 24, 2.5, 7.5])
    price = round(rng.choice([rng.uniform(2, 20), rng.uniform(20, 200), rng.uniform(200, 1800)]), 2)
    discount = rng.choice([0, 5, 10, 15]) if discounts else 0
    words = style.language
    return Line(
        code=f"{rng.choice('ABCDEFGH')}{rng.randrange(100, 9999)}",
        description=rng.choice(words.items),
        more=rng.choice(words.items),
        quantity=quantity,
        unit=rng.choice(words.units),
        unit_price=price,
        tax_rate=rng.choice(rates),
        amount=round(quantity * price * (1 - discount / 100) + 1e-9, 2),
        discount=discount,
    )


def _returned(line: Line) -> Line:
    return msgspec.structs.replace(line, quantity=-line.quantity, amount=-line.amount)


def _for_credit(style: Style) -> Style:
    labels = {**style.labels, "invoice": style.say("credit_note"), "number": style.say("credit_number")}
    return msgspec.structs.replace(style, labels=labels)


def _expected_party(party: Party) -> Record:
    return {"name": party.name, "tax_id": party.tax_id, "address": party.address}


def _expected_line(line: Line) -> Record:
    return {
        "description": line.description,
        "quantity": line.quantity,
        "unit": line.unit,
        "unit_price": line.unit_price,
        "tax_rate": line.tax_rate,
        "amount": line.amount,
    }
