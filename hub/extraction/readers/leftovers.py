"""Ink that was not read: single digits and short codes in columns, which page segmentation takes for specks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from statistics import median
from typing import TYPE_CHECKING

from hub.extraction.readers.tesseract import Models, Seen, word_in

if TYPE_CHECKING:
    from numpy import bool_
    from numpy.typing import NDArray
    from PIL.Image import Image

Pixels = tuple[int, int, int, int]
# In heights of a word: how far ink may lie apart in one word, how low and how wide a word may be, how much of the white
# above and below a row is looked at, how far around a word ink is its own, and how near to one no other begins.
APART, LOWEST, WIDEST, AROUND, BESIDE, NEAR = 0.5, 0.5, 8.0, 0.5, 0.15, 0.5
# Darker is ink. At most so many places are looked at: a page of specks is none of text.
INK, MOST, SURE = 140, 60, 0.6


def left_over(image: Image, found: Sequence[Seen], models: Models, *, dpi: float) -> list[Seen]:
    """The words beside those that were found, in the rows in which those stand."""
    heights = [seen.box[3] - seen.box[1] for seen in found if any(map(str.isalnum, seen.text))]
    if not heights:
        return []
    height = median(heights)
    alone = (box for box in _marks(image, found, height) if not _is_near(box, found, NEAR * height))
    marks = list(islice(alone, MOST + 1))
    if len(marks) > MOST:
        return []
    kept = []
    for number, box in enumerate(marks, 1):
        left, top, right, bottom = box
        seen = word_in(image, models, _grown(box, round(height / 2), image.size), dpi=dpi)
        if seen and seen.confidence >= SURE and any(map(str.isalnum, seen.text)):
            kept.append(Seen(seen.text, (left, top, right, bottom), seen.confidence, -number))
    return kept


def _marks(image: Image, found: Sequence[Seen], height: float) -> Iterator[Pixels]:
    """Boxes of ink of a word's size in the rows of words, where nothing was found."""
    import numpy

    ink: NDArray[bool_] = numpy.asarray(image) < INK
    beside = round(BESIDE * height)
    for seen in found:
        left, top, right, bottom = (round(edge) for edge in seen.box)
        ink[max(top - beside, 0) : bottom + beside, max(left - beside, 0) : right + beside] = False
    around = round(AROUND * height)
    for top, bottom in _rows(found, height):
        band = ink[max(top - around, 0) : bottom + around]
        for left, right in _runs(numpy.any(band, axis=0), round(APART * height)):
            rows = numpy.flatnonzero(numpy.any(band[:, left:right], axis=1))
            first, last = int(rows[0]), int(rows[-1]) + 1
            # What reaches out of the row is a line or a picture.
            if first > 0 and last < len(band) and last - first >= LOWEST * height and right - left <= WIDEST * height:
                yield left, max(top - around, 0) + first, right, max(top - around, 0) + last


def _is_near(box: Pixels, found: Sequence[Seen], distance: float) -> bool:
    """Whether the ink may be a part of a word whose box was drawn too small."""
    left, top, right, bottom = box
    return any(
        seen.box[0] - distance < right and left < seen.box[2] + distance and seen.box[1] < bottom and top < seen.box[3]
        for seen in found
    )


def _rows(found: Sequence[Seen], height: float) -> list[tuple[int, int]]:
    """From where to where the rows of words reach, each only once."""
    rows: list[tuple[int, int]] = []
    for seen in sorted(found, key=lambda seen: seen.box[1] + seen.box[3]):
        top, bottom = round(seen.box[1]), round(seen.box[3])
        if not LOWEST * height <= bottom - top <= 2 * height:
            continue
        if not rows or (top + bottom) / 2 > rows[-1][1]:
            rows.append((top, bottom))
    return rows


def _runs(marked: NDArray[bool_], apart: int) -> list[tuple[int, int]]:
    """Where marks begin and end; those no further apart belong together."""
    import numpy

    places = numpy.flatnonzero(marked)
    if not len(places):
        return []
    cuts = numpy.flatnonzero(numpy.diff(places) > apart + 1)
    starts, ends = numpy.append(places[0], places[cuts + 1]), numpy.append(places[cuts], places[-1])
    return [(int(start), int(end) + 1) for start, end in zip(starts, ends, strict=True)]


def _grown(box: Pixels, by: int, size: tuple[int, int]) -> Pixels:
    left, top, right, bottom = box
    return max(left - by, 0), max(top - by, 0), min(right + by, size[0]), min(bottom + by, size[1])
