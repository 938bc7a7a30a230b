"""Invoices that are no PDF: word processor, web page, mail and plain text."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from scripts.evaluation import pieces
from scripts.evaluation.bill import Bill
from scripts.evaluation.word import saved

Made = tuple[bytes, set[str]]


def word_table(bill: Bill) -> Made:
    """A Word file: parties in a table without lines, facts in a second, lines in a third."""
    from docx import Document

    style = bill.style
    columns = ("position", "description", "quantity", "unit", "unit_price", "amount")
    page = Document()
    page.add_heading(style.say("invoice"), 1)
    parties = page.add_table(rows=1, cols=2)
    parties.cell(0, 0).text = "\n".join([style.say("seller"), *pieces.address(bill.seller), pieces.tax_number(bill)])
    parties.cell(0, 1).text = "\n".join([style.say("bill_to"), *pieces.address(bill.buyer)])
    _rows(page.add_table(rows=0, cols=2), pieces.facts(bill))
    page.add_paragraph("")
    table = page.add_table(rows=0, cols=len(columns))
    table.style = "Table Grid"
    _rows(table, [pieces.head(bill, columns), *(pieces.cells(bill, i, columns) for i in range(len(bill.lines)))])
    page.add_paragraph("")
    _rows(page.add_table(rows=0, cols=2), pieces.totals(bill))
    page.add_paragraph(pieces.terms(bill))
    page.add_paragraph("\n".join(pieces.bank(bill)))
    return saved(page), pieces.without(columns)


def word_tabs(bill: Bill) -> Made:
    """A Word file written like a letter: facts and sums behind tabs, the sums as last rows of the table."""
    from docx import Document

    style = bill.style
    columns = ("description", "quantity", "unit_price", "amount")
    page = Document()
    for line in [*pieces.address(bill.seller), pieces.tax_number(bill), "", *pieces.address(bill.buyer), ""]:
        page.add_paragraph(line)
    for label, value in pieces.facts(bill, customer=False):
        page.add_paragraph(f"{label}:\t{value}")
    page.add_heading(f"{style.say('invoice')} {bill.number}", 2)
    table = page.add_table(rows=0, cols=len(columns))
    lines = [pieces.cells(bill, index, columns, signed=True) for index in range(len(bill.lines))]
    _rows(
        table, [pieces.head(bill, columns), *lines, *(["", "", label, value] for label, value in pieces.totals(bill))]
    )
    for line in ["", pieces.terms(bill), *pieces.bank(bill)]:
        page.add_paragraph(line)
    return saved(page), pieces.without(columns)


def web_lists(bill: Bill) -> Made:
    """A web page: facts as a list of terms, parties as address elements, lines as a table with a foot."""
    style = bill.style
    columns = ("description", "quantity", "unit", "unit_price", "tax_rate", "amount")
    terms = "".join(f"<dt>{escape(a)}</dt><dd>{escape(b)}</dd>" for a, b in pieces.facts(bill))
    body = "".join(_html_row(pieces.cells(bill, index, columns)) for index in range(len(bill.lines)))
    foot = "".join(
        f'<tr><td colspan="5">{escape(label)}</td><td>{escape(value)}</td></tr>' for label, value in pieces.totals(bill)
    )
    html = f"""<!doctype html><html lang="{style.language.locale[:2]}"><head><meta charset="utf-8">
<title>{escape(style.say("invoice"))} {escape(bill.number)}</title><style>td{{padding:2px}}</style></head><body>
<header><h1>{escape(style.say("invoice"))}</h1></header>
<section><h2>{escape(style.say("seller"))}</h2><address>
{_lines([*pieces.address(bill.seller), pieces.tax_number(bill)])}</address></section>
<section><h2>{escape(style.say("bill_to"))}</h2><address>{_lines(pieces.address(bill.buyer))}
</address></section><dl>{terms}</dl>
<table><thead>{_html_row(pieces.head(bill, columns), "th")}</thead><tbody>{body}</tbody><tfoot>{foot}</tfoot></table>
<p>{escape(pieces.terms(bill))}</p><footer>{_lines(pieces.bank(bill))}</footer></body></html>"""
    return html.encode(), pieces.without(columns)


def web_mail(bill: Bill) -> Made:
    """A mail of a shop: nested tables for layout, labels in bold before their values, sums in rows of two."""
    style = bill.style
    columns = ("description", "quantity", "amount")
    facts = "<br>".join(f"<b>{escape(a)}:</b> {escape(b)}" for a, b in pieces.facts(bill))
    body = "".join(_html_row(pieces.cells(bill, i, columns, signed=True)) for i in range(len(bill.lines)))
    sums = "".join(_html_row(pair) for pair in pieces.totals(bill))
    seller = [*pieces.address(bill.seller), pieces.tax_number(bill)]
    html = f"""<html><head><meta charset="utf-8"></head><body><table width="600"><tr><td>
<table><tr><td><img src="logo.png" alt=""></td><td align="right"><b>{escape(style.say("invoice"))}</b></td></tr></table>
</td></tr><tr><td>{escape(style.language.thanks)}</td></tr><tr><td>{facts}</td></tr>
<tr><td><b>{escape(style.say("bill_to"))}</b><br>{_lines(pieces.address(bill.buyer))}</td></tr>
<tr><td><table border="0">{_html_row(pieces.head(bill, columns), "th")}{body}</table></td></tr>
<tr><td align="right"><table>{sums}</table></td></tr>
<tr><td style="font-size:10px">{_lines([*seller, *pieces.bank(bill)])}</td></tr></table></body></html>"""
    return html.encode(), pieces.without(columns)


def text_columns(bill: Bill) -> Made:
    """Plain text of a program: padded columns, rules of signs, sums ending in one column."""
    style = bill.style
    columns = ("position", "description", "quantity", "unit", "unit_price", "amount")
    widths = (5, 32, -9, 7, -12, -13)
    rows = [pieces.head(bill, columns), *(pieces.cells(bill, index, columns) for index in range(len(bill.lines)))]
    table = [" ".join(_padded(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    parts = [
        *pieces.address(bill.seller), pieces.tax_number(bill), "", style.say("invoice").upper(), "",
        *(f"{label + ':':<28}{value}" for label, value in pieces.facts(bill)), "",
        f"{style.say('bill_to')}:", *pieces.address(bill.buyer), "",
        table[0], "-" * 83, *table[1:], "-" * 83,
        *(f"{label:>60}{value:>22}" for label, value in pieces.totals(bill)), "",
        pieces.terms(bill), *pieces.bank(bill),
    ]  # fmt: skip
    return "\n".join(parts).encode(), pieces.without(columns)


def _rows(table: object, rows: Sequence[Sequence[str]]) -> None:
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):  # type: ignore[attr-defined]  # docx's table, imported late
            cell.text = text


def _html_row(cells: Sequence[str], tag: str = "td") -> str:
    return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"


def _lines(lines: Sequence[str]) -> str:
    return "<br>".join(map(escape, lines))


def _padded(text: str, width: int) -> str:
    return text.rjust(-width) if width < 0 else text.ljust(width)
