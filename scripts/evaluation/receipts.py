"""Receipts of tills: a narrow strip in several makes, and a card slip on a wide page."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, time, timedelta

import msgspec

from scripts.evaluation.bill import Record, digits
from scripts.evaluation.language import Style, language, style_of
from scripts.evaluation.sheet import Sheet

Good = tuple[str, int, float, float]


class Sale(msgspec.Struct, frozen=True, kw_only=True):
    """What was bought, where, when and how it was paid; prices include tax."""

    style: Style
    merchant: str
    street: str
    town: str
    tax_id: str | None
    day: date
    clock: time
    goods: list[Good]
    rate: float
    tax: float
    total: float
    payment: str
    given: float | None
    number: str


def sale(name: str, rng: random.Random) -> Sale:
    """Draw a purchase in a language."""
    words = language(name)
    style = msgspec.structs.replace(style_of(words, rng), day_format=rng.choice(words.days[:1]))
    day = date(2023, 1, 15) + timedelta(days=rng.randrange(1300))
    goods = [_good(text, rng) for text in rng.sample(words.receipt.goods, rng.randrange(2, 7))]
    total = round(sum(good[3] for good in goods), 2)
    added = name == "en_us"  # there the tax comes on top
    tax = round(total * words.rates[0] / 100 if added else total - total / (1 + words.rates[0] / 100), 2)
    cash = rng.random() < 0.4
    due = round(total + tax, 2) if added else total
    return Sale(
        style=style,
        merchant=rng.choice(words.receipt.merchants),
        street=rng.choice(words.streets).replace("@", str(rng.randrange(2, 99))),
        town=rng.choice(words.towns),
        tax_id=digits(words.tax_id.shape, rng) if rng.random() < 0.7 and not added else None,
        day=day.replace(day=rng.randrange(13, 28)) if added else day,
        clock=time(rng.randrange(8, 21), rng.randrange(60)),
        goods=goods,
        rate=words.rates[0],
        tax=tax,
        total=due,
        payment=words.receipt.cash if cash else rng.choice(words.receipt.card),
        given=float(-(-due // 10) * 10) if cash else None,
        number=str(rng.randrange(1000, 99_999)),
    )


def record(made: Sale, *, priced: bool) -> Record:
    """Return what a reader should find; `priced` when the layout prints the price of one."""
    lines = [
        {"description": text, "quantity": count, "unit_price": price if priced else None, "amount": amount}
        for text, count, price, amount in made.goods
    ]
    return {
        "merchant": {"name": made.merchant, "tax_id": made.tax_id, "address": f"{made.street}, {made.town}"},
        "date": made.day.isoformat(),
        "time": made.clock.isoformat("minutes"),
        "currency": made.style.language.currency.code,
        "tax": made.tax,
        "total": made.total,
        "payment_method": made.payment,
        "lines": lines,
    }


def strip(made: Sale, rng: random.Random) -> tuple[bytes, Record]:
    """A narrow strip: quantity and price of one before each good, amounts at the right."""
    sheet = Sheet(rng.choice(["mono", "sans"]), (226, 330 + 12 * len(made.goods)))
    y = _top(sheet, made)
    for text, count, price, amount in made.goods:
        sheet.put(12, y, f"{count} x {made.style.number(price)}", 7.5)
        sheet.put(75, y, text, 7.5)
        sheet.put(214, y, made.style.number(amount), 7.5, align="right")
        y += 11
    return _bottom(sheet, made, y), record(made, priced=True)


def two_lines(made: Sale, rng: random.Random) -> tuple[bytes, Record]:
    """A strip whose goods take two lines: the name, and under it the multiplication with its result."""
    sheet = Sheet(rng.choice(["mono", "sans"]), (240, 330 + 24 * len(made.goods)))
    y = _top(sheet, made)
    for text, count, price, amount in made.goods:
        sheet.put(12, y, text, 8)
        sheet.put(24, y + 11, f"{count} * {made.style.number(price)}", 8)
        sheet.put(228, y + 11, made.style.number(amount), 8, align="right")
        y += 23
    return _bottom(sheet, made, y), record(made, priced=True)


def counted(made: Sale, rng: random.Random) -> tuple[bytes, Record]:
    """A strip with the quantity first and one price at the right."""
    sheet = Sheet(rng.choice(["mono", "serif"]), (220, 330 + 14 * len(made.goods)))
    y = _top(sheet, made)
    for text, count, _, amount in made.goods:
        sheet.put(12, y, str(count), 8)
        sheet.put(30, y, text, 8)
        sheet.put(208, y, made.style.money(amount), 8, align="right")
        y += 13
    return _bottom(sheet, made, y), record(made, priced=False)


def text(made: Sale, _rng: random.Random) -> tuple[bytes, Record]:
    """The same as a text file of 40 signs a line."""
    words, number = made.style.language.receipt, made.style.number
    rows = [made.merchant.center(40), made.street.center(40), made.town.center(40)]
    rows += [f"{_tax_label(made)} {made.tax_id}".center(40)] if made.tax_id else []
    rows += ["", f"{made.style.day(made.day)}   {made.clock:%H:%M}   {words.receipt_number} {made.number}", "-" * 40]
    rows += [f"{count:>2} {text:<22}{number(price):>6}{number(amount):>8}" for text, count, price, amount in made.goods]
    rows += ["-" * 40]
    rows += [f"{label:<28}{number(value):>12}" for label, value in _sums(made)]
    rows += ["", words.thanks.center(40)]
    return "\n".join(rows).encode(), record(made, priced=True)


LAYOUTS: dict[str, Callable[[Sale, random.Random], tuple[bytes, Record]]] = {
    "strip": strip,
    "two-lines": two_lines,
    "counted": counted,
    "text": text,
}


def _good(text: str, rng: random.Random) -> Good:
    count, price = rng.choice([1, 1, 1, 2, 3]), round(rng.uniform(0.8, 18), 2)
    return text, count, price, round(count * price, 2)


def _top(sheet: Sheet, made: Sale) -> float:
    middle = sheet.width / 2
    words = made.style.language.receipt
    sheet.put(middle, 24, made.merchant, 11, bold=True, align="center")
    lines = [made.street, made.town, *([f"{_tax_label(made)} {made.tax_id}"] if made.tax_id else [])]
    y = sheet.stack(middle, 38, lines, 7.5, align="center")
    sheet.put(12, y + 8, f"{made.style.day(made.day)} {made.clock:%H:%M}", 7.5)
    sheet.put(sheet.width - 12, y + 8, f"{words.receipt_number} {made.number}", 7.5, align="right")
    sheet.put(12, y + 19, f"{words.clerk} 0{int(made.number) % 9 + 1}", 7.5)
    sheet.rule(y + 26, 12)
    return y + 40


def _bottom(sheet: Sheet, made: Sale, y: float) -> bytes:
    sheet.rule(y - 4, 12)
    y += 10
    for index, (label, value) in enumerate(_sums(made)):
        size = 10 if value == made.total and not index else 8
        sheet.put(12, y, label, size, bold=size > 8)
        sheet.put(sheet.width - 12, y, made.style.number(value), size, bold=size > 8, align="right")
        y += 14
    sheet.put(sheet.width / 2, y + 12, made.style.language.receipt.thanks, 7.5, align="center")
    return sheet.content()


def _sums(made: Sale) -> list[tuple[str, float]]:
    words = made.style.language.receipt
    choice = int(made.number)
    rate = made.style.count(made.rate)
    tax = (words.tax[choice % len(words.tax)].replace("{rate}", rate), made.tax)
    total = (f"{words.total[choice % len(words.total)]} {made.style.language.currency.sign}".strip(), made.total)
    paid = [(words.given, made.given), (words.change, round(made.given - made.total, 2))] if made.given else []
    first = [tax, total] if made.style.language.locale == "en_US" else [total, tax]
    return [*first, (made.payment, made.total), *paid]


def _tax_label(made: Sale) -> str:
    return made.style.language.tax_id.label[0]
