"""Invoices of bookkeeping programs: grids, letters with reference lines, tax tables, carried sums."""

from __future__ import annotations

from scripts.evaluation import pieces
from scripts.evaluation.bill import Bill
from scripts.evaluation.sheet import Column, Sheet, columns


def reference_line(sheet: Sheet, bill: Bill) -> set[str]:
    """A window letter: buyer's address without a label, references side by side above the title, three-column foot."""
    style = bill.style
    shown = ("position", "description", "quantity", "unit", "unit_price", "amount")
    sheet.put(540, 60, bill.seller.name, 17, bold=True, align="right")
    sheet.put(65, 128, " | ".join(pieces.address(bill.seller)), 6)
    sheet.stack(65, 145, pieces.address(bill.buyer), 10.5)
    x = 65.0
    for label, value in pieces.facts(bill):
        sheet.put(x, 240, label, 6.5)
        sheet.put(x, 251, value, 9)
        x += 98
    sheet.put(65, 285, style.say("invoice"), 14, bold=True)
    places = columns("65 95 330r 345 450r 540r")
    y = 315
    sheet.row(y, places, pieces.head(bill, shown), 8.5, bold=True)
    sheet.rule(y + 4, 65, 540)
    for index, line in enumerate(bill.lines):
        y += 18
        sheet.row(y, places, pieces.cells(bill, index, shown))
        if index % 2:
            y += 11
            sheet.put(95, y, f"({line.code})", 7.5)
    sheet.rule(y + 6, 65, 540)
    sheet.pairs(345, 540, y + 22, pieces.totals(bill))
    sheet.wrapped(65, y + 100, pieces.terms(bill), 450)
    sheet.rule(780, 65, 540)
    sheet.stack(65, 792, pieces.address(bill.seller), 6.5)
    sheet.stack(235, 792, [style.say("bank"), *pieces.bank(bill)], 6.5)
    sheet.stack(430, 792, [pieces.tax_number(bill), "Tel. 0800 555 01 20", "www.example.com"], 6.5)
    return pieces.without(shown)


def grid(sheet: Sheet, bill: Bill) -> set[str]:
    """Frames everywhere: parties in two boxes, facts in cells, a table with lines down to a fixed foot, tax table."""
    style = bill.style
    shown = ("code", "description", "unit", "quantity", "unit_price", "tax_rate", "amount")
    for x, label, party in ((40, "seller", bill.seller), (305, "bill_to", bill.buyer)):
        sheet.box(x, 40, 250, 78)
        sheet.put(x + 6, 51, style.say(label), 7)
        sheet.stack(x + 6, 66, pieces.address(party), 10)
    sheet.put(46, 112, pieces.tax_number(bill), 8)
    width = 515 / len(pieces.facts(bill))
    for index, (label, value) in enumerate(pieces.facts(bill)):
        sheet.box(40 + index * width, 130, width, 30)
        sheet.put(44 + index * width, 139, label, 6.5)
        sheet.put(44 + index * width, 154, value, 9)
    sheet.put(40, 185, style.say("invoice"), 12, bold=True)
    places = columns("44 95 290 350r 425r 470r 550r")
    sheet.box(40, 195, 515, 400)
    sheet.row(207, places, pieces.head(bill, shown), 7.5, bold=True)
    sheet.rule(213, 40, 555)
    for x in (90, 286, 318, 354, 430, 474):
        sheet.vertical(x, 195, 595)
    for index in range(len(bill.lines)):
        sheet.row(228 + index * 16, places, pieces.cells(bill, index, shown), 8)
    _tax_table(sheet, bill, 620)
    sheet.pairs(
        390, 550, 620, [pieces.totals(bill)[0], (style.say("taxes"), style.money(bill.tax)), pieces.totals(bill)[-1]]
    )
    sheet.stack(44, 740, pieces.bank(bill), 8.5)
    return pieces.without(shown)


def carried(sheet: Sheet, bill: Bill) -> set[str]:
    """A long table over several pages: the head again on each, the sum carried over, totals on the last."""
    style = bill.style
    shown = ("position", "description", "quantity", "unit_price", "amount")
    places = columns("50 80 360r 450r 545r")
    sheet.stack(50, 55, [*pieces.address(bill.seller), pieces.tax_number(bill)])
    sheet.pairs(360, 545, 55, pieces.facts(bill), size=8.5)
    sheet.put(50, 130, style.say("bill_to"), 8, bold=True)
    sheet.stack(50, 143, pieces.address(bill.buyer))
    sheet.put(50, 205, f"{style.say('invoice')} {bill.number}", 13, bold=True)
    y, so_far = 235.0, 0.0
    sheet.row(y, places, pieces.head(bill, shown), bold=True)
    for index, line in enumerate(bill.lines):
        y += 16
        if y > 750:
            sheet.pairs(360, 545, y + 4, [(style.say("carried"), style.number(so_far))], size=8)
            sheet.put(545, 815, f"{style.say('page')} {sheet.pages}", 7, align="right")
            sheet.turn()
            sheet.put(50, 45, f"{bill.seller.name} – {style.say('invoice')} {bill.number}", 7)
            y = 70
            sheet.row(y, places, pieces.head(bill, shown), bold=True)
            y += 16
            sheet.pairs(360, 545, y, [(style.say("carried"), style.number(so_far))], size=8)
            y += 16
        sheet.row(y, places, pieces.cells(bill, index, shown))
        so_far += line.amount
    y = sheet.pairs(360, 545, y + 26, pieces.totals(bill))
    sheet.stack(50, y + 5, [pieces.terms(bill), *pieces.bank(bill)])
    return pieces.without(shown)


def typewriter(sheet: Sheet, bill: Bill) -> set[str]:
    """A matrix printer's form: one font, dashes for rules, sums under a row of signs."""
    style = bill.style
    shown = ("quantity", "unit", "description", "unit_price", "amount")
    y = sheet.stack(45, 50, [bill.seller.name.upper(), bill.seller.street, bill.seller.town, pieces.tax_number(bill)])
    sheet.put(45, y + 15, f"{style.say('invoice').upper()}   {bill.number}", 12, bold=True)
    y = sheet.stack(320, 50, [style.say("bill_to").upper() + ":", *pieces.address(bill.buyer)])
    for label, value in pieces.facts(bill)[1:]:
        sheet.put(320, y + 30, f"{label + ' ':.<24} {value}")
        y += 12
    y += 60
    sheet.put(45, y, "-" * 92)
    places = columns("95r 105 150 440r 540r")
    sheet.row(y + 12, places, pieces.head(bill, shown), 9)
    sheet.put(45, y + 22, "-" * 92)
    y += 36
    for index in range(len(bill.lines)):
        sheet.row(y, places, pieces.cells(bill, index, shown), 9)
        y += 13
    sheet.put(540, y, "=" * 18, align="right")
    sheet.pairs(300, 540, y + 14, pieces.totals(bill), step=1.5)
    sheet.stack(45, y + 110, [pieces.terms(bill), *pieces.bank(bill)])
    return pieces.without(shown)


def columns_apart(sheet: Sheet, bill: Bill) -> set[str]:
    """Labels right-aligned against a middle axis with values left of the margin; totals the same way at the right."""
    style = bill.style
    shown = ("description", "quantity", "unit", "unit_price", "amount")
    sheet.put(50, 60, style.say("invoice").upper(), 24)
    for index, (label, value) in enumerate(pieces.facts(bill)):
        sheet.put(430, 55 + 14 * index, label, 8.5, align="right", bold=True)
        sheet.put(440, 55 + 14 * index, value, 8.5)
    for x, label, party in ((50, "seller", bill.seller), (300, "bill_to", bill.buyer)):
        sheet.put(x, 160, style.say(label), 8.5, bold=True)
        sheet.stack(x, 174, pieces.address(party))
    sheet.put(50, 214, pieces.tax_number(bill), 8.5)
    places = columns("50 325r 335 450r 545r")
    y = 255
    sheet.box(50, y - 12, 495, 17)
    sheet.row(y, [Column(55), *places[1:4], Column(540, "right")], pieces.head(bill, shown), bold=True)
    for index in range(len(bill.lines)):
        y += 18
        sheet.row(y, places, pieces.cells(bill, index, shown))
    for label, value in pieces.totals(bill):
        y += 17
        sheet.put(450, y + 12, label, align="right", bold=True)
        sheet.put(545, y + 12, value, align="right")
    sheet.stack(50, y + 60, [pieces.terms(bill), "", style.say("bank"), *pieces.bank(bill)], 8.5)
    return pieces.without(shown)


def _tax_table(sheet: Sheet, bill: Bill, y: float) -> None:
    """Base and tax of each rate, as many programs print it beside the totals."""
    style = bill.style
    places = columns("80r 160r 240r")
    sheet.row(y, places, ["%", style.say("base"), style.say("taxes")], 7.5, bold=True)
    for rate, (base, tax) in bill.taxes.items():
        y += 13
        sheet.row(y, places, [style.count(rate), style.number(base), style.number(tax)], 8)
