"""Invoices of today's programs: subscription services, freelancers, small shops."""

from __future__ import annotations

from scripts.evaluation import pieces
from scripts.evaluation.bill import Bill
from scripts.evaluation.sheet import Sheet, columns


def subscription(sheet: Sheet, bill: Bill) -> set[str]:
    """Large title, facts under it, a sentence with the sum above the table; hairlines, no box."""
    style = bill.style
    shown = ("description", "quantity", "unit_price", "amount")
    sheet.put(45, 60, style.say("invoice"), 20, bold=True)
    sheet.put(550, 60, bill.seller.name, 13, align="right")
    end = sheet.pairs(45, 160, 85, pieces.facts(bill, customer=False), align="left", bold=True)
    sheet.stack(45, end + 18, [*pieces.address(bill.seller), pieces.tax_number(bill)])
    sheet.put(300, end + 18, style.say("bill_to"), bold=True)
    sheet.stack(300, end + 31, pieces.address(bill.buyer))
    y = end + 100
    sheet.put(45, y, style.money(bill.total), 15, bold=True)
    places = columns("45 370r 460r 550r")
    y += 40
    sheet.row(y, places, pieces.head(bill, shown), 7.5)
    sheet.rule(y + 5, 45)
    for index in range(len(bill.lines)):
        y += 22
        sheet.row(y, places, pieces.cells(bill, index, shown, signed=True))
    sheet.rule(y + 10, 330, 550, 0.3)
    sheet.pairs(330, 550, y + 25, pieces.totals(bill), step=2)
    sheet.stack(45, 760, [pieces.terms(bill), *pieces.bank(bill)], 8)
    sheet.put(550, 815, f"{bill.number} · {style.say('page')} 1/1", 7, align="right")
    return pieces.without(shown)


def band(sheet: Sheet, bill: Bill) -> set[str]:
    """A dark band with the title, the total at the top in a grey field, labels above values in a row."""
    style = bill.style
    shown = ("description", "quantity", "unit", "unit_price", "tax_rate", "amount")
    sheet.box(0, 0, sheet.width, 70, fill=0.15)
    sheet.white(40, 43, bill.seller.name, 18)
    sheet.white(555, 43, style.say("invoice"), 16, align="right")
    x = 40.0
    for label, value in pieces.facts(bill, customer=False):
        sheet.put(x, 95, label, 7)
        sheet.put(x, 108, value, 9.5, bold=True)
        x += 128
    sheet.box(390, 130, 165, 52, fill=0.92)
    sheet.put(400, 148, style.say("total"), 8)
    sheet.put(400, 170, style.money(bill.total), 16, bold=True)
    sheet.put(40, 142, style.say("bill_to"), 8, bold=True)
    sheet.stack(40, 156, pieces.address(bill.buyer))
    places = columns("48 300r 312 420r 470r 548r")
    sheet.box(40, 222, 515, 18, fill=0.85)
    sheet.row(234, places, pieces.head(bill, shown), 8, bold=True)
    y = 254.0
    for index in range(len(bill.lines)):
        sheet.row(y, places, pieces.cells(bill, index, shown))
        y += 19
    sheet.pairs(350, 548, y + 12, pieces.totals(bill))
    sheet.stack(40, 770, [" · ".join([*pieces.address(bill.seller), pieces.tax_number(bill)]), *pieces.bank(bill)], 7)
    return pieces.without(shown)


def sidebar(sheet: Sheet, bill: Bill) -> set[str]:
    """A grey column at the left with seller, facts and bank; buyer and table at the right of it."""
    style = bill.style
    shown = ("description", "quantity", "unit_price", "amount")
    sheet.box(0, 0, 165, sheet.height, fill=0.93)
    sheet.wrapped(20, 60, bill.seller.name, 130, 13)
    y = sheet.stack(20, 105, [bill.seller.street, bill.seller.town, pieces.tax_number(bill)], 7.5) + 25
    for label, value in pieces.facts(bill):
        sheet.put(20, y, label.upper(), 6.5)
        sheet.put(20, y + 12, value, 9)
        y += 34
    for line in pieces.bank(bill):
        sheet.wrapped(20, y + 20, line, 135, 7.5)
    sheet.put(190, 70, style.say("invoice"), 22)
    sheet.put(190, 110, style.say("bill_to"), 8, bold=True)
    sheet.stack(190, 124, pieces.address(bill.buyer), 10)
    places = columns("190 405r 480r 560r")
    y = 215
    sheet.row(y, places, pieces.head(bill, shown), 8, bold=True)
    for index in range(len(bill.lines)):
        y += 20
        sheet.rule(y - 12, 190, 560, 0.3)
        sheet.row(y, places, pieces.cells(bill, index, shown))
    sheet.pairs(370, 560, y + 34, pieces.totals(bill))
    sheet.put(190, 790, style.language.thanks, 8)
    return pieces.without(shown)


def freelancer(sheet: Sheet, bill: Bill) -> set[str]:
    """Everything in one column, labels with colons, a list of services without lines or a head for amounts."""
    style = bill.style
    shown = ("description", "quantity", "unit", "unit_price", "amount")
    y = sheet.stack(70, 70, pieces.address(bill.seller), 10)
    sheet.put(70, y + 6, pieces.tax_number(bill), 10)
    y = sheet.stack(70, y + 50, [f"{style.say('bill_to')}:", *pieces.address(bill.buyer)], 10)
    sheet.put(70, y + 25, style.say("invoice"), 14, bold=True)
    for label, value in pieces.facts(bill, customer=False):
        y += 16
        sheet.put(70, y + 30, f"{label}: {value}", 10)
    y += 70
    places = columns("70 315r 325 435r 525r")
    sheet.row(y, places, pieces.head(bill, shown), 9, bold=True)
    for index in range(len(bill.lines)):
        y += 18
        sheet.row(y, places, pieces.cells(bill, index, shown), 9)
    for label, value in pieces.totals(bill):
        y += 18
        sheet.put(435, y + 10, f"{label}:", 9, align="right")
        sheet.put(525, y + 10, value, 9, align="right")
    sheet.wrapped(70, y + 60, pieces.terms(bill), 450, 10)
    sheet.stack(70, y + 95, pieces.bank(bill), 10)
    return pieces.without(shown)


def captions(sheet: Sheet, bill: Bill) -> set[str]:
    """Values with their small labels below them, between two rules; centred seller."""
    style = bill.style
    shown = ("code", "description", "quantity", "unit_price", "amount")
    sheet.put(sheet.width / 2, 55, bill.seller.name, 16, bold=True, align="center")
    sheet.put(sheet.width / 2, 70, f"{bill.seller.address} — {pieces.tax_number(bill)}", 8, align="center")
    sheet.put(sheet.width / 2, 105, style.say("invoice"), 13, align="center")
    sheet.rule(125)
    x = 60.0
    for label, value in pieces.facts(bill, customer=False):
        sheet.put(x, 142, value, 10.5)
        sheet.put(x, 152, label, 6)
        x += 125
    sheet.rule(160)
    sheet.put(60, 185, style.say("bill_to"), 7)
    sheet.stack(60, 198, pieces.address(bill.buyer), 10)
    places = columns("60 115 370r 455r 540r")
    y = 275
    sheet.row(y, places, pieces.head(bill, shown), 8)
    for index in range(len(bill.lines)):
        y += 17
        sheet.row(y, places, pieces.cells(bill, index, shown))
    sheet.rule(y + 8, 380, 540)
    sheet.pairs(380, 540, y + 24, pieces.totals(bill))
    sheet.stack(sheet.width / 2, 775, [pieces.terms(bill), *pieces.bank(bill)], 8, align="center")
    return pieces.without(shown)


def shop(sheet: Sheet, bill: Bill) -> set[str]:
    """An online shop: bill-to beside ship-to, two-line descriptions with an article number, tax rate in the line."""
    style = bill.style
    shown = ("description", "quantity", "tax_rate", "unit_price", "amount")
    sheet.box(50, 40, 26, 26, fill=0.3)
    sheet.put(84, 59, bill.seller.name, 15, bold=True)
    sheet.pairs(380, 545, 55, [(style.say("invoice"), ""), *pieces.facts(bill)], size=8.5)
    for x, label in ((50, "bill_to"), (220, "ship_to")):
        sheet.put(x, 150, style.say(label), 8.5, bold=True)
        sheet.stack(x, 164, pieces.address(bill.buyer))
    places = columns("50 330r 385r 465r 545r")
    y = 235.0
    sheet.rule(y - 12)
    sheet.row(y, places, pieces.head(bill, shown), 8.5, bold=True)
    sheet.rule(y + 5)
    for index, line in enumerate(bill.lines):
        y += 20
        sheet.row(y, places, pieces.cells(bill, index, shown, signed=True))
        y += 11
        sheet.put(50, y, f"{style.columns['code']} {line.code}", 7)
    sheet.rule(y + 8)
    sheet.pairs(360, 545, y + 26, pieces.totals(bill), size=9.5)
    foot = [bill.seller.address, pieces.tax_number(bill), *pieces.bank(bill)]
    sheet.stack(50, 770, foot, 7.5)
    return pieces.without(shown)
