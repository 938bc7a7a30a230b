"""Office documents made for the tests by the libraries that write them; RTF and EPUB by hand."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import odfdo
from openpyxl import Workbook
from pptx import Presentation
from pptx.util import Inches

# A cell knows no time zone.
NOON = datetime.fromisoformat("2024-05-01T12:30")
ROWS = (("Article", "Quantity", "Price"), ("Desk lamp", "2", "40.00"), ("Chair", "1", "99.50"))
RTF = (
    rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0\fswiss Helvetica;}}{\info{\title Order 5}}\f0\pard Dear Ms M\'fcller,\par "
    rb"Order number:\tab 5-2024\par\trowd\cellx1000\cellx2000\cellx3000 Article\intbl\cell Quantity\cell Price\cell\row"
    rb"\trowd\cellx1000\cellx2000\cellx3000 Desk lamp\par blue\cell 2\cell 40.00\cell\row"
    rb"\pard Total: \u8364? 40.00 | fine\par}"
)
CHAPTER = (
    '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title>{0}</title></head>'
    "<body><h1>{0}</h1><p>{1}</p></body></html>"
)


def workbook(rows: Sequence[Sequence[Any]] = (), hidden: bool = False) -> bytes:
    """A workbook with a number above a table of typed cells, or with these rows."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Our rows"
    if rows:
        for row in rows:
            sheet.append(list(row))
    else:
        sheet["B2"], sheet["C2"] = "Order number", "5-2024"
        for row in ((), ("Article", "Share", "Price", "Day"), ("Lamp", 0.125, 40.5, date(2024, 5, 1))):
            sheet.append(list(row))
        sheet.append(("Chair", 1, 99.999, NOON))
        sheet["B5"].number_format, sheet["C5"].number_format = "0.0%", '#,##0.00\\ "€"'
    if hidden:
        book.create_sheet("secret").sheet_state = "hidden"
    return _saved(book)


def presentation() -> bytes:
    """A slide with a title, a box of text below it, a table and notes."""
    show = Presentation()
    show.core_properties.title = "Quarter"
    slide = show.slides.add_slide(show.slide_layouts[5])
    slide.shapes.title.text = "Order confirmation"
    table = slide.shapes.add_table(3, 3, Inches(1), Inches(3), Inches(6), Inches(1)).table
    for number, text in enumerate(text for row in ROWS for text in row):
        table.cell(number // 3, number % 3).text = text
    slide.shapes.add_textbox(
        Inches(1), Inches(2), Inches(3), Inches(1)
    ).text_frame.text = "Order number:\t5-2024\nThanks"
    slide.notes_slide.notes_text_frame.text = "Say it slowly"
    return _saved(show)


def text_document() -> bytes:
    """A heading, a paragraph with a tab, a table, a last line."""
    document = odfdo.Document("text")
    document.meta.title = "Order 5"
    document.body.clear()
    table = odfdo.Table("Lines")
    table.set_values([list(row) for row in ROWS])
    for element in (odfdo.Header(1, "Order confirmation"), odfdo.Paragraph("Order number:\t5-2024"), table):
        document.body.append(element)
    document.body.append(odfdo.Paragraph("Thank you for your order."))
    return _saved(document)


def spreadsheet(rows: Sequence[Sequence[Any]] = (("Name", "Amount", "Day"), ("A", 1.5, date(2024, 5, 1)))) -> bytes:
    """A sheet of these rows."""
    document = odfdo.Document("spreadsheet")
    document.body.clear()
    table = odfdo.Table("Rows")
    table.set_values([list(row) for row in rows])
    document.body.append(table)
    return _saved(document)


def book(chapters: Mapping[str, str], extra: Mapping[str, bytes] | None = None) -> bytes:
    """An EPUB with a chapter for each title; the spine has them in this order, the archive in another."""
    items = "".join(
        f'<item id="c{n}" href="text/c{n}.xhtml" media-type="application/xhtml+xml"/>' for n, _ in _numbered(chapters)
    )
    spine = "".join(f'<itemref idref="c{n}"/>' for n, _ in _numbered(chapters))
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>'
        "<dc:title>Two tales</dc:title><dc:creator>Ann Author</dc:creator><dc:language>en</dc:language></metadata>"
        f"<manifest>{items}</manifest><spine>{spine}</spine></package>"
    )
    parts = {
        "mimetype": b"application/epub+zip",
        "META-INF/container.xml": (
            b'<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            b'<rootfile full-path="OPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
        ),
        "OPS/book.opf": package.encode(),
    }
    for number, (title, text) in reversed(_numbered(chapters)):
        parts[f"OPS/text/c{number}.xhtml"] = CHAPTER.format(title, text).encode()
    return packed({**parts, **(extra or {})})


def packed(files: Mapping[str, bytes]) -> bytes:
    """A ZIP with these files."""
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return output.getvalue()


def replaced(package: bytes, /, **parts: bytes) -> bytes:
    """The same package with the one part whose name ends so replaced."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    for ending, part in parts.items():
        files[next(name for name in files if name.endswith(f"{ending}.xml"))] = part
    return packed(files)


def _numbered(chapters: Mapping[str, str]) -> list[tuple[int, tuple[str, str]]]:
    return list(enumerate(chapters.items(), 1))


def _saved(document: Any) -> bytes:
    output = io.BytesIO()
    document.save(output)
    return output.getvalue()
