"""Corrections of a reading: what stays, what moves, and what is refused."""

from __future__ import annotations

import msgspec
import pytest

from hub.errors import InvalidError
from hub.extraction.correcting import Change, correct
from hub.extraction.readers.inside import read
from hub.extraction.readers.source import Source
from hub.extraction.reading import Page, Reading, Section, Span

SCANNED = Reading(
    media_type="image/png",
    source="00",
    text="Tota1 12.0O EUR\nThank you\n\nPage two",
    spans=(
        Span("w1", "Tota1", 0, 5, 1, (10.0, 10.0, 40.0, 20.0), 0.6),
        Span("w2", "12.0O", 6, 11, 1, (50.0, 10.0, 80.0, 20.0), 0.4),
        Span("w3", "EUR", 12, 15, 1, (85.0, 10.0, 99.0, 20.0), 0.9),
        Span("w4", "Thank", 16, 21, 1, (10.0, 30.0, 40.0, 40.0)),
        Span("w5", "you", 22, 25, 1, (45.0, 30.0, 60.0, 40.0)),
        Span("w6", "Page", 27, 31, 2, (10.0, 10.0, 30.0, 20.0)),
        Span("w7", "two", 32, 35, 2, (35.0, 10.0, 50.0, 20.0)),
    ),
    pages=tuple(Page(number=number, width=100, height=100) for number in (1, 2, 3)),
    sections=(Section(start=0, end=25), Section(start=27, end=35)),
)
TABLE = b"| Item | Count | Price |\n|---|---|---|\n| Nails | 1O | 4.00 |\n| Wood glue | 2 | 9.50 |\n"


def stands(reading: Reading) -> bool:
    """Whether every word stands in the text where it says."""
    return all(reading.text[span.start : span.end] == span.text for span in reading.spans)


def test_a_word_takes_the_place_of_the_one_it_replaces():
    made = correct(SCANNED, [Change(word="w2", text="12.00")])
    assert made.text == "Tota1 12.00 EUR\nThank you\n\nPage two"
    assert made.spans[1] == msgspec.structs.replace(SCANNED.spans[1], text="12.00", confidence=1.0)
    assert stands(made)


def test_two_words_out_of_one_both_stand_where_it_stood():
    made = correct(SCANNED, [Change(word="w2", text="12 .00")])
    assert [(span.text, span.box) for span in made.spans[1:3]] == [
        ("12", (50.0, 10.0, 80.0, 20.0)),
        (".00", (50.0, 10.0, 80.0, 20.0)),
    ]
    assert stands(made)


def test_one_word_out_of_two_stands_where_both_stood():
    made = correct(SCANNED, [Change(page=1, line=1, text="Tota1 12.00EUR")])
    assert (made.spans[1].text, made.spans[1].box) == ("12.00EUR", (50.0, 10.0, 99.0, 20.0))
    assert len({span.id for span in made.spans}) == len(made.spans)
    assert stands(made)


def test_a_page_keeps_what_was_not_touched_and_the_rest_moves_along():
    made = correct(SCANNED, [Change(page=1, text="Total 12.00 EUR\nThank you very much")])
    kept = {span.id: span.box for span in made.spans}
    assert made.text == "Total 12.00 EUR\nThank you very much\n\nPage two"
    assert (kept["w3"], kept["w5"], kept["w7"]) == tuple(SCANNED.spans[number].box for number in (2, 4, 6))
    assert [(span.text, span.page, span.box) for span in made.spans[5:7]] == [("very", 1, None), ("much", 1, None)]
    assert made.sections[1] == Section(start=37, end=45)
    assert stands(made)


def test_several_changes_are_all_told_against_the_text_as_shown():
    changes = [Change(page=2, line=1, text="Page 2"), Change(line=2, text="Thanks"), Change(word="w1", text="Total")]
    made = correct(SCANNED, changes)
    assert made.text == "Total 12.0O EUR\nThanks\n\nPage 2"
    assert stands(made)


def test_an_empty_page_can_be_written():
    made = correct(SCANNED, [Change(page=3, text="By hand")])
    assert made.text == "Tota1 12.0O EUR\nThank you\n\nPage two\n\nBy hand\n\n"
    assert [(span.text, span.page) for span in made.spans[-2:]] == [("By", 3), ("hand", 3)]
    assert stands(made)


def test_a_word_can_be_taken_out():
    made = correct(SCANNED, [Change(word="w3", text="")])
    assert [span.id for span in made.spans] == ["w1", "w2", "w4", "w5", "w6", "w7"]
    assert stands(made)


def test_cells_of_tables_follow():
    reading = read(Source(TABLE, "items.md"))
    wrong = next(span for span in reading.spans if span.text == "1O")
    made = correct(reading, [Change(word=wrong.id, text="10")])
    made = correct(made, [Change(line=3, text=made.text.split("\n")[2].replace("Wood glue", "Wood-glue"))])
    assert [[cell.text for cell in row] for row in made.tables[0].rows] == [
        ["Item", "Count", "Price"],
        ["Nails", "10", "4.00"],
        ["Wood-glue", "2", "9.50"],
    ]
    assert stands(made)


def test_what_carries_no_text_is_left_out():
    made = correct(SCANNED, [Change(word="w1", text="To\x00tal\u202e")])
    assert made.text.startswith("Total 12.0O")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ([], "Give between 1 and"),
        ([Change(text="x", word="w99")], "A word is named by its id"),
        ([Change(text="x", word="w1", page=1)], "A word is named by its id"),
        ([Change(text="x", page=9)], "There is no page 9"),
        ([Change(text="x", page=1, line=0)], "There is no line 0"),
        ([Change(text="x", line=99)], "There is no line 99"),
        ([Change(text="x", page=1), Change(text="y", word="w2")], "Two changes touch"),
        ([Change(text="word " * 1_000_000)], "This is too much text for one change"),
        ([Change(text="x" * 8_000_001)], "The text grows beyond"),
        ([Change(text="x", line=1)] * 1001, "Give between 1 and"),
    ],
)
def test_refuses_what_cannot_be_done(changes: list[Change], sentence: str):
    with pytest.raises(InvalidError, match=sentence):
        correct(SCANNED, changes)
