"""A reading: words are found by their characters, lines and parts of lines by the words."""

import msgspec
import pytest

from hub.extraction.reading import Reading, Span, lines, segments, spans_between, union

TEXT = "Total due   118.00\nthank you"
READING = Reading(
    media_type="text/plain",
    source="0" * 64,
    text=TEXT,
    spans=(
        Span("w1", "Total", 0, 5),
        Span("w2", "due", 6, 9),
        Span("w3", "118.00", 12, 18),
        Span("w4", "thank", 19, 24),
        Span("w5", "you", 25, 28),
    ),
)


@pytest.mark.parametrize(
    ("start", "end", "ids"),
    [
        (0, 5, ["w1"]),
        (3, 7, ["w1", "w2"]),
        (5, 6, []),
        (9, 12, []),
        (0, len(TEXT), ["w1", "w2", "w3", "w4", "w5"]),
        (14, 15, ["w3"]),
    ],
)
def test_finds_the_words_that_overlap_characters(start: int, end: int, ids: list[str]) -> None:
    assert [span.id for span in spans_between(READING, start, end)] == ids


def test_lines_and_their_parts_know_their_characters() -> None:
    first, second = lines(READING)
    assert [(line.text, line.start, line.end) for line in (first, second)] == [
        ("Total due   118.00", 0, 18),
        ("thank you", 19, 28),
    ]
    assert [part.text for part in segments(READING, first)] == ["Total due", "118.00"]


def test_a_box_holds_all_boxes_that_are_known() -> None:
    assert union([(1, 2, 3, 4), None, (0, 3, 2, 9)]) == (0, 2, 3, 9)
    assert union([None]) is None


def test_goes_through_a_file_unchanged() -> None:
    assert msgspec.json.decode(msgspec.json.encode(READING), type=Reading) == READING
