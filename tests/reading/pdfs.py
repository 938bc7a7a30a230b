"""PDFs made for the tests."""

import io
from collections.abc import Callable, Mapping

from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject, RectangleObject, StreamObject
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

LINES = (("Widget, blue, with a long name", "2", "49.00", "98.00"), ("Consulting", "1", "20.00", "20.00"))


def pdf(draw: Callable[[Canvas], None], pages: int = 1, password: str | None = None) -> bytes:
    """A PDF whose pages are drawn by the function."""
    output = io.BytesIO()
    encryption = StandardEncryption(password, strength=128) if password is not None else None
    canvas = Canvas(output, pagesize=A4, encrypt=encryption)
    canvas.setTitle("Invoice 17")
    canvas.setAuthor("Acme")
    for _ in range(pages):
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return output.getvalue()


def greeting(canvas: Canvas) -> None:
    """Two words, 100 points from the left and with their base line 200 points below the top."""
    canvas.setFont("Helvetica", 12)
    canvas.drawString(100, A4[1] - 200, "Hello World")


def invoice(canvas: Canvas) -> None:
    """Addresses side by side, a table with a text that goes on in a second row, a sum."""
    canvas.setFont("Helvetica", 10)
    canvas.drawString(72, 740, "Acme GmbH")
    canvas.drawString(350, 740, "Invoice number: INV-17")
    canvas.drawString(72, 728, "Hauptstraße 5")
    canvas.drawString(350, 728, "Date: 2024-05-01")
    canvas.drawString(72, 650, "Description")
    for right, head in ((350, "Quantity"), (430, "Unit price"), (520, "Amount")):
        canvas.drawRightString(right, 650, head)
    for number, (text, *values) in enumerate(LINES):
        base = 634 - 30 * number
        canvas.drawString(72, base, text)
        for right, value in zip((350, 430, 520), values, strict=True):
            canvas.drawRightString(right, base, value)
    canvas.drawString(72, 622, "second row of text")
    canvas.drawRightString(430, 560, "Total EUR")
    canvas.drawRightString(520, 560, "118.00")


def nothing(canvas: Canvas) -> None:
    """A line, but no text."""
    canvas.line(10, 10, 100, 100)


def upwards(canvas: Canvas) -> None:
    """Two lines that run up the page's left edge."""
    canvas.rotate(90)
    canvas.drawString(100, -50, "first line going up")
    canvas.drawString(100, -64, "second line")


def rotated(content: bytes, angle: int) -> bytes:
    """The same with its pages turned clockwise."""
    writer = PdfWriter(PdfReader(io.BytesIO(content)))
    for page in writer.pages:
        page.rotate(angle)
    return _written(writer)


def cropped(content: bytes, left: float, top: float) -> bytes:
    """The same with that much cut off at the left and the top."""
    writer = PdfWriter(PdfReader(io.BytesIO(content)))
    for page in writer.pages:
        page.cropbox = RectangleObject((left, 0, A4[0], A4[1] - top))
    return _written(writer)


def with_files(content: bytes, files: Mapping[str, bytes]) -> bytes:
    """The same with files inside."""
    writer = PdfWriter(PdfReader(io.BytesIO(content)))
    for name, file in files.items():
        writer.add_attachment(name, file)
    return _written(writer)


def bomb(size: int) -> bytes:
    """A small PDF with a page whose content unpacks to so many bytes."""
    writer = PdfWriter()
    page = writer.add_blank_page(600, 800)
    stream = StreamObject()
    stream.set_data(b"BT /F1 12 Tf (x) Tj ET\n" * (size // 23))
    page[NameObject("/Contents")] = writer._add_object(stream.flate_encode())  # noqa: SLF001 pypdf has no public way
    return _written(writer)


def _written(writer: PdfWriter) -> bytes:
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()
