"""PDFs made for the tests."""

import io
from collections.abc import Callable, Mapping

from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject, RectangleObject, StreamObject
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table

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


def lettre(canvas: Canvas) -> None:
    """Some French."""
    canvas.setFont("Helvetica", 11)
    for number, line in enumerate(
        (
            "Une société par actions simplifiée, dont le siège est à Annecy, et la société",
            "qui assure le nettoyage des locaux du client pour une durée de deux ans,",
            "sont convenues de ce qui suit : le prix est fixé par les parties avec la rémunération.",
        )
    ):
        canvas.drawString(72, 740 - 16 * number, line)


def article(canvas: Canvas) -> None:
    """A title, text in two columns whose lines stand at different heights, a line below both."""
    canvas.setFont("Times-Roman", 11)
    canvas.drawString(72, 770, "A title that stands above both of the columns and reaches far over to the right")
    for number in range(8):
        canvas.drawString(72, 740 - 14 * number, f"left line {number} of running text in words")
        canvas.drawString(320, 738 - 14 * number, f"right line {number} of running text in words")
    canvas.drawString(72, 600, "A last line that stands below both of the columns and reaches far to the right")


def priced(align: str) -> bytes:
    """A PDF with a table whose texts run over several lines, at the top, middle or bottom of cells."""
    texts = ("Licence", "Consulting and development in the project Apollo, in its second and last phase")
    style = getSampleStyleSheet()["BodyText"]
    head = [["Pos", "Description", "Quantity", "Price", "Amount"]]
    rows = [
        [str(number + 1), Paragraph(texts[number % 2], style), "2", f"{number}50.00", f"{number}00.00"]
        for number in range(4)
    ]
    table = Table([*head, *rows, ["", "", "", "Total", "600.00"]], colWidths=[40, 150, 60, 70, 80])
    table.setStyle([("VALIGN", (0, 0), (-1, -1), align), ("ALIGN", (2, 0), (-1, -1), "RIGHT")])
    output = io.BytesIO()
    SimpleDocTemplate(output, pagesize=A4).build([table, Paragraph("Payable within 14 days of the date above.", style)])
    return output.getvalue()


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
    page[NameObject("/Contents")] = writer._add_object(stream.flate_encode())
    return _written(writer)


def _written(writer: PdfWriter) -> bytes:
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()
