"""Text, Markdown, HTML, DOCX and XML: the words people see, with their tables."""

import pytest

from hub.extraction.readers import Readers
from hub.extraction.reading import Reading, Table, lines
from tests.reading.docxs import by_hand, letter

PAGE = """<!doctype html><html lang="de"><head><title>Angebot Ä</title><style>p {}</style>
<meta property="og:site_name" content="Beispiel"><meta name="author" content="Eva">
<script type="application/ld+json">{"@type": "Article"}</script></head>
<body><h1>Angebot</h1><script>document.write("no")</script><p>Guten   <b>Ta</b>g &euro;&nbsp;5</p>
<table><thead><tr><th>Ware<th>Menge<th>Preis</thead><tr><td>Lampe<br>blau<td>2<td>40,00
<tr><td colspan=2>Summe<td>40,00</table>
<table><tr><td><p>Links</p><p>unten</p></td><td>Rechts</td></tr></table>
<div style="display: none">unsichtbar</div><template>no</template><pre>a  b
c</pre></body></html>"""
MARKED = """---
title: Notes
author: Ann
---
# Invoice **17**

- Total: `118.00`
- See [the shop](https://shop.example)

| Item | Qty | Price |
|------|:---:|------:|
| Lamp | 2   | 40.00 |

```
| not | a table |
```
"""


def _texts(table: Table) -> list[list[str]]:
    return [[cell.text for cell in row] for row in table.rows]


def _words(reading: Reading) -> list[str]:
    return [reading.text[span.start : span.end] for span in reading.spans]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Zahlbar bis 3. März, Größe € 5", "utf-8"),
        ("Zahlbar bis 3. März, Größe € 5", "utf-8-sig"),
        ("Zahlbar bis 3. März, Größe € 5", "utf-16"),
        ("Zahlbar bis 3. März", "utf-16-le"),
        ("Zahlbar bis 3. März", "utf-16-be"),
        ("Zahlbar bis 3. März, Größe € 5", "cp1252"),
        ("Facture n° 12, échéance à réception", "latin-1"),
        ("Faktura za usługi księgowe, do zapłaty sześćset", "cp1250"),
        ("Příliš žluťoučký kůň", "cp1250"),
        ("Keine 5 m³ Größe", "cp1252"),
        ("Счёт на оплату услуг за май", "cp1251"),
    ],
)
def test_reads_text_in_the_encoding_it_came_in(readers: Readers, text: str, encoding: str) -> None:
    reading = readers.read_now(text.encode(encoding))
    assert (reading.text, reading.media_type) == (text, "text/plain")
    assert _words(reading) == text.split()


def test_lines_of_text_are_lines(readers: Readers) -> None:
    reading = readers.read_now(b"one two\r\n\r\nthree\rfour")
    assert [line.text for line in lines(reading)] == ["one two", "three", "four"]


def test_reads_html_as_it_is_shown(readers: Readers) -> None:
    reading = readers.read_now(PAGE.encode())
    assert reading.text.split("\n") == [
        "Angebot",
        "Guten Tag € 5",
        "Ware   Menge   Preis",
        "Lampe blau   2   40,00",
        "Summe   40,00",
        "Links",
        "unten",
        "Rechts",
        "a  b",
        "c",
        "",
    ]
    assert [_texts(table) for table in reading.tables] == [
        [["Ware", "Menge", "Preis"], ["Lampe blau", "2", "40,00"], ["Summe", "", "40,00"]]
    ]
    assert reading.tables[0].header


def test_keeps_what_html_says_about_itself(readers: Readers) -> None:
    reading = readers.read_now(PAGE.encode())
    metadata = reading.metadata
    assert (metadata.title, metadata.author, metadata.language) == ("Angebot Ä", "Eva", "de")
    assert metadata.properties["og:site_name"] == "Beispiel"
    assert [(file.kind, file.content) for file in reading.embedded] == [("schema.org", b'{"@type": "Article"}')]


def test_believes_the_encoding_a_page_declares(readers: Readers) -> None:
    page = '<html><head><meta charset="windows-1251"></head><body>Счёт 5</body></html>'
    assert readers.read_now(page.encode("cp1251")).text == "Счёт 5\n"


def test_reads_markdown_without_its_marks(readers: Readers) -> None:
    reading = readers.read_now(MARKED.encode(), "notes.md")
    assert (reading.media_type, reading.metadata.title, reading.metadata.author) == ("text/markdown", "Notes", "Ann")
    assert [line.text for line in lines(reading)][:3] == ["Invoice 17", "Total: 118.00", "See the shop"]
    assert [_texts(table) for table in reading.tables] == [[["Item", "Qty", "Price"], ["Lamp", "2", "40.00"]]]
    assert "| not | a table |" in reading.text


def test_reads_a_word_document_from_header_to_footer(readers: Readers) -> None:
    reading = readers.read_now(letter())
    assert reading.text.split("\n") == [
        "Beta AG, Zürich",
        "Beta AG",
        "Bahnhofstrasse 1",
        "Gamma SA",
        "Rue du Lac 2",
        "Order number:   5-2024",
        "Article   Quantity   Price",
        "Desk lamp   2   40.00",
        "Chair   1   99.50",
        "IBAN CH93 0076 2011 6238 5295 7",
    ]
    assert [_texts(table)[1] for table in reading.tables] == [["Desk lamp", "2", "40.00"]]
    assert (reading.metadata.title, reading.metadata.author) == ("Order 5", "Beta AG")


def test_leaves_out_what_tracked_changes_deleted(readers: Readers) -> None:
    body = "<w:p><w:r><w:t>kept</w:t></w:r><w:del><w:r><w:delText>gone</w:delText></w:r></w:del></w:p>"
    assert readers.read_now(by_hand(body)).text == "kept"


def test_cells_cite_the_words_of_the_text(readers: Readers) -> None:
    reading = readers.read_now(letter())
    cited = [span.text for span in reading.spans if span.id in reading.tables[0].rows[1][0].spans]
    assert cited == ["Desk", "lamp"]


def test_reads_any_xml_as_named_lines(readers: Readers) -> None:
    reading = readers.read_now(b'<?xml version="1.0"?><order><number>5</number><buyer><name>Ann</name></buyer></order>')
    assert (reading.media_type, reading.text) == ("application/xml", "order number: 5\nbuyer name: Ann\n")


@pytest.mark.parametrize(
    ("content", "name", "media_type"),
    [
        (b"<html><body><p>hello</p></body></html>", "invoice.pdf", "text/html"),
        (b"hello", "invoice.docx", "text/plain"),
        (letter(), "letter.txt", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (b"# Hello", "readme.md", "text/markdown"),
        (b"# Hello", "../../etc/passwd", "text/plain"),
    ],
)
def test_goes_by_content_whatever_the_name(readers: Readers, content: bytes, name: str, media_type: str) -> None:
    assert readers.read_now(content, name).media_type == media_type


def test_says_when_there_is_no_text(readers: Readers) -> None:
    assert readers.read_now(b"  \n").problems == ("There is no text in the document.",)
