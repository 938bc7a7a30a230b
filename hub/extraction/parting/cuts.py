"""A cut: which part of a reading is one record, and that part as a reading of its own."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

import msgspec

from hub.extraction.reading import Embedded, EmbeddedValue, Reading, Section, Span, Table

Range = tuple[int, int]


class Cut(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One part of a source.

    `inside` leads to the file it is in: the index of an embedded file, of one in that, and so on. `ranges` are the
    characters that belong to it, none meaning all; `values` those that its row states.
    """

    title: str = ""
    inside: tuple[int, ...] = ()
    pages: tuple[int, int] | None = None
    ranges: tuple[Range, ...] = ()
    values: tuple[EmbeddedValue, ...] = ()


WHOLE = Cut()


def file_of(reading: Reading, cut: Cut) -> str:
    """The names of the files that lead to a cut: mail.eml#invoice.pdf, '' for the source itself."""
    names = []
    for index in cut.inside:
        names.append(reading.embedded[index].name)
        reading = reading.embedded[index].reading or reading
    return "#".join(names)


def reading_of(reading: Reading, cut: Cut) -> Reading:
    """The part as a reading of its own: pages and words keep their numbers, characters are counted from its start."""
    headers: list[Embedded] = []
    for index in cut.inside:
        headers += [file for file in reading.embedded if file.kind == "mail"]
        reading = reading.embedded[index].reading or reading
    if headers and not any(file.kind == "mail" for file in reading.embedded):
        # What a mail states holds for what is attached to it.
        reading = msgspec.structs.replace(reading, embedded=(*reading.embedded, headers[-1]))
    return _part(reading, cut) if cut.ranges else reading


def in_the_whole(cut: Cut, characters: Range) -> Range:
    """Where characters of a part stand in the text that it was cut from."""
    for start, end, place in _places(cut.ranges):
        if place <= characters[0] <= place + end - start:
            return characters[0] - place + start, characters[1] - place + start
    return characters


def _places(ranges: tuple[Range, ...]) -> Iterator[tuple[int, int, int]]:
    """From where to where each range reaches in the whole, and where it begins in the part; each ends a line."""
    place = 0
    for start, end in ranges:
        yield start, end, place
        place += end - start + 1


def _part(reading: Reading, cut: Cut) -> Reading:
    spans = tuple(_moved(reading.spans, cut.ranges))
    kept = frozenset(span.id for span in spans)
    first, last = cut.pages or (0, 0)
    embedded = tuple(filter(None, (_stated(file, cut) for file in reading.embedded)))
    if cut.values:
        values = tuple(one for value in cut.values if (one := _shifted(value, cut.ranges)) is not None)
        row = Embedded(kind="row", name="", media_type=reading.media_type, content=b"", values=values)
        embedded = (*embedded, row)
    return msgspec.structs.replace(
        reading,
        text="".join(reading.text[start:end] + "\n" for start, end in cut.ranges),
        spans=spans,
        pages=tuple(page for page in reading.pages if not cut.pages or first <= page.number <= last),
        tables=tuple(filter(None, (_rows(table, kept) for table in reading.tables))),
        embedded=embedded,
        sections=(),
    )


def _moved(spans: Sequence[Span], ranges: tuple[Range, ...]) -> Iterator[Span]:
    for start, end, place in _places(ranges):
        first = bisect_left(spans, start, key=lambda span: span.start)
        last = bisect_right(spans, end, key=lambda span: span.end)
        for span in spans[first:last]:
            yield msgspec.structs.replace(span, start=span.start - start + place, end=span.end - start + place)


def _stated(file: Embedded, cut: Cut) -> Embedded | None:
    """What a file states within the part: filled fields by their place, an invoice by the number of the part."""
    if file.kind == "form":
        values = tuple(filter(None, (_shifted(one, cut.ranges) for one in file.values)))
        return msgspec.structs.replace(file, values=values) if values else None
    if file.kind == "invoice":
        numbers = {str(one.value) for one in file.values if one.path == "number"}
        return file if cut.title in numbers else None
    return file


def _shifted(value: EmbeddedValue, ranges: tuple[Range, ...]) -> EmbeddedValue | None:
    """The value with its characters counted as in the part, None when it stands elsewhere."""
    if value.characters is None:
        return None
    first, last = value.characters
    for start, end, place in _places(ranges):
        if start <= first and last <= end:
            return msgspec.structs.replace(value, characters=(first - start + place, last - start + place))
    return None


def _rows(table: Table, kept: frozenset[str]) -> Table | None:
    rows = tuple(row for row in table.rows if any(span in kept for cell in row for span in cell.spans[:1]))
    if len(rows) == len(table.rows):
        return table
    return msgspec.structs.replace(table, rows=rows) if rows else None


def section_cuts(sections: tuple[Section, ...]) -> list[Cut]:
    """One cut for each section that a reader marked."""
    return [Cut(title=section.title, ranges=((section.start, section.end),)) for section in sections]
