"""A PDF page to draw on, measured from the top left like the boxes of a reading."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas


class Paper:
    """Pages of a PDF on which text is put at places."""

    def __init__(self, path: Path, size: tuple[float, float] = A4, font: str = "Helvetica") -> None:
        self.width, self.height = size
        self.font = font
        self.canvas = Canvas(str(path), pagesize=size, invariant=1)

    def put(self, x: float, y: float, text: str, size: float = 10, *, bold: bool = False, right: bool = False) -> None:
        """Write a line; with `right` it ends at x."""
        bolder = {"Helvetica": "Helvetica-Bold", "Times-Roman": "Times-Bold", "Courier": "Courier-Bold"}
        self.canvas.setFont(bolder[self.font] if bold else self.font, size)
        draw = self.canvas.drawRightString if right else self.canvas.drawString
        draw(x, self.height - y, text)

    def lines(self, x: float, y: float, lines: Sequence[str], size: float = 10, step: float = 13) -> None:
        """Write lines under each other."""
        for index, line in enumerate(lines):
            self.put(x, y + index * step, line, size)

    def pairs(self, x: float, value_x: float, y: float, pairs: Sequence[tuple[str, str]], step: float = 15) -> None:
        """Write labels and, in line on the right side, their values."""
        for index, (label, value) in enumerate(pairs):
            self.put(x, y + index * step, label)
            self.put(value_x, y + index * step, value, right=True)

    def rule(self, y: float, left: float = 50, right: float | None = None) -> None:
        """Draw a line across the page."""
        self.canvas.setLineWidth(0.5)
        self.canvas.line(left, self.height - y, right or self.width - 50, self.height - y)

    def table(
        self,
        y: float,
        columns: Sequence[tuple[float, bool]],
        rows: Sequence[Sequence[str]],
        step: float = 16,
        size: float = 9,
    ) -> float:
        """Write rows whose columns are (place, ends there); returns where the next row would stand."""
        for row in rows:
            for (x, right), text in zip(columns, row, strict=False):
                if text:
                    self.put(x, y, text, size, right=right)
            y += step
        return y

    def turn(self) -> None:
        """Begin a new page."""
        self.canvas.showPage()

    def save(self) -> None:
        """Write the file."""
        self.canvas.save()
