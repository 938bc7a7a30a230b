"""Pages to draw on, measured from the top left, in fonts that come with packages and know all our letters."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

# Of each family the plain and the bold face; the first three are not embedded and know Western letters only.
FAMILIES = {
    "helvetica": ("Helvetica", "Helvetica-Bold"),
    "times": ("Times-Roman", "Times-Bold"),
    "courier": ("Courier", "Courier-Bold"),
    "sans": ("DejaVuSans", "DejaVuSans-Bold"),
    "serif": ("DejaVuSerif", "DejaVuSerif-Bold"),
    "mono": ("DejaVuSansMono", "DejaVuSansMono-Bold"),
    "stix": ("STIXGeneral", "STIXGeneralBol"),
}
WESTERN = ("helvetica", "times", "helvetica", "sans", "serif", "stix")
ALL = ("sans", "serif", "stix")


class Column:
    """A column of a table: where it starts or, right-aligned, ends."""

    def __init__(self, x: float, align: str = "left") -> None:
        self.x = x
        self.align = align


def columns(places: str) -> list[Column]:
    """Return columns as written in short: "45 370r" begins one at 45 and ends another at 370."""
    return [Column(float(place.rstrip("r")), "right" if place.endswith("r") else "left") for place in places.split()]


class Sheet:
    """A document of pages."""

    def __init__(self, family: str = "helvetica", size: tuple[float, float] = A4) -> None:
        _register()
        self.plain, self.bold = FAMILIES[family]
        self.width, self.height = size
        self._file = io.BytesIO()
        self.canvas = Canvas(self._file, pagesize=size, invariant=1)
        self.pages = 1

    def put(self, x: float, y: float, text: str, size: float = 9, *, bold: bool = False, align: str = "left") -> float:
        """Write a line and return where it ends."""
        font = self.bold if bold else self.plain
        self.canvas.setFont(font, size)
        width = float(pdfmetrics.stringWidth(text, font, size))
        left = x - {"left": 0, "right": width, "center": width / 2}[align]
        self.canvas.drawString(left, self.height - y, text)
        return left + width

    def stack(
        self, x: float, y: float, lines: Sequence[str], size: float = 9, *, step: float = 1.35, align: str = "left"
    ) -> float:
        """Write lines under each other and return where the next would stand."""
        for line in lines:
            self.put(x, y, line, size, align=align)
            y += size * step
        return y

    def pairs(  # noqa: PLR0913  # how a row of labels looks has many sides
        self, x: float, value_x: float, y: float, pairs: Sequence[tuple[str, str]], *, size: float = 9,
        step: float = 1.6, align: str = "right", bold: bool = False, colon: str = "",
    ) -> float:  # fmt: skip
        """Write labels with their values in the same row and return where the next would stand."""
        for label, value in pairs:
            self.put(x, y, f"{label}{colon}", size, bold=bold)
            self.put(value_x, y, value, size, align=align)
            y += size * step
        return y

    def row(
        self, y: float, columns: Sequence[Column], cells: Sequence[str], size: float = 8.5, *, bold: bool = False
    ) -> None:
        """Write the cells of a table's row."""
        for column, cell in zip(columns, cells, strict=True):
            if cell:
                self.put(column.x, y, cell, size, bold=bold, align=column.align)

    def rule(self, y: float, left: float = 50, right: float | None = None, weight: float = 0.5) -> None:
        """Draw a line across."""
        self.canvas.setLineWidth(weight)
        self.canvas.line(left, self.height - y, right or self.width - left, self.height - y)

    def box(self, left: float, top: float, width: float, height: float, *, fill: float | None = None) -> None:
        """Draw a frame, or an area of a grey between 0 and 1."""
        self.canvas.setLineWidth(0.6)
        if fill is not None:
            self.canvas.setFillGray(fill)
        self.canvas.rect(left, self.height - top - height, width, height, stroke=fill is None, fill=fill is not None)
        self.canvas.setFillGray(0)

    def vertical(self, x: float, top: float, bottom: float) -> None:
        """Draw a line down."""
        self.canvas.setLineWidth(0.5)
        self.canvas.line(x, self.height - top, x, self.height - bottom)

    def white(self, x: float, y: float, text: str, size: float = 9, *, align: str = "left") -> None:
        """Write on a dark area."""
        self.canvas.setFillGray(1)
        self.put(x, y, text, size, bold=True, align=align)
        self.canvas.setFillGray(0)

    def turn(self) -> None:
        """Begin a new page."""
        self.canvas.showPage()
        self.pages += 1

    def wrapped(self, x: float, y: float, text: str, width: float, size: float = 9) -> float:
        """Write a paragraph and return where the next would stand."""
        line = ""
        lines = []
        for word in text.split():
            longer = f"{line} {word}".strip()
            if pdfmetrics.stringWidth(longer, self.plain, size) > width and line:
                lines.append(line)
                longer = word
            line = longer
        return self.stack(x, y, [*lines, line], size)

    def content(self) -> bytes:
        """End the document and return the PDF."""
        self.canvas.save()
        return self._file.getvalue()


@cache
def _register() -> None:
    import matplotlib

    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    for family in ("sans", "serif", "mono", "stix"):
        for font in FAMILIES[family]:
            pdfmetrics.registerFont(TTFont(font, folder / f"{font}.ttf"))
