"""One source with several records is split where one ends; one document stays one, however many pages it has."""

import io
from collections.abc import Sequence
from pathlib import Path

import pytest
from pypdf import PdfWriter

from hub.extraction.engines import Local
from hub.extraction.extract import extract_reading
from hub.extraction.parting.cuts import Cut
from hub.extraction.readers.inside import read
from hub.extraction.readers.source import Source
from hub.extraction.reading import Reading, Section
from hub.extraction.results import Extraction
from hub.extraction.schemas.starter import starter
from hub.extraction.splitting import Piece, cuts, is_whole, split
from tests.extraction.conftest import HELD_OUT, SAMPLES, schema_of
from tests.parting.bound import Draw, bound, first, more, words
from tests.reading.mails import mail, mailbox
from tests.reading.offices import packed, spreadsheet, workbook
from tests.reading.pdfs import with_files

HEADS = ("Invoice no", "Date", "Customer", "Total")
RECORDS = (("A-1", "2024-05-01", "Beta AG", "1200.50"), ("A-2", "2024-05-02", "Gamma", "7.00"))
CSV = "\n".join(";".join(row) for row in (HEADS, *RECORDS)).encode()
LINES = b"Description;Quantity;Unit price;Amount\nLamp;1;2.00;2.00\nChair;1;3.00;3.00\n"


def _split(content: bytes, schema: str = "invoice", name: str = "") -> list[Piece]:
    return split(read(Source(content, name)), starter(schema))


async def _extracted(content: bytes, name: str = "") -> Extraction:
    done = await extract_reading(read(Source(content, name)), starter("invoice"), Local(), file=name)
    return done.extraction


@pytest.mark.parametrize(
    ("pages", "expected"),
    [
        ([first(f"INV-10{n}") for n in range(5)], [(f"INV-10{n}", (n + 1, n + 1)) for n in range(5)]),
        (
            [first("INV-1", "Page 1 of 2"), more("Invoice INV-1", "Page 2 of 2"), first("INV-2", "Page 1 of 1")],
            [("INV-1", (1, 2)), ("INV-2", (3, 3))],
        ),
        ([first("INV-1"), more("continued"), first("INV-2"), words("Terms")], [("INV-1", (1, 2)), ("INV-2", (3, 4))]),
        (
            [words("Dear Ann, please find the invoices."), first("INV-1"), first("INV-2")],
            [("INV-1", (1, 2)), ("INV-2", (3, 3))],
        ),
        ([first("", "Page 1 of 1"), first("", "Page 1 of 1")], [("", (1, 1)), ("", (2, 2))]),
    ],
    ids=["one page each", "counted pages", "pages that go on", "a letter before", "counts begin anew"],
)
def test_splits_documents_bound_together(pages: list[Draw], expected: list[tuple[str, tuple[int, int]]]) -> None:
    assert [(piece.title, piece.pages) for piece in _split(bound(*pages))] == expected


@pytest.mark.parametrize(
    "pages",
    [
        [first("INV-1")],
        [first("INV-1", "Page 1 of 3"), more("", "Page 2 of 3"), more("", "Page 3 of 3")],
        [first("INV-1"), first("INV-1"), first("INV-1")],
        [first("INV-1"), words("Invoice number: INV-0 was paid in May.", "Thank you.")],
        [first("INV-1", "Page 1 of 2"), first("INV-2", "Page 2 of 2")],
        [first("INV-1"), first("INV-2"), first("INV-1")],
        [first("INV-17"), first("INV-17-2")],
        [first("INV-1"), more("Order number: PO-77"), more("Customer number: 4711")],
        [words("One", "two"), words("three")],
        [first("INV-1"), words("Terms and conditions", "Total liability: 5.00", "Invoice number: see above")],
    ],
    ids=[
        *("one page", "counted pages", "the same number", "words about another", "a count that goes on"),
        *("a number that comes back", "numbers of pages", "other numbers", "no invoice", "terms"),
    ],
)
def test_never_splits_one_document(pages: list[Draw]) -> None:
    (piece,) = _split(bound(*pages))
    assert (piece.title, piece.pages, piece.file) == ("", None, "")


def test_parts_keep_the_pages_and_words_of_the_whole() -> None:
    whole = read(Source(bound(first("INV-1"), first("INV-2"))))
    _, second = split(whole, starter("invoice"))
    part = second.reading
    assert [part.text[span.start : span.end] for span in part.spans] == part.text.split()
    assert [span.text for span in part.spans] == part.text.split()
    assert {span.id for span in part.spans} <= {span.id for span in whole.spans}
    assert {span.page for span in second.reading.spans} == {2}
    assert [page.number for page in second.reading.pages] == [2]
    assert {table.page for table in second.reading.tables} <= {2}


async def test_each_part_gives_a_record_with_its_evidence() -> None:
    extraction = await _extracted(bound(first("INV-1"), first("INV-2")), "both.pdf")
    assert [record["number"] for record in extraction.records] == ["INV-1", "INV-2"]
    assert extraction.record == extraction.records[0]
    assert [(part.title, part.pages) for part in extraction.parts] == [("INV-1", (1, 1)), ("INV-2", (2, 2))]
    (evidence,) = extraction.parts[1].fields["number"].evidence
    assert (evidence.file, evidence.page, evidence.text, evidence.verified) == ("both.pdf", 2, "INV-2", True)
    start, end = evidence.characters or (0, 0)
    assert read(Source(bound(first("INV-1"), first("INV-2")))).text[start:end] == "INV-2"
    assert extraction.fields == extraction.parts[0].fields


async def test_one_document_has_no_parts() -> None:
    extraction = await _extracted(bound(first("INV-1"), more("")))
    assert (len(extraction.records), extraction.parts) == (1, [])


@pytest.mark.parametrize(
    "content",
    [CSV, workbook([HEADS, *RECORDS]), spreadsheet([HEADS, *RECORDS]), workbook([("Open invoices",), HEADS, *RECORDS])],
)
async def test_each_row_of_a_sheet_is_a_record(content: bytes) -> None:
    extraction = await _extracted(content, "rows")
    assert [record["number"] for record in extraction.records] == ["A-1", "A-2"]
    assert [record["total"] for record in extraction.records] == [1200.5, 7.0]
    assert [record["issue_date"] for record in extraction.records] == ["2024-05-01", "2024-05-02"]
    assert [record["customer"]["name"] for record in extraction.records] == ["Beta AG", "Gamma"]
    assert [part.title for part in extraction.parts] == ["A-1", "A-2"]


async def test_a_column_of_amounts_is_no_column_of_numbers_and_a_row_has_no_lines() -> None:
    rows = b"Invoice number;Invoice date;Supplier;Net;VAT;Total\n" + b"".join(
        b"C-%d;0%d.01.2026;Firm %d GmbH;100,00;19,00;119,00\n" % (day, day, day) for day in (1, 2, 3)
    )
    extraction = await _extracted(rows, "rows.csv")
    assert [(one["tax"], one["supplier"]["tax_id"], one["lines"]) for one in extraction.records] == [
        (19.0, None, [])
    ] * 3


async def test_values_of_a_row_cite_their_cell() -> None:
    extraction = await _extracted(workbook([HEADS, *RECORDS]), "rows.xlsx")
    (evidence,) = extraction.parts[1].fields["customer.name"].evidence
    assert (evidence.selector, evidence.text, evidence.verified) == ("'Our rows'!C3", "Gamma", True)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (LINES, "lines.csv"),
        (b"\n".join(CSV.split(b"\n")[:2]), "one row.csv"),
        (b"Region;Sales;Growth\nNorth;5;1\nSouth;6;2\n", "others.csv"),
        (workbook(), ""),
        (workbook([("Invoice number", "A-1"), ("Date", "2024-05-01"), ("Total", "5.00")]), ""),
    ],
    ids=["line items", "one record", "other columns", "cells of all kinds", "a form"],
)
def test_a_sheet_that_is_one_document_stays_whole(content: bytes, name: str) -> None:
    assert len(_split(content, name=name)) == 1


def test_sums_below_the_records_are_none() -> None:
    assert [piece.title for piece in _split(CSV + b"\n;;;1207.50\n", name="rows.csv")] == ["A-1", "A-2"]


async def test_the_document_of_a_mail_is_what_is_attached_to_it() -> None:
    letter = mail(files={"invoice.pdf": bound(first("INV-1")), "terms.txt": b"Terms and conditions apply."})
    extraction = await _extracted(letter.as_bytes(), "mail.eml")
    assert (extraction.record["number"], len(extraction.records)) == ("INV-1", 1)
    (evidence,) = extraction.fields["number"].evidence
    assert (evidence.file, evidence.page) == ("mail.eml#invoice.pdf", 1)


def test_two_invoices_attached_to_a_mail_are_two_records() -> None:
    files = {f"{number}.pdf": bound(first(number)) for number in ("INV-1", "INV-2")}
    assert [piece.file for piece in _split(mail(files=files).as_bytes())] == ["INV-1.pdf", "INV-2.pdf"]


def test_a_mail_that_is_the_document_itself_stays_whole() -> None:
    text = "Invoice number: INV-9\nInvoice date: 2024-05-01\nTotal: 5.00\n"
    (piece,) = _split(mail(text=text, files={"terms.txt": b"Terms and conditions apply."}).as_bytes())
    assert piece.file == ""


def test_what_a_mail_states_holds_for_what_is_attached() -> None:
    letter = mail(files={"invoice.pdf": bound(first("INV-1"))})
    (piece,) = _split(letter.as_bytes())
    assert [(file.kind, file.name) for file in piece.reading.embedded] == [("mail", "header")]


def test_every_document_of_an_archive_is_a_record() -> None:
    both = bound(first("INV-2"), first("INV-3"))
    pieces = _split(packed({"in/a.pdf": bound(first("INV-1")), "b.pdf": both, "readme.txt": b"Unpack me."}))
    assert [(piece.title, piece.file, piece.pages) for piece in pieces] == [
        ("a.pdf", "a.pdf", None),
        ("INV-2", "b.pdf", (1, 1)),
        ("INV-3", "b.pdf", (2, 2)),
    ]


def test_a_short_document_beside_a_full_one_in_an_archive_is_kept() -> None:
    short = b"Invoice number: Z-2\nInvoice date: 2026-01-01\nTotal: 10.00 EUR\n"
    pieces = _split(packed({"full.pdf": bound(first("INV-1")), "short.txt": short}))
    assert [piece.file for piece in pieces] == ["full.pdf", "short.txt"]


def test_documents_deep_in_a_mailbox_are_found() -> None:
    letters = mailbox(
        mail("One", files={"a.pdf": bound(first("INV-1"))}), mail("Two", files={"b.pdf": bound(first("INV-2"))})
    )
    pieces = _split(letters)
    assert [piece.file for piece in pieces] == ["mail-1.eml#a.pdf", "mail-2.eml#b.pdf"]


def test_files_attached_to_a_pdf_do_not_replace_it() -> None:
    (piece,) = _split(with_files(bound(first("INV-1")), {"hours.csv": LINES}))
    assert piece.file == ""


def test_documents_in_a_pdf_that_says_nothing_are_found() -> None:
    portfolio = with_files(bound(words("Open this in a newer program.")), {"a.pdf": bound(first("INV-1"))})
    assert [piece.file for piece in _split(portfolio)] == ["a.pdf"]


def test_sections_that_a_reader_marked_are_records() -> None:
    reading = Reading(
        media_type="text/plain",
        source="0" * 64,
        text="one two\nthree",
        sections=(Section(start=0, end=8, title="first"), Section(start=8, end=13, title="second")),
    )
    assert cuts(reading, schema_of(name="string")) == [
        Cut(title="first", ranges=((0, 8),)),
        Cut(title="second", ranges=((8, 13),)),
    ]


@pytest.mark.parametrize("content", [b"plain words", b"<html><body><p>one</p></body></html>", bound(first("INV-1"))])
def test_tells_what_needs_no_search(content: bytes) -> None:
    assert is_whole(read(Source(content)))


@pytest.mark.parametrize("schema", ["article", "cv", "contract", "receipt"])
def test_a_long_document_of_another_kind_stays_whole(schema: str) -> None:
    pages = [words(f"Chapter {number}", "Title: A long tale", "Date: 2024-05-01", "Total: 5.00") for number in range(9)]
    assert len(_split(bound(*pages), schema)) == 1


async def test_values_that_the_rules_find_in_a_sheet_cite_their_cell() -> None:
    rows = [("Invoice number", "A-77"), ("Invoice date", "2024-05-01"), ("Total", 5.0)]
    extraction = await _extracted(workbook(rows), "invoice.xlsx")
    (evidence,) = extraction.fields["number"].evidence
    assert (extraction.record["number"], evidence.selector) == ("A-77", "'Our rows'!B1")


async def test_what_cannot_be_read_in_an_attachment_is_told() -> None:
    letter = mail(files={"invoice.pdf": with_files(bound(first("INV-1")), {"x.pdf": b"%PDF-1.7 broken"})})
    extraction = await _extracted(letter.as_bytes())
    assert any(one.message.startswith("invoice.pdf: x.pdf: The PDF is broken") for one in extraction.problems)


def _joined(paths: Sequence[Path]) -> bytes:
    writer = PdfWriter()
    for path in paths:
        writer.append(path)
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


@pytest.mark.parametrize(
    ("names", "titles"),
    [
        (["invoice-timber-en", "rechnung-wasserfilter-at"], ["HT-20417", "AQ-700451"]),
        (["invoice-landscaping-us", "invoice-grid-us", "invoice-hours-nl"], ["1042", "10045", "2026-19"]),
        (["facture-studio-fr", "rechnung-moebel-de", "fattura-officina-it"], ["2026-F-0315", "2026-000871", "2026/55"]),
    ],
)
def test_splits_documents_of_different_makes(names: list[str], titles: list[str]) -> None:
    found = [next(path for folder in (SAMPLES, HELD_OUT) for path in folder.glob(f"{name}.pdf")) for name in names]
    pieces = _split(_joined(found))
    assert len(pieces) == len(names)
    assert [piece.title for piece in pieces] == titles


@pytest.mark.parametrize("path", sorted([*SAMPLES.glob("*.pdf"), *HELD_OUT.glob("*.pdf")]), ids=lambda path: path.stem)
def test_no_document_of_ours_is_split(path: Path) -> None:
    reading = read(Source(path.read_bytes()))
    assert [len(cuts(reading, starter(name))) for name in ("invoice", "purchase_order", "contract")] == [1, 1, 1]
