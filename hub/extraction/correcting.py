"""What a person puts right in a reading: words keep their places, corrected ones take those of what they replace."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import pairwise

import msgspec

from hub.errors import InvalidError, Problem
from hub.extraction.readers.characters import clean
from hub.extraction.readers.source import CHARACTERS, WORDS
from hub.extraction.reading import Cell, Reading, Section, Span, Table, spans_between, union

_WORD = re.compile(r"\S+")
MOST_CHANGES = 1_000
# Comparing grows with the product of the two lengths.
_MOST_COMPARED = 4_000_000


class Change(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new text for a word (by its id), a line, a page, a line of a page, or for all; lines are counted from 1."""

    text: str
    word: str | None = None
    page: int | None = None
    line: int | None = None


class _Place(msgspec.Struct, frozen=True):
    """Characters of the text to be replaced, and the page they belong to."""

    start: int
    end: int
    page: int | None
    text: str
    number: int


def correct(reading: Reading, changes: Sequence[Change]) -> Reading:
    """Return the reading with all changes, each told against the reading as it was given."""
    if not 1 <= len(changes) <= MOST_CHANGES:
        raise _refused(f"Give between 1 and {MOST_CHANGES:,} changes.", None)
    places = sorted((_place(reading, change, number) for number, change in enumerate(changes)), key=_order)
    for before, after in pairwise(places):
        if after.start < before.end or after.start == before.start:
            raise _refused("Two changes touch the same text. Make one of them.", after.number)
    for place in reversed(places):
        reading = _replace(reading, place)
    if len(reading.text) > CHARACTERS or len(reading.spans) > WORDS:
        raise _refused(f"The text grows beyond {CHARACTERS:,} characters or {WORDS:,} words.", None)
    return reading


def _order(place: _Place) -> tuple[int, int]:
    return place.start, place.end


def _place(reading: Reading, change: Change, number: int) -> _Place:
    text = clean(change.text.replace("\r\n", "\n").replace("\r", "\n"))
    if change.word is not None:
        span = next((span for span in reading.spans if span.id == change.word), None)
        if span is None or change.page is not None or change.line is not None:
            message = "A word is named by its id alone; take it from the reading as it is now."
            raise _refused(message, number)
        return _Place(span.start, span.end, span.page, " ".join(text.split()), number)
    start, end = (0, len(reading.text)) if change.page is None else _known_page(reading, change.page, number)
    if change.line is not None:
        start, end = _line_range(reading.text, (start, end), change.line, number)
        return _Place(start, end, change.page, " ".join(text.split("\n")), number)
    if change.page is not None and start == end:
        text = f"\n\n{text}\n\n" if text else ""
    return _Place(start, end, change.page, text, number)


def _known_page(reading: Reading, page: int, number: int) -> tuple[int, int]:
    if not any(one.number == page for one in reading.pages):
        raise _refused(f"There is no page {page}.", number)
    return _page_range(reading, page)


def _page_range(reading: Reading, page: int) -> tuple[int, int]:
    """From the first to the last word of a page; an empty page begins where the one before ends."""
    spans = [span for span in reading.spans if span.page == page]
    if spans:
        return spans[0].start, spans[-1].end
    before = [span.end for span in reading.spans if span.page is not None and span.page < page]
    return (before[-1], before[-1]) if before else (0, 0)


def _line_range(text: str, within: tuple[int, int], line: int, number: int) -> tuple[int, int]:
    start, end = within
    for count, row in enumerate(text[start:end].split("\n"), 1):
        if count == line:
            return start, start + len(row)
        start += len(row) + 1
    raise _refused(f"There is no line {line}.", number)


def _replace(reading: Reading, place: _Place) -> Reading:
    old = spans_between(reading, place.start, place.end) if place.end > place.start else ()
    known = {span.id for span in reading.spans}
    fresh, became = _aligned(old, place, known)
    first = next((index for index, span in enumerate(reading.spans) if span.start >= place.start), len(reading.spans))
    moved = len(place.text) - (place.end - place.start)
    after = [_shifted(span, moved) for span in reading.spans[first + len(old) :]]
    return msgspec.structs.replace(
        reading,
        text=reading.text[: place.start] + place.text + reading.text[place.end :],
        spans=(*reading.spans[:first], *fresh, *after),
        tables=_tables(reading, became),
        sections=tuple(_section(section, place, moved) for section in reading.sections),
    )


def _aligned(old: Sequence[Span], place: _Place, known: set[str]) -> tuple[list[Span], Mapping[str, Sequence[Span]]]:
    """The words of the new text, and which of them stand for each old one that has changed."""
    new = [(match[0], place.start + match.start(), place.start + match.end()) for match in _WORD.finditer(place.text)]
    if len(old) * len(new) > _MOST_COMPARED:
        raise _refused("This is too much text for one change. Correct it page by page or line by line.", place.number)
    ids = _fresh_ids(known)
    fresh: list[Span] = []
    became: dict[str, Sequence[Span]] = {}
    matcher = SequenceMatcher(None, [span.text for span in old], [text for text, _, _ in new], autojunk=False)
    for kind, begin, end, first, last in matcher.get_opcodes():
        if kind == "equal":
            pairs = zip(old[begin:end], new[first:last], strict=True)
            fresh += [msgspec.structs.replace(span, start=start, end=stop) for span, (_, start, stop) in pairs]
            continue
        page = place.page if place.page is not None else fresh[-1].page if fresh else None
        made = _instead(old[begin:end], new[first:last], page, ids)
        fresh += made
        became |= _heirs(old[begin:end], made)
    return fresh, became


def _instead(
    old: Sequence[Span], new: Sequence[tuple[str, int, int]], page: int | None, ids: Iterator[str]
) -> list[Span]:
    """New words in the place of old ones: one for one, else each in the place of all of them together."""
    if len(old) == len(new):
        pairs = zip(old, new, strict=True)
        return [
            msgspec.structs.replace(span, text=text, start=start, end=end, confidence=1.0)
            for span, (text, start, end) in pairs
        ]
    page = old[0].page if old else page
    box = union(span.box for span in old if span.page == page)
    times = [span.seconds for span in old if span.seconds]
    seconds = (times[0][0], times[-1][1]) if times else None
    return [Span(next(ids), text, start, end, page, box, 1.0, seconds) for text, start, end in new]


def _heirs(old: Sequence[Span], new: Sequence[Span]) -> dict[str, Sequence[Span]]:
    """Cells hold words by id: the first old word hands its cell to all new ones, unless it is one for one."""
    if len(old) == len(new):
        return {before.id: [after] for before, after in zip(old, new, strict=True)}
    return {span.id: () if index else new for index, span in enumerate(old)}


def _fresh_ids(known: set[str]) -> Iterator[str]:
    number = 0
    while True:
        number += 1
        if (name := f"c{number}") not in known:
            known.add(name)
            yield name


def _shifted(span: Span, by: int) -> Span:
    return msgspec.structs.replace(span, start=span.start + by, end=span.end + by)


def _tables(reading: Reading, became: Mapping[str, Sequence[Span]]) -> tuple[Table, ...]:
    if not became or not reading.tables:
        return reading.tables
    words = {span.id: [span] for span in reading.spans} | dict(became)
    return tuple(
        msgspec.structs.replace(
            table, rows=tuple(tuple(_cell(cell, became, words) for cell in row) for row in table.rows)
        )
        for table in reading.tables
    )


def _cell(cell: Cell, became: Mapping[str, Sequence[Span]], words: Mapping[str, Sequence[Span]]) -> Cell:
    if not any(name in became for name in cell.spans):
        return cell
    spans = [span for name in cell.spans for span in words.get(name, ())]
    return msgspec.structs.replace(
        cell, text=" ".join(span.text for span in spans), spans=tuple(span.id for span in spans)
    )


def _section(section: Section, place: _Place, moved: int) -> Section:
    start = _moved(section.start, place, moved)
    return msgspec.structs.replace(section, start=start, end=max(start, _moved(section.end, place, moved)))


def _moved(position: int, place: _Place, moved: int) -> int:
    if position <= place.start:
        return position
    return position + moved if position >= place.end else min(position, place.start + len(place.text))


def _refused(message: str, number: int | None) -> InvalidError:
    return InvalidError(message, errors=[Problem("changes" if number is None else f"changes[{number}]", message)])
