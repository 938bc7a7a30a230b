"""A reading laid out for comparing layouts: words with their places in thousandths of the page's width."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Sequence

import msgspec

from hub.extraction.reading import Reading
from hub.extraction.rules.layout import Piece, lay_out
from hub.extraction.values.months import plain

_TOKEN = re.compile(r"[^\W_]+")
_LETTERS = re.compile(r"[^\W\d_]{2,}")
# What recognition takes for each other is one letter here.
_ALIKE = str.maketrans({"i": "l", "1": "l", "0": "o", "5": "s", "8": "b"})
# The grid of a source without pages.
_GRID_WIDTH, _PAGE_HEIGHT = 600.0, 842.0
_MOST_SPOTS = 6000
# How far apart the middles of two texts of one line may be, in heights.
_LEVEL = 0.6
# How far below the next line of a paragraph begins, in heights, and how far aside.
_NEXT, _ALIGNED = 2.4, 12.0


class Term(msgspec.Struct, frozen=True, gc=False):
    """A word as layouts are compared by it, with its characters and place; `label` when it may be part of a label."""

    word: str
    start: int
    end: int
    left: float
    right: float
    top: float
    label: bool


class Spot(msgspec.Struct, frozen=True, gc=False, eq=False):
    """Words that stand together on a line."""

    text: str
    start: int
    end: int
    left: float
    right: float
    top: float
    height: float
    terms: tuple[Term, ...]

    @property
    def middle(self) -> float:
        """The height of its middle."""
        return self.top + self.height / 2


class Frame:
    """All spots of a reading from top to bottom, and where each word stands."""

    def __init__(self, reading: Reading) -> None:
        self.text = reading.text
        # Without boxes a longer word moves what stands behind it.
        self.flows = bool(reading.spans) and reading.spans[0].box is None
        pieces = lay_out(reading).pieces[:_MOST_SPOTS] if reading.spans else []
        scales = _scales(reading)
        self.spots = sorted((_spot(piece, *scales.get(piece.page, scales[0])) for piece in pieces), key=_by_top)
        self.by_word: dict[str, list[tuple[Spot, int]]] = {}
        for spot in self.spots:
            for index, term in enumerate(spot.terms):
                if term.label:
                    self.by_word.setdefault(term.word, []).append((spot, index))

    def level(self, middle: float, height: float) -> list[Spot]:
        """Return the spots on a line, from left to right."""
        reach = max(height, 1.0) * _LEVEL
        first = bisect_left(self.spots, middle - 3 * reach - 20, key=_by_top)
        last = bisect_left(self.spots, middle + reach, key=_by_top)
        near = [spot for spot in self.spots[first:last] if abs(spot.middle - middle) <= reach]
        return sorted(near, key=lambda spot: spot.left)

    def between(self, top: float, bottom: float) -> list[Spot]:
        """Return the spots that begin between two heights."""
        return self.spots[bisect_left(self.spots, top, key=_by_top) : bisect_left(self.spots, bottom, key=_by_top)]

    def next_line(self, spot: Spot) -> Spot | None:
        """Return the line below that begins where one does, as lines of a paragraph do; None when there is none."""
        near = self.between(spot.top + spot.height * _LEVEL, spot.top + spot.height * _NEXT)
        return next((one for one in near if abs(one.left - spot.left) <= _ALIGNED), None)

    def at(self, start: int, end: int) -> list[Spot]:
        """Return the spots that hold some characters, in the order of the text."""
        return sorted((spot for spot in self.spots if spot.start < end and start < spot.end), key=lambda one: one.start)

    def find(self, label: Sequence[str]) -> list[tuple[Spot, int]]:
        """Return where the words of a label follow each other: the spot and the index of the first word."""
        if not label:
            return []
        return [
            (spot, index)
            for spot, index in self.by_word.get(label[0], [])
            if tuple(term.word for term in spot.terms[index : index + len(label)]) == tuple(label)
        ]


def words_in(text: str) -> tuple[str, ...]:
    """Return the words of a text the way labels are compared."""
    return tuple(_written(match[0]) for match in _TOKEN.finditer(text))


def label_words(terms: Collection[Term]) -> tuple[str, ...]:
    """Return the words among some that may be those of a label."""
    return tuple(term.word for term in terms if term.label)


def _by_top(spot: Spot) -> float:
    return spot.top


def _written(word: str) -> str:
    return plain(word).translate(_ALIKE)


def _scales(reading: Reading) -> dict[int, tuple[float, float]]:
    """Return by page its scale and the height at which it begins; pages lie under each other."""
    if not reading.pages or (reading.spans and reading.spans[0].box is None):
        return {0: (1000 / _GRID_WIDTH, 0.0)}
    scales: dict[int, tuple[float, float]] = {}
    offset = 0.0
    for page in reading.pages:
        scale = 1000 / max(page.width, 1.0)
        scales[page.number] = (scale, offset)
        offset += (page.height or _PAGE_HEIGHT) * scale
    return {0: next(iter(scales.values())), **scales}


def _spot(piece: Piece, scale: float, offset: float) -> Spot:
    return Spot(
        text=piece.text,
        start=piece.start,
        end=piece.end,
        left=piece.left * scale,
        right=piece.right * scale,
        top=piece.top * scale + offset,
        height=max(piece.height * scale, 1.0),
        terms=tuple(_terms(piece, scale, offset)),
    )


def _terms(piece: Piece, scale: float, offset: float) -> list[Term]:
    found = []
    for word in piece.words:
        for match in _TOKEN.finditer(word.text):
            share = (word.right - word.left) / max(len(word.text), 1)
            found.append(
                Term(
                    word=_written(match[0]),
                    start=word.start + match.start(),
                    end=word.start + match.end(),
                    left=(word.left + share * match.start()) * scale,
                    right=(word.left + share * match.end()) * scale,
                    top=word.top * scale + offset,
                    label=_LETTERS.fullmatch(match[0]) is not None,
                )
            )
    return found
