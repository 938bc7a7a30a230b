"""What reading a source gives: its text, every word with its place, its tables and the files inside it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import pairwise

import msgspec

from hub.errors import InvalidError

# Left, top, right, bottom in PDF points from the top left of the page as it is shown.
Box = tuple[float, float, float, float]


class ReadingError(InvalidError):
    """The source cannot be read; the sentence says why and, where we know it, what to do."""

    title = "Could not be read"


class Span(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One word: evidence cites it by its id, its page and box, or its characters."""

    id: str
    text: str
    # Characters of `Reading.text`, the end not included.
    start: int
    end: int
    # Counted from 1; None where the source has no pages.
    page: int | None = None
    box: Box | None = None
    confidence: float = 1.0
    # From and to, in a recording.
    seconds: tuple[float, float] | None = None


class Cell(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One cell of a table, counted from 0; `spans` are the ids of its words."""

    row: int
    column: int
    text: str
    spans: tuple[str, ...] = ()
    box: Box | None = None


class Table(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A table: every row has the same number of cells, an absent one has the text ''."""

    rows: tuple[tuple[Cell, ...], ...]
    page: int | None = None
    box: Box | None = None
    # True when the first row names the columns.
    header: bool = False
    # Where it stands in a source without pages, "table[2]" say.
    selector: str | None = None


class Page(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A page as it is shown: width and height are those after its rotation.

    `scanned` when its words were recognised in an image; `skew` is by how many degrees that image was straightened,
    clockwise.
    """

    number: int
    width: float
    height: float
    rotation: int = 0
    scanned: bool = False
    skew: float = 0.0


class Section(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A part of a source that the reader knows to be a record of its own: characters of the text, end excluded."""

    start: int
    end: int
    title: str = ""


class EmbeddedValue(msgspec.Struct, frozen=True, kw_only=True):
    """A value that a file inside the source states: `path` names the schema's field, "lines[0].amount" say.

    `text` is how the file writes it, `selector` where: an XPath with local names. A field of a form has the `label`
    that people see, if it says one, and its words stand at `characters` of the text.
    """

    path: str
    value: str | float
    text: str
    selector: str
    label: str = ""
    characters: tuple[int, int] | None = None


class Embedded(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A file inside the source: `kind` is "invoice" (XML), "schema.org" (JSON), "form", "mail" or "attachment".

    `values` are those of the `invoice` schema when it is an invoice, the fields of a form under their own names, or
    the header of a mail; `reading` is there when the file could be read
    itself, a document in a mail or an archive say.
    """

    kind: str
    name: str
    media_type: str
    content: bytes
    values: tuple[EmbeddedValue, ...] = ()
    reading: Reading | None = None


class Metadata(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the source says about itself; `properties` are its other named values, such as og:site_name."""

    title: str | None = None
    author: str | None = None
    language: str | None = None
    created: str | None = None
    properties: dict[str, str] = msgspec.field(default_factory=dict)


class Reading(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A source as read; `spans` are in the order of `text`.

    A line of `text` is a row of the page; words that stand far apart in it are separated by three blanks, pages by an
    empty line.
    """

    media_type: str
    # The SHA-256 of the source's bytes.
    source: str
    text: str
    spans: tuple[Span, ...] = ()
    pages: tuple[Page, ...] = ()
    tables: tuple[Table, ...] = ()
    embedded: tuple[Embedded, ...] = ()
    sections: tuple[Section, ...] = ()
    # ISO 639-1, as told by the words, "" where they do not tell.
    language: str = ""
    metadata: Metadata = msgspec.field(default_factory=Metadata)
    # Sentences about what could not be read, a page without a text layer say.
    problems: tuple[str, ...] = ()


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A row of words, or a part of one, with its characters in `Reading.text`."""

    text: str
    start: int
    end: int
    spans: tuple[Span, ...]
    page: int | None = None
    box: Box | None = None


def lines(reading: Reading) -> list[Line]:
    """The rows of words in reading order; empty ones are left out."""
    rows: list[Line] = []
    row: list[Span] = []
    for span in reading.spans:
        if row and "\n" in reading.text[row[-1].end : span.start]:
            rows.append(line_of(reading, row))
            row = []
        row.append(span)
    if row:
        rows.append(line_of(reading, row))
    return rows


def segments(reading: Reading, line: Line, gap: float = 1.2) -> list[Line]:
    """The parts of a row that stand apart: by more than `gap` line heights, a tab, or three blanks."""
    parts: list[list[Span]] = [[line.spans[0]]]
    for before, span in pairwise(line.spans):
        if _apart(reading, before, span, gap):
            parts.append([])
        parts[-1].append(span)
    return [line_of(reading, part) for part in parts]


def spans_between(reading: Reading, start: int, end: int) -> tuple[Span, ...]:
    """The words that overlap the characters from start up to end."""
    first = bisect_left(reading.spans, start + 1, key=lambda span: span.end)
    last = bisect_left(reading.spans, end, key=lambda span: span.start)
    return reading.spans[first:last]


def union(boxes: Iterable[Box | None]) -> Box | None:
    """The smallest box around all of them, None when there is none."""
    known = [box for box in boxes if box is not None]
    if not known:
        return None
    left, top, right, bottom = zip(*known, strict=True)
    return min(left), min(top), max(right), max(bottom)


def line_of(reading: Reading, spans: Sequence[Span]) -> Line:
    """A line made of these neighbouring words."""
    start, end = spans[0].start, spans[-1].end
    return Line(
        text=reading.text[start:end],
        start=start,
        end=end,
        spans=tuple(spans),
        page=spans[0].page,
        box=union(span.box for span in spans),
    )


def _apart(reading: Reading, before: Span, span: Span, gap: float) -> bool:
    if before.box is None or span.box is None:
        between = reading.text[before.end : span.start]
        return "\t" in between or "   " in between
    height = max(before.box[3] - before.box[1], span.box[3] - span.box[1])
    return span.box[0] - before.box[2] > gap * height
