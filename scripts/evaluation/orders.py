"""Purchase orders: a form with frames, a letter, a Word file, and a page of a purchasing portal."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from html import escape

import msgspec

from scripts.evaluation import pieces
from scripts.evaluation.bill import Bill, Record, bill, expected
from scripts.evaluation.sheet import ALL, WESTERN, Sheet, columns
from scripts.evaluation.word import saved

_COLUMNS = ("description", "quantity", "unit", "unit_price", "amount")


class Order(msgspec.Struct, frozen=True):
    """An order in terms of a bill: who sells delivers, who buys orders."""

    bill: Bill
    labels: dict[str, str]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Number and dates with their labels."""
        day = self.bill.style.day
        found = [(self.labels["number"], self.bill.number), (self.labels["date"], day(self.bill.issue))]
        return [*found, (self.labels["delivery"], day(self.bill.due))] if self.bill.due else found

    @property
    def total(self) -> tuple[str, str]:
        """The sum with its label."""
        return self.labels["total"], self.bill.style.money(self.bill.net)


def order(name: str, rng: random.Random) -> Order:
    """Draw an order in a language."""
    made = bill(name, rng)
    made = msgspec.structs.replace(made, due=made.issue + timedelta(days=rng.randrange(5, 40)) if made.due else None)
    words = msgspec.structs.asdict(made.style.language.order)
    return Order(made, {label: rng.choice(choices) for label, choices in words.items()})


def record(made: Order) -> Record:
    """Return what a reader should find."""
    whole = expected(made.bill, {"lines.tax_rate"})
    lines = [{name: value for name, value in line.items() if name != "tax_rate"} for line in whole["lines"]]
    return {
        "number": whole["number"],
        "date": whole["issue_date"],
        "buyer": made.bill.buyer.name,
        "supplier": made.bill.seller.name,
        "currency": whole["currency"],
        "total": whole["net"],
        "delivery_date": whole["due_date"],
        "lines": lines,
    }


def form(made: Order, rng: random.Random) -> tuple[bytes, Record]:
    """Buyer at the top, supplier and delivery in frames, lines in a table with rules."""
    sheet = _sheet(made, rng)
    sheet.put(50, 55, made.bill.buyer.name, 14, bold=True)
    sheet.put(50, 68, made.bill.buyer.address, 8)
    sheet.put(545, 55, made.labels["title"], 14, align="right")
    sheet.box(50, 90, 240, 70)
    sheet.put(55, 101, made.labels["supplier"], 7)
    sheet.stack(55, 116, pieces.address(made.bill.seller))
    sheet.box(305, 90, 240, 70)
    sheet.pairs(312, 538, 108, made.pairs)
    places = columns("50 315r 330 450r 545r")
    y = 200
    sheet.row(y, places, pieces.head(made.bill, _COLUMNS), bold=True)
    for index in range(len(made.bill.lines)):
        sheet.rule(y + 5, weight=0.2)
        y += 18
        sheet.row(y, places, pieces.cells(made.bill, index, _COLUMNS))
    sheet.pairs(380, 545, y + 30, [made.total], bold=True)
    return sheet.content(), record(made)


def letter(made: Order, rng: random.Random) -> tuple[bytes, Record]:
    """Both parties under their labels side by side, facts in one row below, no rules."""
    sheet = _sheet(made, rng)
    sheet.put(60, 60, f"{made.labels['title']} {made.bill.number}", 15, bold=True)
    for x, label, party in ((60, "buyer", made.bill.buyer), (320, "supplier", made.bill.seller)):
        sheet.put(x, 95, f"{made.labels[label]}:", 9, bold=True)
        sheet.stack(x, 109, pieces.address(party), 9.5)
    for index, (label, value) in enumerate(made.pairs):
        sheet.put(60 + 165 * index, 175, label, 7.5)
        sheet.put(60 + 165 * index, 187, value, 10)
    places = columns("60 320r 332 450r 540r")
    y = 225
    sheet.row(y, places, pieces.head(made.bill, _COLUMNS))
    for index in range(len(made.bill.lines)):
        y += 16
        sheet.row(y, places, pieces.cells(made.bill, index, _COLUMNS))
    sheet.pairs(380, 540, y + 26, [made.total])
    return sheet.content(), record(made)


def word(made: Order, _rng: random.Random) -> tuple[bytes, Record]:
    """A Word file with labels and values in paragraphs."""
    from docx import Document

    page = Document()
    page.add_heading(made.labels["title"], 0)
    parties = ((made.labels["buyer"], made.bill.buyer), (made.labels["supplier"], made.bill.seller))
    for label, value in [*made.pairs, *((label, party.name) for label, party in parties)]:
        page.add_paragraph().add_run(f"{label}: {value}")
    rows = [pieces.head(made.bill, _COLUMNS)]
    rows += [pieces.cells(made.bill, index, _COLUMNS, signed=True) for index in range(len(made.bill.lines))]
    table = page.add_table(rows=0, cols=len(_COLUMNS))
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    page.add_paragraph(f"{made.total[0]}: {made.total[1]}")
    return saved(page), record(made)


def portal(made: Order, _rng: random.Random) -> tuple[bytes, Record]:
    """A web page: a table of facts, a table of lines, the sum in a paragraph."""

    def row(cells: list[str], tag: str = "td") -> str:
        return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"

    parties = [(made.labels["buyer"], made.bill.buyer.name), (made.labels["supplier"], made.bill.seller.name)]
    facts = "".join(f"<tr><th>{escape(a)}</th><td>{escape(b)}</td></tr>" for a, b in [*made.pairs, *parties])
    lines = "".join(row(pieces.cells(made.bill, i, _COLUMNS)) for i in range(len(made.bill.lines)))
    html = f"""<html><head><meta charset="utf-8"><title>{escape(made.labels["title"])}</title></head><body>
<h1>{escape(made.labels["title"])}</h1><table>{facts}</table>
<table>{row(pieces.head(made.bill, _COLUMNS), "th")}{lines}</table>
<p><strong>{escape(made.total[0])}</strong> {escape(made.total[1])}</p></body></html>"""
    return html.encode(), record(made)


LAYOUTS: dict[str, Callable[[Order, random.Random], tuple[bytes, Record]]] = {
    "form": form,
    "letter": letter,
    "word": word,
    "portal": portal,
}


def _sheet(made: Order, rng: random.Random) -> Sheet:
    return Sheet(rng.choice(ALL if made.bill.style.language.locale == "pl_PL" else WESTERN))
