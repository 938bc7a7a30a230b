"""PDF: words stand where a person sees them, whatever the page went through."""

import pytest
from reportlab.lib.pagesizes import A4

from hub.extraction.readers import Readers
from hub.extraction.reading import Box, lines, segments
from tests.reading.pdfs import article, cropped, greeting, invoice, nothing, pdf, priced, rotated, upwards, with_files

WIDTH, HEIGHT = A4
# "Hello" as drawn: 12 points high with its base line 200 points below the top.
HELLO = (100.0, 188.5, 127.4, 202.5)


def test_gives_each_word_its_characters_page_and_box(readers: Readers) -> None:
    reading = readers.read_now(pdf(greeting, pages=2))
    assert reading.text == "Hello World\n\nHello World\n"
    assert [(span.text, span.page, reading.text[span.start : span.end]) for span in reading.spans] == [
        ("Hello", 1, "Hello"),
        ("World", 1, "World"),
        ("Hello", 2, "Hello"),
        ("World", 2, "World"),
    ]
    assert reading.spans[0].box == pytest.approx(HELLO, abs=2)


def test_reads_the_same_twice(readers: Readers) -> None:
    content = pdf(invoice)
    assert readers.read_now(content) == readers.read_now(content)


@pytest.mark.parametrize(
    ("angle", "box", "size"),
    [
        (90, (HEIGHT - HELLO[3], HELLO[0], HEIGHT - HELLO[1], HELLO[2]), (HEIGHT, WIDTH)),
        (180, (WIDTH - HELLO[2], HEIGHT - HELLO[3], WIDTH - HELLO[0], HEIGHT - HELLO[1]), (WIDTH, HEIGHT)),
        (270, (HELLO[1], WIDTH - HELLO[2], HELLO[3], WIDTH - HELLO[0]), (HEIGHT, WIDTH)),
    ],
)
def test_boxes_are_those_of_the_page_as_shown(
    readers: Readers, angle: int, box: Box, size: tuple[float, float]
) -> None:
    reading = readers.read_now(rotated(pdf(greeting), angle))
    assert reading.text == "Hello World\n"
    assert reading.spans[0].box == pytest.approx(box, abs=2)
    assert (reading.pages[0].width, reading.pages[0].height) == pytest.approx(size, abs=1)
    assert reading.pages[0].rotation == angle


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_a_page_whose_words_all_run_another_way_is_turned_upright(readers: Readers, angle: int) -> None:
    upright = readers.read_now(pdf(invoice))
    reading = readers.read_now(rotated(pdf(invoice), angle))
    assert reading.text == upright.text
    assert (reading.pages[0].width, reading.pages[0].height) == (upright.pages[0].width, upright.pages[0].height)
    assert [span.box for span in reading.spans] == [pytest.approx(span.box, abs=2) for span in upright.spans]


def test_boxes_count_from_where_the_page_is_cut(readers: Readers) -> None:
    reading = readers.read_now(cropped(pdf(greeting), left=30, top=50))
    assert reading.spans[0].box == pytest.approx((HELLO[0] - 30, HELLO[1] - 50, HELLO[2] - 30, HELLO[3] - 50), abs=2)
    assert reading.pages[0].width == pytest.approx(WIDTH - 30, abs=1)


def test_lines_that_run_up_the_page_stay_lines(readers: Readers) -> None:
    assert readers.read_now(pdf(upwards)).text == "first line going up\nsecond line\n"


def test_keeps_what_stands_apart_apart(readers: Readers) -> None:
    reading = readers.read_now(pdf(invoice))
    parts = [[part.text for part in segments(reading, line)] for line in lines(reading)[:2]]
    assert parts == [["Acme GmbH", "Invoice number: INV-17"], ["Hauptstraße 5", "Date: 2024-05-01"]]


def test_finds_the_table_and_joins_a_text_over_two_rows(readers: Readers) -> None:
    (table,) = readers.read_now(pdf(invoice)).tables
    assert table.header
    assert [[cell.text for cell in row] for row in table.rows] == [
        ["Description", "Quantity", "Unit price", "Amount"],
        ["Widget, blue, with a long name second row of text", "2", "49.00", "98.00"],
        ["Consulting", "1", "20.00", "20.00"],
    ]


@pytest.mark.parametrize("align", ["TOP", "MIDDLE", "BOTTOM"])
def test_texts_of_several_lines_stay_with_their_row(readers: Readers, align: str) -> None:
    (table,) = readers.read_now(priced(align)).tables
    long = "Consulting and development in the project Apollo, in its second and last phase"
    assert [[cell.text for cell in row] for row in table.rows] == [
        ["Pos", "Description", "Quantity", "Price", "Amount"],
        ["1", "Licence", "2", "050.00", "000.00"],
        ["2", long, "2", "150.00", "100.00"],
        ["3", "Licence", "2", "250.00", "200.00"],
        ["4", long, "2", "350.00", "300.00"],
    ]


def test_running_text_is_read_column_by_column(readers: Readers) -> None:
    text = readers.read_now(pdf(article)).text.splitlines()
    assert text[0].startswith("A title")
    assert [line.split()[:3] for line in text[1:9]] == [["left", "line", str(number)] for number in range(8)]
    assert [line.split()[:3] for line in text[9:17]] == [["right", "line", str(number)] for number in range(8)]
    assert text[17].startswith("A last line")


def test_cells_cite_their_words(readers: Readers) -> None:
    reading = readers.read_now(pdf(invoice))
    cell = reading.tables[0].rows[1][3]
    (span,) = (span for span in reading.spans if span.id in cell.spans)
    assert (span.text, span.box) == ("98.00", cell.box)


def test_keeps_metadata(readers: Readers) -> None:
    metadata = readers.read_now(pdf(greeting)).metadata
    assert (metadata.title, metadata.author) == ("Invoice 17", "Acme")


def test_says_which_pages_have_no_text(readers: Readers) -> None:
    reading = readers.read_now(pdf(nothing, pages=2))
    assert reading.problems == ("No words were found on pages 1, 2.",)


def test_gives_the_files_inside_under_plain_labels(readers: Readers) -> None:
    reading = readers.read_now(with_files(pdf(greeting), {"../../etc/notes.txt": b"hello"}))
    assert [(file.kind, file.name, file.media_type, file.content) for file in reading.embedded] == [
        ("attachment", "notes.txt", "text/plain", b"hello")
    ]


def test_opens_what_asks_for_no_password(readers: Readers) -> None:
    assert readers.read_now(pdf(greeting, password="")).text == "Hello World\n"
