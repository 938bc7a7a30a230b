"""Presentations, workbooks, CSV, OpenDocument, RTF and books: what people see, with tables and the names of cells."""

import pytest

from hub.extraction.cells import Cells, cell_selector
from hub.extraction.readers import Readers
from hub.extraction.reading import Reading, Table
from tests.reading.offices import RTF, book, presentation, spreadsheet, text_document, workbook

LINES = [["Article", "Quantity", "Price"], ["Desk lamp", "2", "40.00"], ["Chair", "1", "99.50"]]


def _texts(table: Table) -> list[list[str]]:
    return [[cell.text for cell in row] for row in table.rows]


def _lines(reading: Reading) -> list[str]:
    return [line for line in reading.text.split("\n") if line]


def test_reads_a_presentation_from_top_to_bottom(readers: Readers) -> None:
    reading = readers.read_now(presentation())
    assert _lines(reading) == [
        "Order confirmation",
        "Order number:   5-2024",
        "Thanks",
        "Article   Quantity   Price",
        "Desk lamp   2   40.00",
        "Chair   1   99.50",
        "Say it slowly",
    ]
    assert [_texts(table) for table in reading.tables] == [LINES]
    assert (reading.metadata.title, reading.media_type.rpartition(".")[2]) == ("Quarter", "presentation")


def test_reads_a_workbook_as_its_cells_show(readers: Readers) -> None:
    reading = readers.read_now(workbook(hidden=True))
    assert [table.selector for table in reading.tables] == ["'Our rows'!B2:C2", "'Our rows'!A4:D6"]
    assert _texts(reading.tables[1]) == [
        ["Article", "Share", "Price", "Day"],
        ["Lamp", "12.5%", "40.50 €", "2024-05-01"],
        ["Chair", "1", "99.9990", "2024-05-01 12:30:00"],
    ]
    assert reading.tables[1].header
    assert reading.problems == ('The hidden sheet "secret" was left out. Show it to have it read.',)


def test_names_the_cells_of_sheets(readers: Readers) -> None:
    reading = readers.read_now(workbook())
    lamp = reading.text.index("Lamp")
    assert Cells(reading).at(lamp, lamp + 4) == "'Our rows'!A5"
    assert cell_selector(reading.tables[1], reading.tables[1].rows[2][3]) == "'Our rows'!D6"
    number = reading.text.index("5-2024")
    assert Cells(reading).at(number, number + 6) == "'Our rows'!C2"


def test_names_the_cells_of_other_tables(readers: Readers) -> None:
    reading = readers.read_now(presentation())
    assert cell_selector(reading.tables[0], reading.tables[0].rows[1][0]) == "table[1]/row[2]/cell[1]"
    assert Cells(reading).at(0, 5) is None


def test_reads_an_open_text_document(readers: Readers) -> None:
    reading = readers.read_now(text_document())
    assert _lines(reading)[:3] == ["Order confirmation", "Order number:   5-2024", "Article   Quantity   Price"]
    assert [_texts(table) for table in reading.tables] == [LINES]
    assert (reading.media_type, reading.metadata.title) == ("application/vnd.oasis.opendocument.text", "Order 5")


def test_reads_an_open_spreadsheet_with_its_days_as_iso_dates(readers: Readers) -> None:
    reading = readers.read_now(spreadsheet())
    assert [_texts(table) for table in reading.tables] == [[["Name", "Amount", "Day"], ["A", "1.5", "2024-05-01"]]]
    assert reading.tables[0].selector == "Rows!A1:C2"


def test_reads_rtf_with_its_cells(readers: Readers) -> None:
    reading = readers.read_now(RTF)
    assert _lines(reading) == [
        "Dear Ms Müller,",
        "Order number:   5-2024",
        "Article   Quantity   Price",
        "Desk lamp blue   2   40.00",
        "Total: € 40.00 | fine",
    ]
    assert [_texts(table) for table in reading.tables] == [[*LINES[:1], ["Desk lamp blue", "2", "40.00"]]]
    assert (reading.media_type, reading.metadata.title) == ("application/rtf", "Order 5")


def test_reads_a_book_in_the_order_of_its_chapters(readers: Readers) -> None:
    reading = readers.read_now(book({"First": "It began.", "Second": "It ended."}))
    assert _lines(reading) == ["First", "It began.", "Second", "It ended."]
    assert (reading.metadata.title, reading.metadata.author) == ("Two tales", "Ann Author")


@pytest.mark.parametrize(
    ("text", "name", "encoding"),
    [
        ('number;customer;total\nA-1;"Beta; AG";1.200,50\nA-2;"Gamma\nSA";7,00\n', "rows.csv", "cp1252"),
        ("number,customer,total\nA-1,Beta; AG,1.200\\,50\nA-2,Gamma SA,x\n".replace("\\,", ";"), "", "utf-8"),
        ("number\tcustomer\ttotal\nA-1\tBeta; AG\t1.200,50\nA-2\tGamma SA\t7,00\n", "rows.tsv", "utf-16"),
        ("number|customer|total\r\nA-1|Größe|1\r\nA-2|Gamma SA|7\r\n", "", "cp1252"),
    ],
)
def test_finds_what_parts_the_cells_of_a_csv(readers: Readers, text: str, name: str, encoding: str) -> None:
    reading = readers.read_now(text.encode(encoding), name)
    assert reading.media_type == "text/csv"
    assert _texts(reading.tables[0])[0] == ["number", "customer", "total"]
    assert [row[0].text for row in reading.tables[0].rows] == ["number", "A-1", "A-2"]
    assert reading.tables[0].rows[2][1].text == "Gamma SA"


@pytest.mark.parametrize(
    "text",
    [
        "Dear Ann, dear Bob,\nwe met in May, in Rome, and liked it.\nYours, Cy\n",
        "Invoice 17\nLamp, blue, 2, 40.00\nTotal, EUR, net, 40.00\n",
        "one, two, three\n",
    ],
)
def test_text_with_commas_is_no_csv(readers: Readers, text: str) -> None:
    assert readers.read_now(text.encode()).media_type == "text/plain"


def test_a_csv_with_broken_quotes_loses_nothing(readers: Readers) -> None:
    reading = readers.read_now(b'a,b,c\n1,"two,3\n4,5,6\n' + b'7,"8,9\n' * 2, "rows.csv")
    assert [word for word in ("two", "4", "9") if word not in reading.text] == []


@pytest.mark.parametrize(
    ("content", "language"),
    [
        (text_document(), "en"),
        (b"Sehr geehrte Damen und Herren, anbei erhalten Sie die Rechnung mit der Bitte um Zahlung.", "de"),
        ("Прошу оплатить счёт за услуги: это сумма на май, как мы писали из Москвы.".encode(), "ru"),
        ("請求書の合計金額は次のとおりです。お支払いは月末までにお願いいたします。".encode(), "ja"),
        (b"Vennligst betal fakturaen innen fjorten dager. Vi takker for at du ikke venter.", "no"),
        ("Lütfen bu faturayı on gün içinde ödeyiniz. Teşekkürler ve iyi günler için.".encode(), "tr"),
        (b"17 40.00", ""),
    ],
)
def test_tells_the_language_where_the_words_do(readers: Readers, content: bytes, language: str) -> None:
    assert readers.read_now(content).language == language
