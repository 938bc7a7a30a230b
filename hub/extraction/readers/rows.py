"""Rows of a page: words that stand beside each other, in reading order."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import msgspec

from hub.extraction.reading import Box

# In heights of a word: how far middles may lie apart in one row, and from where on words stand apart.
LEVEL, GAP = 0.5, 1.2


class Word(msgspec.Struct, frozen=True, gc=False):
    """A word on a page: where it is shown, and where it would be were the page held so that it reads upright."""

    text: str
    box: Box
    held: Box
    # In degrees against the clock: 0, 90, 180, 270, or 45 for anything aslant.
    turn: int = 0
    # How sure it is what was recognised in an image.
    confidence: float = 1.0


Row = list[Word]


def held(box: Box, turn: int) -> Box:
    """The box as on a page turned until the word reads upright; only good to compare with others of that turn."""
    left, top, right, bottom = box
    if turn == 90:
        return -bottom, left, -top, right
    if turn == 180:
        return -right, -bottom, -left, -top
    if turn == 270:
        return top, -right, bottom, -left
    return box


def rows_of(words: Iterable[Word]) -> list[Row]:
    """Rows from top to bottom, each from left to right; words that are turned come after the upright ones."""
    turns: dict[int, list[Word]] = {0: []}
    for word in words:
        turns.setdefault(word.turn, []).append(word)
    return [row for turned in turns.values() for row in _rows(turned)]


def parts_of(row: Sequence[Word], gap: float = GAP) -> list[Row]:
    """The words of a row, parted where they stand apart."""
    parts: list[Row] = [[row[0]]]
    for before, word in pairwise(row):
        if word.held[0] - before.held[2] > gap * max(_height(before), _height(word)):
            parts.append([])
        parts[-1].append(word)
    return parts


def _rows(words: list[Word]) -> list[Row]:
    rows: list[Row] = []
    for word in sorted(words, key=_middle):
        row = next((row for row in reversed(rows[-3:]) if _level(row[-1], word)), None)
        if row is None:
            rows.append([word])
        else:
            row.append(word)
    for row in rows:
        row.sort(key=lambda word: word.held[0])
    return rows


def _height(word: Word) -> float:
    return word.held[3] - word.held[1]


def _middle(word: Word) -> float:
    return (word.held[1] + word.held[3]) / 2


def _level(word: Word, other: Word) -> bool:
    return abs(_middle(word) - _middle(other)) <= LEVEL * min(_height(word), _height(other))
