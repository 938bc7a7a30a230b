"""A reading as people and programs see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from hub.extraction.reading import Box, Embedded, Metadata, Page, Reading, Span, Table
from hub.extraction.stored_readings import PREFIX, Kept
from hub.ids import show


class WordView(msgspec.Struct, frozen=True, kw_only=True):
    """A word with its place: page and box in points, characters of the text, seconds of a recording."""

    id: str
    text: str
    start: int
    end: int
    page: int | None
    box: Box | None
    confidence: float
    seconds: tuple[float, float] | None


class PageView(msgspec.Struct, frozen=True, kw_only=True):
    """A page with its text; `scanned` when its words were recognised in an image."""

    number: int
    width: float
    height: float
    rotation: int
    scanned: bool
    skew: float
    text: str


class EmbeddedView(msgspec.Struct, frozen=True, kw_only=True):
    """A file inside the source, without its content; `text` is there when it could be read itself."""

    kind: str
    name: str
    media_type: str
    size: int
    text: str | None


class ReadingView(msgspec.Struct, frozen=True, kw_only=True):
    """What reading a source gave, and who corrected it last; a new `revision` comes with each correction."""

    id: str
    file: str | None
    media_type: str
    language: str
    text: str
    pages: Sequence[PageView]
    words: Sequence[WordView]
    tables: Sequence[Table]
    embedded: Sequence[EmbeddedView]
    metadata: Metadata
    problems: Sequence[str]
    revision: int
    corrected: bool
    corrected_by: str | None
    corrected_at: datetime | None
    created_at: datetime


def view_of(kept: Kept) -> ReadingView:
    """Show a stored reading."""
    reading = kept.reading
    return ReadingView(
        id=show(PREFIX, kept.id),
        file=show("fil", kept.file) if kept.file else None,
        media_type=reading.media_type,
        language=reading.language,
        text=reading.text,
        pages=_pages(reading),
        words=[_word(span) for span in reading.spans],
        tables=reading.tables,
        embedded=[_embedded(one) for one in reading.embedded],
        metadata=reading.metadata,
        problems=reading.problems,
        revision=kept.revision,
        corrected=kept.corrected_at is not None,
        corrected_by=show("usr", kept.corrected_by) if kept.corrected_by else None,
        corrected_at=kept.corrected_at,
        created_at=kept.created_at,
    )


def _pages(reading: Reading) -> list[PageView]:
    texts = _texts(reading)
    return [_page(page, texts.get(page.number, "")) for page in reading.pages]


def _texts(reading: Reading) -> Mapping[int, str]:
    """The text of each page that has words, in one walk."""
    ranges: dict[int, tuple[int, int]] = {}
    for span in reading.spans:
        if span.page is not None:
            ranges[span.page] = (ranges.get(span.page, (span.start, 0))[0], span.end)
    return {number: reading.text[start:end] for number, (start, end) in ranges.items()}


def _page(page: Page, text: str) -> PageView:
    return PageView(
        number=page.number,
        width=page.width,
        height=page.height,
        rotation=page.rotation,
        scanned=page.scanned,
        skew=page.skew,
        text=text,
    )


def _word(span: Span) -> WordView:
    return WordView(
        id=span.id,
        text=span.text,
        start=span.start,
        end=span.end,
        page=span.page,
        box=span.box,
        confidence=round(span.confidence, 4),
        seconds=span.seconds,
    )


def _embedded(one: Embedded) -> EmbeddedView:
    return EmbeddedView(
        kind=one.kind,
        name=one.name,
        media_type=one.media_type,
        size=len(one.content),
        text=one.reading.text if one.reading else None,
    )
