"""Knowing a layout again: its words at their places, whatever the values, the rows between them and a slight shift."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from statistics import median

import msgspec

from hub.extraction.learning.frame import Frame, Spot, Term
from hub.extraction.learning.learnt import LearntLayout, Mark

# Of the words that belong to a layout this share must stand where they should.
ENOUGH = 0.62
_LEAST, _MOST = 4, 160
_SIDEWAYS, _STRAIGHT, _FARTHEST = 14.0, 9.0, 60.0
_WORD = 2
# After several documents a word must have been seen in this share of them.
_STABLE = 0.5


class Match(msgspec.Struct, frozen=True):
    """How far a document is of a layout, how much it is shifted sideways, and by height how far down."""

    share: float
    sideways: float = 0.0
    # The marks that were found, from top to bottom, with how much lower they stand here.
    lower: tuple[tuple[float, float], ...] = ()
    found: frozenset[int] = frozenset()
    places: frozenset[tuple[float, float]] = frozenset()

    def down(self, top: float) -> float:
        """Return how much lower than in the layout things at a height stand, by the nearest mark."""
        return min(self.lower, key=lambda pair: abs(pair[0] - top), default=(0.0, 0.0))[1]


def marks_of(frame: Frame, values: Iterable[tuple[int, int]]) -> tuple[Mark, ...]:
    """Return the words of a document that are no part of its values."""
    taken = sorted(values)
    found = [
        Mark(term.word, round(term.left, 1), round(term.top, 1), after=_before(spot, index))
        for spot in frame.spots
        for index, term in enumerate(spot.terms)
        if term.label and len(term.word) >= _WORD and not _inside(term, taken)
    ]
    return tuple(found[: _MOST // 2] + found[_MOST // 2 :][-(_MOST // 2) :])


def match(layout: LearntLayout, frame: Frame) -> Match:
    """Compare a document with a layout."""
    marks = stable(layout)
    sideways = _shift(marks, frame)
    placed = _placed(marks, frame, sideways)
    if len(marks) < _LEAST or not placed:
        return Match(0.0)
    kept = _consistent([(index, marks[index].top, term.top - marks[index].top) for index, term in placed.items()])
    weight = sum(mark.seen for mark in marks)
    return Match(
        share=sum(marks[index].seen for index, _, _ in kept) / weight,
        sideways=sideways,
        lower=tuple((top, lower) for _, top, lower in kept),
        found=frozenset(index for index, _, _ in kept),
        places=frozenset((placed[index].left, placed[index].top) for index, _, _ in kept),
    )


def stable(layout: LearntLayout) -> Sequence[Mark]:
    """Return the words seen in most documents of a layout."""
    return [mark for mark in layout.marks if mark.seen >= layout.samples * _STABLE]


def joined(layout: LearntLayout, fresh: Collection[Mark], matched: Match) -> tuple[Mark, ...]:
    """Count what was seen again; a word that is missing too often is no word of the layout."""
    known = stable(layout)
    counted = [
        msgspec.structs.replace(mark, seen=mark.seen + (index in matched.found)) for index, mark in enumerate(known)
    ]
    samples = layout.samples + 1
    kept = [mark for mark in counted if mark.seen >= samples * _STABLE]
    return tuple(kept) if len(kept) >= _LEAST else tuple(fresh)


def _before(spot: Spot, index: int) -> str:
    """Return the word in front of one, if it may be part of a label."""
    return spot.terms[index - 1].word if index and spot.terms[index - 1].label else ""


def _inside(term: Term, taken: Sequence[tuple[int, int]]) -> bool:
    return any(start < term.end and term.start < end for start, end in taken)


def _shift(marks: Sequence[Mark], frame: Frame) -> float:
    """Return how far to the right everything stands, by the words that are there once; only pages are shifted."""
    if frame.flows:
        return 0.0
    once: dict[str, int] = {}
    for mark in marks:
        once[mark.word] = once.get(mark.word, 0) + 1
    moved = [
        spots[0][0].terms[spots[0][1]].left - mark.left
        for mark in marks
        if once[mark.word] == 1 and len(spots := frame.by_word.get(mark.word, [])) == 1
    ]
    shift = median(moved) if moved else 0.0
    return shift if abs(shift) <= _FARTHEST else 0.0


def _placed(marks: Sequence[Mark], frame: Frame, sideways: float) -> dict[int, Term]:
    """Find for each mark, from top to bottom, the same word at the same distance from the margin."""
    placed: dict[int, Term] = {}
    lower = 0.0
    for index in sorted(range(len(marks)), key=lambda one: (marks[one].top, marks[one].left)):
        mark = marks[index]
        near = [
            term
            for spot, position in frame.by_word.get(mark.word, [])
            if abs((term := spot.terms[position]).left - mark.left - sideways) <= _SIDEWAYS
            or (frame.flows and mark.after and mark.after == _before(spot, position))
        ]
        if near:
            best = min(near, key=lambda term: abs(term.top - mark.top - lower))
            lower = best.top - mark.top
            placed[index] = best
    return placed


def _consistent(found: list[tuple[int, float, float]]) -> list[tuple[int, float, float]]:
    """Keep what is moved down as far as a neighbour is: chance finds are moved by anything."""
    kept = []
    for position, one in enumerate(found):
        around = found[max(0, position - 2) : position] + found[position + 1 : position + 3]
        if any(abs(one[2] - other[2]) <= _STRAIGHT for other in around):
            kept.append(one)
    return kept
