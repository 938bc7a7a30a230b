"""Hostile and broken Office documents, mails and books: each ends in one sentence, soon, and the next one is read."""

import os
from collections.abc import Callable

import pytest

from bench.measure import cpu_seconds
from hub.extraction.readers import Readers
from hub.extraction.reading import ReadingError
from tests.reading.compound import compound, message
from tests.reading.mails import mail
from tests.reading.offices import RTF, book, packed, presentation, replaced, spreadsheet, text_document, workbook

SOON = 25.0
SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>'
SECRET = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
LAUGHS = (
    b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(12))
    + b"]>"
)
CONTENT = (
    b'<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    b'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    b'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"><office:body>%s</office:body>'
    b"</office:document-content>"
)
REPEATED = (
    b'<office:spreadsheet><table:table table:name="S"><table:table-row table:number-rows-repeated="1048576">'
    b'<table:table-cell table:number-columns-repeated="%d"><text:p>x</text:p></table:table-cell></table:table-row>'
    b"</table:table></office:spreadsheet>"
)
TOO_MUCH = "unpacks to more|more than [0-9,]+ |needs more memory|is broken"


def _row(number: int, cells: bytes) -> bytes:
    return b'<row r="%d">%s</row>' % (number, cells)


def _many_parts() -> bytes:
    letter = mail()
    for number in range(2_100):
        letter.add_attachment(b"x", maintype="a", subtype="b", filename=str(number))
    return letter.as_bytes()


def _deep_mail(depth: int) -> bytes:
    head = b"Subject: x\nMIME-Version: 1.0\n"
    return head + b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (number, number) for number in range(depth)
    )


CASES: dict[str, tuple[Callable[[], bytes], str]] = {
    "half a workbook": (lambda: workbook()[:-300], "The (workbook|archive) is broken"),
    "a workbook with entities": (
        lambda: replaced(workbook(), sheet1=LAUGHS + SHEET % _row(1, b'<c r="A1" t="str"><v>&m;</v></c>')),
        "The workbook is broken",
    ),
    "a workbook that asks for our files": (
        lambda: replaced(workbook(), sheet1=SECRET + SHEET % _row(1, b'<c r="A1" t="str"><v>&e;</v></c>')),
        "The workbook is broken",
    ),
    "a workbook that unpacks to 200 MB": (lambda: replaced(workbook(), sheet1=b" " * (200 << 20)), "unpacks to more"),
    "a sheet of a million cells": (
        lambda: replaced(workbook(), sheet1=SHEET % _row(1, b"<c><v>1</v></c>" * 1_000_001)),
        TOO_MUCH,
    ),
    "a sheet of millions of empty cells": (
        lambda: replaced(
            workbook(),
            sheet1=SHEET % b"".join(_row(n, b'<c r="XFD%d"><v>1</v></c>' % n) for n in range(1, 400)),
        ),
        TOO_MUCH,
    ),
    "half a presentation": (lambda: presentation()[:-300], "The (presentation|archive) is broken"),
    "a presentation without its slides": (
        lambda: replaced(presentation(), presentation=b"<x/>"),
        "The presentation is broken",
    ),
    "an open document with entities": (
        lambda: replaced(
            text_document(), content=LAUGHS + CONTENT % b"<office:text><text:p>&m;</text:p></office:text>"
        ),
        "is broken at line 1",
    ),
    "a deep open document": (
        lambda: replaced(text_document(), content=CONTENT % (b"<text:p>" * 5_000 + b"</text:p>" * 5_000)),
        "nested too deep",
    ),
    "an encrypted open document": (
        lambda: replaced(text_document(), manifest=b"<m><encryption-data/></m>"),
        "The document is encrypted",
    ),
    "a sheet that repeats its only row": (lambda: replaced(spreadsheet(), content=CONTENT % (REPEATED % 1)), TOO_MUCH),
    "a sheet that repeats its only cell": (
        lambda: replaced(spreadsheet(), content=CONTENT % (REPEATED % 9_999_999)),
        TOO_MUCH,
    ),
    "a binary workbook": (lambda: packed({"xl/workbook.bin": b"x"}), "binary Excel workbook"),
    "a document of Pages": (lambda: packed({"Index/Document.iwa": b"x"}), "a document of Pages, Numbers or Keynote"),
    "an old document": (lambda: compound({"WordDocument": b"x" * 5000}), "an old Office version"),
    "an encrypted workbook": (lambda: compound({"EncryptedPackage": b"x" * 5000}), "The document is encrypted"),
    "half an Outlook message": (lambda: message({0x37: "x" * 9000}, 0, {}, {})[:9000], "or it is broken"),
    "RTF with a letter that there is none of": (lambda: b"{\\rtf1\\u9999999 x}", "The RTF document is broken"),
    "a mail of thousands of parts": (_many_parts, "has more than 2,000 parts"),
    "a deep mail": (lambda: _deep_mail(3_000), "nested too deep"),
    "a book without chapters": (lambda: packed({"mimetype": b"application/epub+zip"}), "does not say which chapters"),
    "a book whose chapters lie elsewhere": (
        lambda: replaced(book({"One": "x"}), container=b'<c><rootfile full-path="../../../etc/passwd"/></c>'),
        "does not say which chapters",
    ),
    "a protected book": (
        lambda: book({"One": "x"}, {"META-INF/encryption.xml": b'<e><CipherReference URI="OPS/text/c1.xhtml"/></e>'}),
        "protected against copying",
    ),
    "a CSV of too many words": (lambda: b"a,b,c\n" + b"1,2,3\n" * 200_000, "more than 400,000 words"),
}


@pytest.mark.parametrize("case", CASES)
def test_ends_soon_in_a_sentence(readers: Readers, case: str) -> None:
    make, reason = CASES[case]
    content = make()
    before = cpu_seconds(os.getpid())
    with pytest.raises(ReadingError, match=reason):
        readers.read_now(content, "../../invoice.xlsx")
    assert cpu_seconds(os.getpid()) - before < SOON
    assert readers.read_now(b"still here").text == "still here"


def test_a_presentation_gets_none_of_our_files(readers: Readers) -> None:
    slide = (
        SECRET + b'<p:sld xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
        b'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><p:cSld><p:spTree><p:sp><p:nvSpPr>'
        b'<p:cNvPr id="2" name="x"/></p:nvSpPr><p:spPr/><p:txBody><a:p><a:r><a:t>before &e; after</a:t></a:r></a:p>'
        b"</p:txBody></p:sp></p:spTree></p:cSld></p:sld>"
    )
    assert "root:" not in readers.read_now(replaced(presentation(), slide1=slide)).text


def test_a_cell_far_away_costs_little(readers: Readers) -> None:
    sheet = SHEET % _row(1_048_576, b'<c r="XFD1048576" t="str"><v>far</v></c>')
    reading = readers.read_now(replaced(workbook(), sheet1=sheet))
    assert (reading.text, reading.tables[0].selector) == ("far\n", "'Our rows'!XFD1048576:XFD1048576")


@pytest.mark.parametrize(
    "content",
    [
        b"{\\rtf1" + b"{" * 100_000,
        b"{\\rtf1 " + b"}" * 100_000,
        b"{\\rtf1{\\pict\\bin99999999 x}}",
        b"{\\rtf1\\ansicpg99999 caf\\'e9}",
        b"{\\rtf1" + b"\\cell" * 50_000 + b"\\row}",
        b"{\\rtf1" + b'{\\field{\\*\\fldinst{ HYPERLINK "x"}}' * 5_000,
        b"{\\rtf1{\\fonttbl" + b"{\\f0\\fcharset99999999" * 5_000,
        RTF[:200],
    ],
)
def test_broken_rtf_is_read_as_far_as_it_goes(readers: Readers, content: bytes) -> None:
    before = cpu_seconds(os.getpid())
    assert readers.read_now(content).media_type == "application/rtf"
    assert cpu_seconds(os.getpid()) - before < SOON


@pytest.mark.parametrize(
    ("content", "name", "media_type"),
    [
        (workbook(), "rows.csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (text_document(), "letter.docx", "application/vnd.oasis.opendocument.text"),
        (RTF, "letter.doc", "application/rtf"),
        (mail().as_bytes(), "mail.msg", "message/rfc822"),
        (b"<html><body><table><tr><td>1</table></body></html>", "rows.xls", "text/html"),
        (packed({"a.txt": b"x"}), "invoice.pdf", "application/zip"),
        (b"a;b;c\n1;2;3\n4;5;6\n", "rows.xlsx", "text/csv"),
    ],
)
def test_goes_by_content_whatever_the_name(readers: Readers, content: bytes, name: str, media_type: str) -> None:
    assert readers.read_now(content, name).media_type == media_type
