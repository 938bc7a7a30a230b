"""Long scans are read in several calls and joined as if it had been one."""

from time import monotonic

import pytest
from msgspec.structs import replace

from hub.extraction.readers import Options, Readers
from hub.extraction.readers.inside import read
from hub.extraction.readers.lots import MOST, MOST_INSIDE, Part, joined, reading_of
from hub.extraction.readers.source import Lot, Source
from hub.extraction.reading import Page, Reading
from tests.reading.pdfs import greeting, invoice, pdf, with_files
from tests.reading.scans import drawn, encoded

HELLO = drawn(pdf(greeting), dpi=120)[0]


def _part(content: bytes, first: int, last: int) -> Reading:
    return read(Source(content, "", Options(pages=(first, last))))


def test_joins_parts_to_what_reading_at_once_gives() -> None:
    content = pdf(invoice, pages=3)
    assert joined([_part(content, 1, 1), _part(content, 2, 3)]) == read(Source(content))


def test_takes_attachments_once() -> None:
    content = with_files(pdf(greeting, pages=2), {"notes.txt": b"hello"})
    assert len(joined([_part(content, 1, 1), _part(content, 2, 2)]).embedded) == 1


def test_stops_after_a_page_when_the_time_is_up() -> None:
    lot = Lot(until=monotonic())
    reading = read(Source(encoded([HELLO, HELLO, HELLO], "TIFF"), lot=lot))
    assert ([page.number for page in reading.pages], lot.rest) == ([1], 2)


def test_goes_on_where_it_stopped() -> None:
    asked = reading_of(Source(b"x", options=Options(pages=(1, 9))))
    first = next(asked)
    reading = Reading(media_type="image/tiff", source="", text="one\n", pages=(Page(number=1, width=9, height=9),))
    second = asked.send(Part(reading, 2))
    assert (first.options.pages, second.options.pages) == ((1, 9), (2, 9))
    with pytest.raises(StopIteration) as whole:
        asked.send(Part(replace(reading, text="two\n", pages=()), None))
    assert whole.value.value.text == "one\n\ntwo\n"


def test_leaves_out_what_is_too_long_with_a_sentence() -> None:
    pages = tuple(Page(number=number, width=9, height=9, scanned=True) for number in range(1, MOST + 1))
    asked = reading_of(Source(b"x"))
    next(asked)
    with pytest.raises(StopIteration) as whole:
        asked.send(Part(Reading(media_type="image/tiff", source="", text="x", pages=pages), MOST + 1))
    assert whole.value.value.problems == (
        "Only 500 scanned pages are recognised at once: what begins with page 501 was left out. "
        "Give it as a range of pages to read.",
    )


def test_reads_the_beginning_of_long_scans_inside_other_files(readers: Readers) -> None:
    scan = encoded([HELLO] * (MOST_INSIDE + 2), "TIFF", dpi=120)
    reading = readers.read_now(with_files(pdf(greeting), {"scan.tiff": scan}))
    inner = reading.embedded[0].reading
    assert inner is not None
    assert len(inner.pages) == MOST_INSIDE
    assert inner.problems == (
        "Pages 11 to 12 were not read, as it is a long scan inside another file. Send it by itself.",
    )
