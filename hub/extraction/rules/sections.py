"""Sections of a document: a heading that is a label, and the rows below it, column by column."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import msgspec

from hub.extraction.rules.document import Document
from hub.extraction.rules.layout import Piece

_HEADINGS = {"summary", "skills", "positions", "education", "cv_other"}
# White between the left sides of two columns of headings, in points.
_APART = 110.0


class Section(msgspec.Struct, frozen=True):
    """A heading's concepts and the rows below it; a row has only the pieces of the heading's column."""

    concepts: frozenset[str]
    heading: Piece
    rows: tuple[tuple[Piece, ...], ...]
    # Characters behind the heading's colon, where it has words of its own.
    inline: tuple[int, int] | None = None


def sections(document: Document, own: Sequence[str] = ()) -> list[Section]:
    """Cut a document into sections; `own` are further concepts that head one."""
    wanted = _HEADINGS | set(own)
    heads = [piece for piece in document.layout.pieces if _concepts(document, piece, wanted)]
    if not heads:
        return []
    border = _border(heads)
    found: list[Section] = []
    for side in (False, True):
        column = [piece for piece in document.layout.pieces if (piece.left >= border) == side]
        column.sort(key=lambda piece: (piece.page, piece.row, piece.left))
        found += _cut(document, column, wanted)
    return sorted(found, key=lambda section: section.heading.start)


def is_heading(document: Document, piece: Piece) -> bool:
    """Tell whether a piece heads a section of a career."""
    return bool(_concepts(document, piece, _HEADINGS))


def _concepts(document: Document, piece: Piece, wanted: set[str]) -> frozenset[str]:
    hits = document.labels.of(piece)
    if not hits or not hits[0].leads or not (hits[0].fills or hits[0].colon):
        return frozenset()
    return frozenset(meaning.concept for meaning in hits[0].meanings) & wanted


def _border(heads: Sequence[Piece]) -> float:
    """Return where the right column begins, beyond the page when there is one column."""
    lefts = sorted(piece.left for piece in heads)
    gaps = [(after - before, after) for before, after in pairwise(lefts)]
    widest = max(gaps, default=(0.0, 0.0))
    return widest[1] - 8 if widest[0] > _APART else float("inf")


def _cut(document: Document, column: Sequence[Piece], wanted: set[str]) -> list[Section]:
    found: list[Section] = []
    rows: list[list[Piece]] = []
    for piece in column:
        concepts = _concepts(document, piece, wanted)
        if concepts:
            rows = []
            hit = document.labels.of(piece)[0]
            inline = None if hit.fills else (piece.start + hit.end, piece.end)
            found.append(Section(concepts, piece, (), inline))
        elif found and rows and rows[-1][-1].row == piece.row:
            rows[-1].append(piece)
        elif found:
            rows.append([piece])
        if found and not concepts:
            found[-1] = msgspec.structs.replace(found[-1], rows=tuple(tuple(row) for row in rows))
    return found
