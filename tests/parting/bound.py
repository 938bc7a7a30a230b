"""Invoices drawn for the tests, page by page, and bound together."""

import io
from collections.abc import Callable, Sequence

from reportlab.pdfgen.canvas import Canvas

Draw = Callable[[Canvas], None]


def first(number: str, *rest: str) -> Draw:
    """The first page of an invoice, with these rows at its foot."""

    def draw(canvas: Canvas) -> None:
        canvas.drawString(72, 780, "Acme Ltd")
        canvas.drawString(350, 780, f"Invoice number: {number}")
        canvas.drawString(350, 765, "Invoice date: 2024-05-01")
        _table(canvas, 700)
        canvas.drawString(300, 500, "Total")
        canvas.drawString(400, 500, "100.00")
        _foot(canvas, rest)

    return draw


def more(head: str, *rest: str) -> Draw:
    """A page that goes on with the lines, under this row."""

    def draw(canvas: Canvas) -> None:
        canvas.drawString(72, 780, head)
        _table(canvas, 700)
        _foot(canvas, rest)

    return draw


def words(*rows: str) -> Draw:
    """A page of words alone."""
    return lambda canvas: _foot(canvas, rows, 780)


def _table(canvas: Canvas, top: float) -> None:
    for number in range(5):
        for left, text in ((72, f"Item {number}"), (300, "2"), (400, f"{number}0.00")):
            canvas.drawString(left, top - 15 * number, text)


def _foot(canvas: Canvas, rows: Sequence[str], top: float = 60) -> None:
    for number, row in enumerate(rows):
        canvas.drawString(72, top - 15 * number, row)


def bound(*pages: Draw) -> bytes:
    """A PDF of these pages."""
    output = io.BytesIO()
    canvas = Canvas(output)
    for draw in pages:
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return output.getvalue()
