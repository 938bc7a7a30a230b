"""Invoices of special trades: hotels, carriers of voice and power, wholesale with discounts, credit notes, prose."""

from __future__ import annotations

from datetime import timedelta

from scripts.evaluation import pieces
from scripts.evaluation.bill import Bill
from scripts.evaluation.sheet import Column, Sheet, columns


def folio(sheet: Sheet, bill: Bill) -> set[str]:
    """A hotel's account: a date before each charge, tiny print, facts in two columns, room and arrival among them."""
    style = bill.style
    shown = ("description", "quantity", "amount")
    sheet.put(50, 50, bill.seller.name, 14, bold=True)
    sheet.put(50, 64, f"{bill.seller.address} · {pieces.tax_number(bill)}", 7)
    sheet.stack(50, 100, pieces.address(bill.buyer), 8.5)
    sheet.pairs(330, 430, 100, pieces.facts(bill), size=7.5, align="left", colon=":")
    sheet.put(50, 180, style.say("invoice"), 10, bold=True)
    places = columns("150 420r 520r")
    y = 200.0
    sheet.put(50, y, style.say("issue_date").split()[0], 7, bold=True)
    sheet.row(y, places, pieces.head(bill, shown), 7, bold=True)
    for index in range(len(bill.lines)):
        y += 13
        sheet.put(50, y, style.day(bill.issue - timedelta(days=len(bill.lines) - index)), 7)
        sheet.row(y, places, pieces.cells(bill, index, shown), 7)
    sheet.rule(y + 6, 300, 520)
    sheet.pairs(300, 520, y + 18, pieces.totals(bill), size=7.5)
    sheet.stack(50, 800, [f"{bill.seller.name} · {' · '.join(pieces.bank(bill))}"], 6)
    return pieces.without(shown)


def account(sheet: Sheet, bill: Bill) -> set[str]:
    """A carrier's bill: the first page sums up, with the total in a large field; the lines are on the second."""
    style = bill.style
    shown = ("description", "quantity", "unit_price", "amount")
    sheet.put(45, 55, bill.seller.name, 20, bold=True)
    sheet.stack(45, 110, pieces.address(bill.buyer), 10)
    sheet.box(340, 90, 210, 24 + 15 * len(pieces.facts(bill)))
    sheet.pairs(350, 540, 108, pieces.facts(bill), size=8.5)
    sheet.box(45, 240, 505, 60, fill=0.9)
    sheet.put(60, 265, style.say("total"), 11)
    sheet.put(535, 280, style.money(bill.total), 20, bold=True, align="right")
    sheet.pairs(60, 535, 325, pieces.totals(bill)[:-1], size=9)
    sheet.wrapped(45, 420, pieces.terms(bill), 500)
    sheet.stack(45, 770, [bill.seller.address, pieces.tax_number(bill), *pieces.bank(bill)], 7.5)
    sheet.turn()
    sheet.put(45, 50, f"{bill.seller.name} · {style.say('page')} 2", 8)
    places = columns("45 350r 450r 550r")
    y = 90
    sheet.row(y, places, pieces.head(bill, shown), bold=True)
    for index in range(len(bill.lines)):
        y += 15
        sheet.row(y, places, pieces.cells(bill, index, shown))
    return pieces.without(shown)


def wholesale(sheet: Sheet, bill: Bill) -> set[str]:
    """A discount for each line, two-line descriptions, buyer at the right, seller only in the foot."""
    style = bill.style
    shown = ("code", "description", "quantity", "unit", "unit_price", "discount", "amount")
    sheet.put(50, 70, style.say("invoice"), 18, bold=True)
    sheet.pairs(50, 160, 95, pieces.facts(bill), align="left", size=8.5)
    sheet.put(350, 70, style.say("bill_to"), 8)
    sheet.stack(350, 85, pieces.address(bill.buyer), 10)
    places = columns("50 100 325r 332 425r 470r 545r")
    y = 205.0
    sheet.rule(y - 11)
    sheet.row(y, places, pieces.head(bill, shown), 8, bold=True)
    sheet.rule(y + 4)
    for index, line in enumerate(bill.lines):
        y += 17
        sheet.row(y, places, pieces.cells(bill, index, shown), 8)
        y += 10
        sheet.put(100, y, f"EAN 40{int(line.unit_price * 7919) % 10**11:011}", 7)
    sheet.rule(y + 8, 340)
    sheet.pairs(340, 545, y + 22, pieces.totals(bill))
    sheet.rule(785)
    foot = [*pieces.address(bill.seller), pieces.tax_number(bill), *pieces.bank(bill)]
    sheet.stack(sheet.width / 2, 796, [" · ".join(foot[:3]), " · ".join(foot[3:])], 7, align="center")
    return pieces.without(shown)


def credit(sheet: Sheet, bill: Bill) -> set[str]:
    """A credit note: it names the invoice it corrects, quantities and sums are negative."""
    style = bill.style
    shown = ("description", "quantity", "unit_price", "tax_rate", "amount")
    sheet.stack(545, 55, [*pieces.address(bill.seller), pieces.tax_number(bill)], 9, align="right")
    sheet.put(50, 60, style.say("bill_to"), 8, bold=True)
    sheet.stack(50, 74, pieces.address(bill.buyer), 10)
    sheet.put(50, 160, style.say("invoice"), 16, bold=True)
    sheet.put(50, 178, f"{style.say('original')} {int(bill.customer_number) + 417}", 8.5)
    sheet.pairs(50, 200, 200, pieces.facts(bill, customer=False), align="left", colon=":")
    places = columns("50 310r 400r 450r 545r")
    y = 290
    sheet.row(y, places, pieces.head(bill, shown), bold=True)
    sheet.rule(y + 4)
    for index in range(len(bill.lines)):
        y += 17
        sheet.row(y, places, pieces.cells(bill, index, shown))
    sheet.pairs(350, 545, y + 30, pieces.totals(bill))
    sheet.stack(50, 780, pieces.bank(bill), 8)
    return pieces.without(shown)


def many_rates(sheet: Sheet, bill: Bill) -> set[str]:
    """Tiny print, a table without rules, the rate in each line, totals at the left below a tax summary."""
    style = bill.style
    shown = ("position", "code", "description", "quantity", "unit", "unit_price", "tax_rate", "amount")
    sheet.stack(40, 40, [*pieces.address(bill.seller), pieces.tax_number(bill)], 7)
    sheet.stack(230, 40, [style.say("bill_to"), *pieces.address(bill.buyer)], 7)
    sheet.pairs(420, 555, 40, pieces.facts(bill), size=7)
    sheet.put(40, 115, style.say("invoice"), 11, bold=True)
    places = columns("40 62 110 330r 340 430r 480r 555r")
    y = 140.0
    sheet.row(y, places, pieces.head(bill, shown), 6.5, bold=True)
    for index in range(len(bill.lines)):
        y += 12
        sheet.row(y, places, pieces.cells(bill, index, shown), 6.5)
    y += 30
    for rate, (base, tax) in bill.taxes.items():
        text = f"{style.rate('tax', rate)}: {style.say('base')} {style.number(base)}"
        sheet.pairs(40, 260, y, [(text, style.number(tax))], size=7)
        y += 11
    lead = [pieces.totals(bill)[0], (style.say("taxes"), style.money(bill.tax)), pieces.totals(bill)[-1]]
    sheet.pairs(40, 260, y + 8, lead, size=8, bold=True)
    sheet.stack(40, 815, pieces.bank(bill), 6.5)
    return pieces.without(shown)


def letter(sheet: Sheet, bill: Bill) -> set[str]:
    """A letter with its facts in one line of text, a small list of items, sums in the list."""
    style = bill.style
    shown = ("description", "amount")
    sheet.stack(400, 60, [*pieces.address(bill.seller), pieces.tax_number(bill)])
    sheet.stack(60, 150, pieces.address(bill.buyer), 10.5)
    sheet.put(540, 240, f"{style.say('issue_date')}: {style.day(bill.issue)}", align="right")
    sheet.put(60, 240, f"{style.say('number')} {bill.number}", 11, bold=True)
    extra = pieces.facts(bill, customer=False)[2:]
    sheet.put(60, 256, "   ".join(f"{label}: {value}" for label, value in extra), 8)
    y = 300.0
    for index in range(len(bill.lines)):
        sheet.row(y, [Column(80), Column(480, "right")], pieces.cells(bill, index, shown, signed=True), 10)
        y += 17
    sheet.rule(y - 6, 80, 480)
    sheet.pairs(80, 480, y + 10, pieces.totals(bill), size=10)
    y = sheet.wrapped(60, y + 110, pieces.terms(bill), 470, 10)
    sheet.stack(60, y + 20, pieces.bank(bill), 9)
    return pieces.without(shown)


def cells_in_heads(sheet: Sheet, bill: Bill) -> set[str]:
    """Rows of frames with tiny labels inside at the top left, down to the sums at the foot."""
    style = bill.style
    shown = ("code", "description", "unit", "quantity", "unit_price", "amount")
    sheet.put(40, 55, bill.seller.name, 13, bold=True)
    sheet.stack(40, 68, [bill.seller.street, bill.seller.town, pieces.tax_number(bill)], 7.5)
    sheet.box(300, 40, 255, 66)
    sheet.put(304, 48, style.say("bill_to"), 6)
    sheet.stack(310, 64, pieces.address(bill.buyer), 9.5)
    _frames(sheet, 120, [(style.say("invoice"), ""), *pieces.facts(bill)])
    places = columns("44 100 330 400r 470r 550r")
    sheet.box(40, 160, 515, 16, fill=0.88)
    sheet.row(171, places, pieces.head(bill, shown), 7.5)
    for index in range(len(bill.lines)):
        sheet.row(190 + 14 * index, places, pieces.cells(bill, index, shown), 8)
    sheet.box(40, 160, 515, 500)
    _frames(sheet, 668, pieces.totals(bill))
    _frames(sheet, 704, [("IBAN", bill.spaced_iban)] if bill.iban else [])
    return pieces.without(shown)


def _frames(sheet: Sheet, y: float, pairs: list[pieces.Pair]) -> None:
    for index, (label, value) in enumerate(pairs):
        width = 515 / len(pairs)
        sheet.box(40 + index * width, y, width, 30)
        sheet.put(43 + index * width, y + 8, label, 6)
        sheet.put(48 + index * width, y + 23, value, 9)
