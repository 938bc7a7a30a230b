"""What is cited says the value: the words in the box, read again by themselves."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from hub.extraction.assemble import CONCLUDED, UNVERIFIED, assemble
from hub.extraction.confidence.curves import Calibration, Curve
from hub.extraction.engines import Local
from hub.extraction.extract import extract_reading
from hub.extraction.findings import Finding
from hub.extraction.readers.inside import read
from hub.extraction.readers.source import Source
from hub.extraction.reading import Reading
from hub.extraction.results import Evidence
from hub.extraction.schemas.fields import Field, Format, leaves
from hub.extraction.schemas.starter import starter
from hub.extraction.values.conventions import conventions_of
from hub.extraction.values.typed import normalise
from tests.extraction.conftest import HELD_OUT, SAMPLES, schema_of

INVOICES = sorted(path for folder in (SAMPLES, HELD_OUT) for path in folder.glob("*.pdf") if "voice" in path.name)


def reading_of(path: Path) -> Reading:
    return read(Source(path.read_bytes(), path.name))


def words_in(reading: Reading, evidence: Evidence) -> str:
    """The words that lie in a box, from left to right."""
    assert evidence.box is not None
    left, top, right, bottom = evidence.box
    inside = [
        span
        for span in reading.spans
        if span.box
        and span.page == evidence.page
        and left <= (span.box[0] + span.box[2]) / 2 <= right
        and top <= (span.box[1] + span.box[3]) / 2 <= bottom
    ]
    return " ".join(span.text for span in sorted(inside, key=lambda span: span.box or (0, 0, 0, 0)))


@pytest.mark.parametrize("path", INVOICES, ids=lambda path: path.name)
async def test_the_words_in_a_box_are_the_cited_text_and_lie_on_the_page(path: Path):
    reading = reading_of(path)
    done = await extract_reading(reading, starter("invoice"), Local(), file=path.name)
    cited = [one for field in done.extraction.fields.values() for one in field.evidence]
    sizes = {page.number: (page.width, page.height) for page in reading.pages}
    boxed = [one for one in cited if one.box and one.page]
    assert len(boxed) == len(cited) > 15
    assert [one.text for one in boxed if one.text not in words_in(reading, one)] == []
    assert all(one.verified for one in cited)
    assert all(one.box[2] <= sizes[one.page][0] and one.box[3] <= sizes[one.page][1] for one in boxed)  # type: ignore[index]  # checked above


async def test_the_text_in_a_box_normalises_to_the_value():
    reading = reading_of(SAMPLES / "rechnung-elektro-de.pdf")
    done = await extract_reading(reading, starter("invoice"), Local(), file="r.pdf")
    fields = {leaf.path: leaf.field for leaf in leaves(starter("invoice").spec.fields)}
    conventions = conventions_of(reading.text)
    single = ["issue_date", "due_date", "net", "tax", "total", "iban", "currency"]
    read_again = {
        path: normalise(fields[path], words_in(reading, done.extraction.fields[path].evidence[0]), conventions)
        for path in single
    }
    assert read_again == {path: done.extraction.record[path] for path in single}


def test_a_value_that_its_place_does_not_say_is_not_reported():
    reading = read(Source(b"Total: 12.00 EUR", "t.txt"))
    wrong = Finding(value=13.0, confidence=0.9, engine="layout", places=((7, 12),))
    right = Finding(value=12.0, confidence=0.9, engine="layout", places=((7, 12),))
    unplaced = Finding(value="EUR", confidence=0.9, engine="layout")
    schema = starter("invoice")
    assert assemble(reading, schema, {"total": wrong, "currency": unplaced}, "t").record["total"] is None
    assert assemble(reading, schema, {"total": right}, "t").record["total"] == 12.0
    assert assemble(reading, schema, {"total": right, "currency": unplaced}, "t").record["currency"] is None


async def test_values_of_an_embedded_invoice_cite_the_file_and_the_element():
    path = SAMPLES / "rechnung-wasserfilter-at.pdf"
    done = await extract_reading(reading_of(path), starter("invoice"), Local(), file="w.pdf")
    total = done.extraction.fields["total"]
    assert (total.engine, total.evidence[0].text, total.evidence[0].file) == (
        "embedded",
        "504.00",
        "w.pdf#factur-x.xml",
    )
    assert (total.evidence[0].selector or "").endswith("/GrandTotalAmount")
    assert all(one.verified for field in done.extraction.fields.values() for one in field.evidence)


def test_a_string_is_compared_without_white_space_and_case():
    assert normalise(Field(name="iban", format=Format.IBAN), "de89 3704 0044 0532 0130 00", conventions_of("")) == (
        "DE89370400440532013000"
    )


def place_of(reading: Reading, word: str) -> tuple[int, int]:
    """The characters of a word."""
    start = reading.text.index(word)
    return start, start + len(word)


def test_a_box_in_which_something_else_stands_is_not_verified_and_says_so():
    reading = reading_of(SAMPLES / "invoice-timber-en.pdf")
    finding = Finding(value="HT-20417", confidence=0.9, engine="layout", places=(place_of(reading, "HT-20417"),))
    moved = tuple(
        msgspec.structs.replace(span, box=(10.0, 800.0, 40.0, 810.0)) if span.text == "HT-20417" else span
        for span in reading.spans
    )
    elsewhere = tuple(
        msgspec.structs.replace(span, box=(10.0, 800.0, 40.0, 810.0)) if span.text == "Harrowgate" else span
        for span in moved
    )
    good = assemble(msgspec.structs.replace(reading, spans=moved), starter("invoice"), {"number": finding}, "t")
    assert [one.verified for one in good.fields["number"].evidence] == [True]
    first = next(span for span in elsewhere if span.text == "HT-20417")
    shuffled = tuple(
        msgspec.structs.replace(span, text="HT-99999") if span.id == first.id else span for span in elsewhere
    )
    doubted = assemble(msgspec.structs.replace(reading, spans=shuffled), starter("invoice"), {"number": finding}, "t")
    field = doubted.fields["number"]
    assert (field.value, [one.verified for one in field.evidence]) == ("HT-20417", [False])
    assert [problem.message for problem in field.problems] == [UNVERIFIED]


def test_what_was_only_concluded_says_so():
    reading = read(Source(b"The parcel arrived broken.", "t.txt"))
    schema = schema_of(damaged="boolean", mood={"type": "enum", "options": ["good", "bad"]})
    findings = {
        "damaged": Finding(value=True, confidence=0.6, engine="llm"),
        "mood": Finding(value="bad", confidence=0.6, engine="llm", places=(place_of(reading, "broken"),)),
    }
    fields = assemble(reading, schema, findings, "t").fields
    assert [problem.message for problem in fields["damaged"].problems] == [CONCLUDED]
    assert [problem.message for problem in fields["mood"].problems] == [UNVERIFIED]
    assert (fields["damaged"].evidence, fields["mood"].evidence[0].verified) == ((), False)


def test_an_embedded_value_that_the_file_writes_otherwise_is_not_verified():
    reading = read(Source(b"Invoice", "t.txt"))
    stated = Finding(value=12.0, confidence=0.99, engine="embedded", selector="/Total", file="x.xml", written="120.00")
    field = assemble(reading, starter("invoice"), {"total": stated}, "t").fields["total"]
    assert ([one.verified for one in field.evidence], len(field.problems)) == ([False], 1)


def test_words_of_a_recording_cite_when_they_were_said():
    heard = read(Source(b"total 12.00 EUR", "t.txt"))
    spans = tuple(
        msgspec.structs.replace(span, seconds=(float(number), number + 0.5)) for number, span in enumerate(heard.spans)
    )
    reading = msgspec.structs.replace(heard, spans=spans)
    found = Finding(value=12.0, confidence=0.9, engine="layout", places=(place_of(reading, "12.00"),))
    cited = assemble(reading, starter("invoice"), {"total": found}, "t").fields["total"].evidence
    assert [(one.seconds, one.verified) for one in cited] == [((1.0, 1.5), True)]


def test_words_that_are_hard_to_read_lower_the_score():
    clear = read(Source(b"total 12.00 EUR", "t.txt"))
    blurred = msgspec.structs.replace(
        clear, spans=tuple(msgspec.structs.replace(span, confidence=0.5) for span in clear.spans)
    )
    found = {"total": Finding(value=12.0, confidence=0.9, engine="layout", places=(place_of(clear, "12.00"),))}
    scores = [assemble(one, starter("invoice"), found, "t").fields["total"].score for one in (clear, blurred)]
    assert scores == [0.9, 0.45]


def test_confidence_follows_the_curves_and_the_score_stays():
    reading = read(Source(b"total 12.00 EUR", "t.txt"))
    found = {"total": Finding(value=12.0, confidence=0.9, engine="layout", places=(place_of(reading, "12.00"),))}
    curves = Calibration({"layout": Curve(((0.0, 0.1), (1.0, 0.3)))})
    field = assemble(reading, starter("invoice"), found, "t", curves).fields["total"]
    assert (field.score, field.confidence) == (0.9, 0.28)
