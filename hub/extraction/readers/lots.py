"""Long scans read in lots: each call in the jail recognises as many pages as its time allows, then they are joined."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from time import monotonic

import msgspec
from msgspec.structs import replace

from hub.extraction.readers.source import Lot, Source
from hub.extraction.reading import Embedded, Page, Reading, Span, Table
from hub.extraction.values.language import language_of

# Seconds after which a lot ends with its page, and how many pages of one source are recognised at all.
SECONDS, MOST = 20.0, 500
# Of a file inside another.
MOST_INSIDE = 10


class Part(msgspec.Struct, frozen=True):
    """What was read of a source in one go, and the page to go on with."""

    reading: Reading
    rest: int | None = None


def read_lot(source: Source) -> Part:
    """Read in the jail until the time is up."""
    from hub.extraction.readers.inside import read

    lot = Lot(until=monotonic() + SECONDS)
    reading = read(replace(source, lot=lot))
    return Part(reading, lot.rest)


def may_go_on(source: Source, recognised: int, number: int) -> bool:
    """Whether the page is to be read in this call; if not, it is noted as the one to go on with."""
    if source.lot is None:
        return recognised < MOST_INSIDE
    if not recognised or monotonic() < source.lot.until:
        return True
    source.lot.rest = number
    return False


def reading_of(source: Source) -> Generator[Source, Part, Reading]:
    """Ask for one part after the other and give the whole."""
    parts: list[Reading] = []
    recognised = 0
    while True:
        part = yield source
        parts.append(part.reading)
        recognised += sum(page.scanned for page in part.reading.pages)
        if part.rest is None:
            return joined(parts)
        if recognised >= MOST:
            whole = joined(parts)
            problem = (
                f"Only {recognised} scanned pages are recognised at once: what begins with page {part.rest} was left "
                "out. Give it as a range of pages to read."
            )
            return replace(whole, problems=(*whole.problems, problem))
        last = source.options.pages[1] if source.options.pages else part.rest + (1 << 20)
        source = replace(source, options=replace(source.options, pages=(part.rest, last)))


def joined(parts: Sequence[Reading]) -> Reading:
    """One reading of consecutive pages read apart; what belongs to the whole source is taken from the first."""
    if len(parts) == 1:
        return parts[0]
    text, spans, tables, embedded = "", list[Span](), list[Table](), list(parts[0].embedded)
    for number, part in enumerate(parts):
        start, before = len(text) + bool(text), len(spans)
        text = f"{text}\n{part.text}" if text else part.text
        spans.extend(_moved(part.spans, start, before))
        tables.extend(_renamed(part.tables, before))
        if number:
            embedded.extend(_forms(part.embedded, start))
    pages: list[Page] = [page for part in parts for page in part.pages]
    return replace(
        parts[0],
        text=text,
        spans=tuple(spans),
        pages=tuple(pages),
        tables=tuple(tables),
        embedded=tuple(embedded),
        language=language_of(text) or "",
        problems=tuple(dict.fromkeys(problem for part in parts for problem in part.problems)),
    )


def _moved(spans: Iterable[Span], start: int, before: int) -> Iterable[Span]:
    for number, span in enumerate(spans, before + 1):
        yield replace(span, id=f"w{number}", start=span.start + start, end=span.end + start)


def _renamed(tables: Iterable[Table], before: int) -> Iterable[Table]:
    for table in tables:
        rows = tuple(
            tuple(replace(cell, spans=tuple(f"w{int(name[1:]) + before}" for name in cell.spans)) for cell in row)
            for row in table.rows
        )
        yield replace(table, rows=rows)


def _forms(embedded: Iterable[Embedded], start: int) -> Iterable[Embedded]:
    """The fields on later pages; attachments are the source's and come with the first part."""
    for form in embedded:
        if form.kind == "form":
            values = tuple(
                replace(value, characters=(value.characters[0] + start, value.characters[1] + start))
                if value.characters
                else value
                for value in form.values
            )
            yield replace(form, values=values)
