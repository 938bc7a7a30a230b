"""Word documents made for the tests: ordinary ones by python-docx, hostile ones by hand."""

import io
import zipfile

from docx import Document

BODY = (
    '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
    "<w:body>{}</w:body></w:document>"
)


def letter() -> bytes:
    """A header, a paragraph with a tab, a table of values and one that lays out addresses, a footer."""
    document = Document()
    document.core_properties.title = "Order 5"
    document.core_properties.author = "Beta AG"
    document.sections[0].header.paragraphs[0].text = "Beta AG, Zürich"
    document.sections[0].footer.paragraphs[0].text = "IBAN CH93 0076 2011 6238 5295 7"
    addresses = document.add_table(rows=1, cols=2)
    addresses.cell(0, 0).text = "Beta AG\nBahnhofstrasse 1"
    addresses.cell(0, 1).text = "Gamma SA\nRue du Lac 2"
    document.add_paragraph("Order number:\t5-2024")
    rows = (("Article", "Quantity", "Price"), ("Desk lamp", "2", "40.00"), ("Chair", "1", "99.50"))
    table = document.add_table(rows=3, cols=3)
    for cell, text in zip(table._cells, (text for row in rows for text in row), strict=True):
        cell.text = text
    output = io.BytesIO()
    document.save(output)
    return output.getvalue()


def by_hand(body: str, before: str = "", **files: bytes) -> bytes:
    """A document with this XML as its body and this before it."""
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", before + BODY.format(body))
        for name, content in files.items():
            archive.writestr(name, content)
    return output.getvalue()


def archive(name: str = "../../etc/passwd") -> bytes:
    """An archive that is no document, with one file of this name."""
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as file:
        file.writestr(name, b"x")
    return output.getvalue()
