"""A reading laid out in pieces: words that stand together, each with its place among the others.

Sources without boxes are laid out as well, characters and lines or the cells of their tables being their places, so
that one set of rules finds a value beside or below its label wherever it was written.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import pairwise

import msgspec

from hub.extraction.reading import Reading, Span

_CHARACTER, _LINE = 6.0, 12.0
# White between two words, in heights of a word, from which on they stand in different pieces.
_GAP = 0.85
# Boxes of recognised words are as tight as their ink.
_SCANNED_GAP = 0.95
# A longer line is cut, so that searching it takes no time out of proportion.
_MOST_WORDS = 250


class Word(msgspec.Struct, frozen=True, gc=False):
    """A word with its characters in the reading's text and its place."""

    text: str
    start: int
    end: int
    page: int
    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        """How tall the word is."""
        return self.bottom - self.top


class Piece(msgspec.Struct, frozen=True, gc=False, eq=False):
    """Words of one row that stand together; `row` counts the rows of the whole document."""

    text: str
    start: int
    end: int
    page: int
    left: float
    top: float
    right: float
    bottom: float
    row: int
    words: tuple[Word, ...]

    @property
    def height(self) -> float:
        """How tall the piece is."""
        return self.bottom - self.top


class Layout:
    """All pieces of a reading, row by row, and who stands beside and below whom."""

    def __init__(self, reading: Reading, rows: Sequence[Sequence[Piece]]) -> None:
        self.text = reading.text
        self.scanned = any(page.scanned for page in reading.pages)
        self.rows = rows
        self.pieces = [piece for row in rows for piece in row]
        self._pages: dict[int, list[Piece]] = {}
        for piece in self.pieces:
            self._pages.setdefault(piece.page, []).append(piece)
        for pieces in self._pages.values():
            pieces.sort(key=lambda piece: piece.top)
        self._tallest = {page: max(piece.height for piece in pieces) for page, pieces in self._pages.items()}

    def between(self, page: int, top: float, bottom: float) -> list[Piece]:
        """Return the pieces of a page that begin between two heights, from top to bottom."""
        pieces = self._pages.get(page, [])
        first = bisect_left(pieces, top, key=lambda piece: piece.top)
        last = bisect_left(pieces, bottom, key=lambda piece: piece.top)
        return pieces[first:last]

    def right_of(self, piece: Piece) -> list[Piece]:
        """Return the pieces beside one, on its right, nearest first."""
        near = self.between(piece.page, piece.top - self._tallest[piece.page], piece.bottom)
        beside = [other for other in near if other.left >= piece.right - 1 and _level(piece, other)]
        return sorted(beside, key=lambda other: other.left)

    def below(self, piece: Piece, reach: float = 3.0) -> list[Piece]:
        """Return the pieces below one within a few heights that share some of its width, nearest first."""
        near = self.between(piece.page, piece.bottom - piece.height * 0.4, piece.bottom + reach * piece.height)
        return [other for other in near if other.row != piece.row and shares_width(piece, other)]


def lay_out(reading: Reading) -> Layout:
    """Give every word its place and join those that stand together."""
    words = _placed(reading) if reading.spans and reading.spans[0].box is None else _boxed(reading.spans)
    lines = _rows(reading, words)
    bars = [sum(word.text == "|" for word in row) for row in lines]
    rows: list[list[Piece]] = []
    scanned = {page.number for page in reading.pages if page.scanned}
    for index, row in enumerate(lines):
        gap = _SCANNED_GAP if row[0].page in scanned else _GAP
        parts = _between_bars(row) if _is_barred(bars, index) else _parts(row, gap)
        if parts:
            rows.append([_piece(reading, part, len(rows)) for part in parts])
    return Layout(reading, rows)


def _is_barred(bars: Sequence[int], index: int) -> bool:
    """Rows that follow each other with as many bars are those of a table: Item | Qty | Price."""
    return bars[index] >= 2 and bars[index] in {*bars[max(0, index - 1) : index], *bars[index + 1 : index + 2]}


def _between_bars(row: Sequence[Word]) -> list[list[Word]]:
    parts: list[list[Word]] = [[]]
    for word in row:
        if word.text == "|":
            parts.append([])
        else:
            parts[-1].append(word)
    return [part for part in parts if part]


def shares_width(piece: Piece, other: Piece) -> bool:
    """Tell whether one stands over the other, if only in part."""
    return min(piece.right, other.right) - max(piece.left, other.left) > 0


def _level(piece: Piece, other: Piece) -> bool:
    overlap = min(piece.bottom, other.bottom) - max(piece.top, other.top)
    return overlap >= 0.45 * min(piece.height, other.height)


def _boxed(spans: Iterable[Span]) -> list[Word]:
    return [Word(span.text, span.start, span.end, span.page or 0, *span.box) for span in spans if span.box is not None]


def _rows(reading: Reading, words: Sequence[Word]) -> list[list[Word]]:
    """Words of one row follow each other in the text; what the text breaks but the page does not stays one row."""
    rows: list[list[Word]] = []
    for word in words:
        last = rows[-1][-1] if rows else None
        if last and last.page == word.page and _continues(reading, last, word):
            rows[-1].append(word)
        else:
            rows.append([word])
    return rows


def _continues(reading: Reading, last: Word, word: Word) -> bool:
    if "\n" not in reading.text[last.end : word.start]:
        return abs(last.top - word.top) < max(last.height, word.height)
    return last.top == word.top and word.left > last.right


def _parts(row: Sequence[Word], gap: float) -> list[list[Word]]:
    parts = [[row[0]]]
    for before, word in pairwise(row):
        apart = word.left - before.right > gap * max(before.height, word.height) or word.left < before.left
        if apart or len(parts[-1]) >= _MOST_WORDS:
            parts.append([])
        parts[-1].append(word)
    return parts


def _piece(reading: Reading, words: Sequence[Word], row: int) -> Piece:
    start, end = words[0].start, words[-1].end
    return Piece(
        text=reading.text[start:end].replace("\n", " ").replace("\t", " "),
        start=start,
        end=end,
        page=words[0].page,
        left=min(word.left for word in words),
        top=min(word.top for word in words),
        right=max(word.right for word in words),
        bottom=max(word.bottom for word in words),
        row=row,
        words=tuple(words),
    )


class _Place(msgspec.Struct):
    """The cell of a table in which a word stands."""

    table: int
    row: int
    column: int


def _placed(reading: Reading) -> list[Word]:
    """Lay out a source without boxes on a grid of characters and lines."""
    cells = _cells(reading)
    offsets = _column_offsets(reading)
    words: list[Word] = []
    line = row_line = deepest = column = 0
    before: Span | None = None
    place: _Place | None = None
    for span in reading.spans:
        breaks = reading.text.count("\n", before.end if before else 0, span.start)
        here = cells.get(span.id)
        if here is None or place is None or (here.table, here.row) != (place.table, place.row):
            line = row_line = deepest = max(line, deepest) + max(breaks, here != place)
        elif here.column != place.column:
            line = row_line
        else:
            line += breaks
        deepest = max(deepest, line)
        column = _column(reading, before, column, span)
        word = _on_grid(span, column, line)
        if here:
            goes_on = here == place and not breaks
            word = _moved(word, words[-1].right + _CHARACTER if goes_on else offsets[here.table][here.column])
        words.append(word)
        before, place = span, here
    return words


def _cells(reading: Reading) -> dict[str, _Place]:
    cells: dict[str, _Place] = {}
    for number, table in enumerate(reading.tables):
        for row in table.rows:
            for cell in row:
                for span in cell.spans:
                    cells[span] = _Place(number, cell.row, cell.column)
    return cells


def _column_offsets(reading: Reading) -> list[list[float]]:
    """Give each column the width of its longest cell and some white."""
    offsets = []
    for table in reading.tables:
        widths = [max(len(row[column].text) for row in table.rows) + 6 for column in range(len(table.rows[0]))]
        offsets.append([sum(widths[:column]) * _CHARACTER for column in range(len(widths))])
    return offsets


def _column(reading: Reading, before: Span | None, column: int, span: Span) -> int:
    """Return in which column of its line a word begins, counted on from the word before it."""
    gap = reading.text[before.end : span.start] if before else reading.text[: span.start]
    if before is None or "\n" in gap:
        return len(gap.rpartition("\n")[2].expandtabs(8))
    end = column + len(before.text)
    return len((" " * (end % 8) + gap).expandtabs(8)) - end % 8 + end


def _on_grid(span: Span, column: int, line: int) -> Word:
    left, top = column * _CHARACTER, line * _LINE
    return Word(span.text, span.start, span.end, 0, left, top, left + len(span.text) * _CHARACTER, top + _LINE * 0.8)


def _moved(word: Word, left: float) -> Word:
    return msgspec.structs.replace(word, left=left, right=left + len(word.text) * _CHARACTER)
