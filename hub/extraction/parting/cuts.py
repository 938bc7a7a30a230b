"""A cut: which part of a reading is one record, and that part as a reading of its own."""

from __future__ import annotations

import msgspec

from hub.extraction.reading import Embedded, EmbeddedValue, Reading, Section, Table

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
    """The part as a reading; its characters, pages and words keep their numbers."""
    headers: list[Embedded] = []
    for index in cut.inside:
        headers += [file for file in reading.embedded if file.kind == "mail"]
        reading = reading.embedded[index].reading or reading
    if headers and not any(file.kind == "mail" for file in reading.embedded):
        # What a mail states holds for what is attached to it.
        reading = msgspec.structs.replace(reading, embedded=(*reading.embedded, headers[-1]))
    return _part(reading, cut) if cut.ranges else reading


def _part(reading: Reading, cut: Cut) -> Reading:
    spans = tuple(span for span in reading.spans if any(a <= span.start and span.end <= b for a, b in cut.ranges))
    kept = frozenset(span.id for span in spans)
    first, last = cut.pages or (0, 0)
    embedded = tuple(filter(None, (_stated(file, cut) for file in reading.embedded)))
    if cut.values:
        row = Embedded(kind="row", name="", media_type=reading.media_type, content=b"", values=cut.values)
        embedded = (*embedded, row)
    return msgspec.structs.replace(
        reading,
        text=_blanked(reading.text, cut.ranges),
        spans=spans,
        pages=tuple(page for page in reading.pages if not cut.pages or first <= page.number <= last),
        tables=tuple(filter(None, (_rows(table, kept) for table in reading.tables))),
        embedded=embedded,
        sections=(),
    )


def _stated(file: Embedded, cut: Cut) -> Embedded | None:
    """What a file states within the part: filled fields by their place, an invoice by the number of the part."""
    if file.kind == "form":
        values = tuple(one for one in file.values if one.characters and _within(one.characters, cut.ranges))
        return msgspec.structs.replace(file, values=values) if values else None
    if file.kind == "invoice":
        numbers = {str(one.value) for one in file.values if one.path == "number"}
        return file if cut.title in numbers else None
    return file


def _within(characters: Range, ranges: tuple[Range, ...]) -> bool:
    return any(start <= characters[0] and characters[1] <= end for start, end in ranges)


def _rows(table: Table, kept: frozenset[str]) -> Table | None:
    rows = tuple(row for row in table.rows if any(span in kept for cell in row for span in cell.spans))
    if len(rows) == len(table.rows):
        return table
    return msgspec.structs.replace(table, rows=rows) if rows else None


def _blanked(text: str, ranges: tuple[Range, ...]) -> str:
    """The text up to the part's end, in which all but the part is blank; a line still begins where one began."""
    shown: list[str] = []
    place = 0
    for start, end in ranges:
        shown.append(_blank(start - place) + text[start:end])
        place = end
    return "".join(shown)


def _blank(length: int) -> str:
    return " " * (length - 1) + "\n" if length else ""


def section_cuts(sections: tuple[Section, ...]) -> list[Cut]:
    """One cut for each section that a reader marked."""
    return [Cut(title=section.title, ranges=((section.start, section.end),)) for section in sections]
