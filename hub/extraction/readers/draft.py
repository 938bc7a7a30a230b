"""A reading being written: text in order, words with their place, cells as parts of the text."""

import re
from collections.abc import Iterable, Sequence

import msgspec

from hub.extraction.readers.rows import Word
from hub.extraction.readers.source import CHARACTERS, WORDS, Source
from hub.extraction.reading import (
    Cell,
    Embedded,
    Metadata,
    Page,
    Reading,
    ReadingError,
    Section,
    Span,
    Table,
    line_of,
    spans_between,
)
from hub.extraction.values.language import language_of

Range = tuple[int, int]
WORD = re.compile(r"\S+")
# Between words that stand apart in a row.
APART = "   "


class Draft:
    """Collects what a reader finds; `finish` makes the reading."""

    def __init__(self, source: Source, media_type: str) -> None:
        self.source = source
        self.room = source.room
        self._media_type = media_type
        self._parts: list[str] = []
        self._spans: list[Span] = []
        self._tables: list[tuple[str, bool, Sequence[Sequence[Range | None]]]] = []
        self.length = 0
        self.tables: list[Table] = []
        self.pages: list[Page] = []
        self.embedded: list[Embedded] = []
        self.sections: list[Section] = []
        # None until someone knows better than the whole text.
        self.language: str | None = None
        self.metadata = Metadata()
        self.problems: list[str] = []

    def write(self, text: str) -> Range:
        """Add text whose words have no place but their characters."""
        start = self.length
        self._parts.append(text)
        self.length += len(text)
        if self.length > CHARACTERS:
            raise ReadingError(f"The document has more than {CHARACTERS:,} characters. Split it.")
        return start, self.length

    def text(self, start: int = 0) -> str:
        """What was written from this character on."""
        return "".join(self._parts)[start:]

    def row(self, parts: Sequence[Sequence[Word]], page: int) -> list[list[Span]]:
        """Add a row of a page, whose parts stand apart; gives the words with their ids."""
        spans: list[list[Span]] = []
        for part in parts:
            self.write(APART if spans else "")
            spans.append([self._put(word, page, " " if index else "") for index, word in enumerate(part)])
        self.write("\n")
        return spans

    def characters_of(self, page: int, words: Sequence[Word]) -> Range | None:
        """From the first of these words of a page to the last, None when they stand in no one place."""
        boxes = {word.box for word in words}
        spans = [span for span in self._spans if span.page == page and span.box in boxes]
        if len(spans) != len(words):
            return None
        return spans[0].start, spans[-1].end

    def table(self, selector: str, rows: Sequence[Sequence[Range | None]], header: bool) -> None:
        """Note that these parts of the text are the cells of a table.

        Its first row names the columns when `header` says so, or when there are three or more and it has no digit.
        """
        if len(rows) > 1 and max(map(len, rows)) > 1:
            self._tables.append((selector, header, rows))

    def cells(self, selector: str, rows: Sequence[Sequence[Range | None]]) -> None:
        """Note the cells of a sheet, of which each has a name, even when they make no table."""
        self._tables.append((selector, False, rows))

    def _put(self, word: Word, page: int, blank: str) -> Span:
        self.write(blank)
        start, end = self.write(word.text)
        span = Span(f"w{len(self._spans) + 1}", word.text, start, end, page, word.box, word.confidence)
        self._spans.append(span)
        if len(self._spans) > WORDS:
            raise ReadingError(f"The document has more than {WORDS:,} words. Split it.")
        return span

    def finish(self) -> Reading:
        """The reading; words are found in the text unless they were put on pages."""
        text = "".join(self._parts)
        if not text.strip() and not self.problems:
            self.problems.append("There is no text in the document.")
        reading = Reading(
            media_type=self._media_type,
            source=self.source.fingerprint,
            text=text,
            spans=tuple(self._spans or _words(text)),
            pages=tuple(self.pages),
            embedded=tuple(self.embedded),
            sections=tuple(self.sections),
            language=(language_of(text) or "") if self.language is None else self.language,
            metadata=self.metadata,
            problems=tuple(self.problems),
        )
        tables = (_table(reading, *table) for table in self._tables)
        return msgspec.structs.replace(reading, tables=(*self.tables, *tables))


def _words(text: str) -> Iterable[Span]:
    for number, word in enumerate(WORD.finditer(text), 1):
        if number > WORDS:
            raise ReadingError(f"The document has more than {WORDS:,} words. Split it.")
        yield Span(f"w{number}", word[0], word.start(), word.end())


def _table(reading: Reading, selector: str, header: bool, rows: Sequence[Sequence[Range | None]]) -> Table:
    columns = max(map(len, rows))
    padded = ([*row, *[None] * (columns - len(row))] for row in rows)
    cells = tuple(
        tuple(_cell(reading, number, column, part) for column, part in enumerate(row))
        for number, row in enumerate(padded)
    )
    names = columns > 2 and not any(letter.isdigit() for cell in cells[0] for letter in cell.text)
    return Table(rows=cells, header=header or names, selector=selector)


def _cell(reading: Reading, row: int, column: int, part: Range | None) -> Cell:
    spans = spans_between(reading, *part) if part else ()
    text = " ".join(line_of(reading, spans).text.split()) if spans else ""
    return Cell(row=row, column=column, text=text, spans=tuple(span.id for span in spans))
