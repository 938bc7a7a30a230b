"""Ways to a value: learnt from where one stands, followed in the next document of the layout."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import msgspec

from hub.extraction.learning.frame import Frame, Spot, Term
from hub.extraction.learning.learnt import Relation, Way
from hub.extraction.learning.marks import Match
from hub.extraction.learning.written import around, rank
from hub.extraction.schemas.fields import Field
from hub.extraction.values.conventions import Conventions

Place = tuple[int, int]

_LONGEST_LABEL = 4
# How far away a label may stand: sideways in thousandths of the page, up and down in heights of a line.
_BESIDE, _ABOVE = 600.0, 4.0
_ALIGNED, _NEAR_LABEL = 12.0, 40.0


class Seen(msgspec.Struct, frozen=True):
    """A value as it stands in a document: its first line, and what is taken by values."""

    field: Field
    place: Place
    taken: Sequence[Place]


def ways_to(frame: Frame, seen: Seen, conventions: Conventions) -> list[Way]:
    """Return every way that leads to a value: from its labels, and from its place among the marks."""
    spots = frame.at(*seen.place)
    if not spots:
        return []
    spot = spots[0]
    terms = [term for term in spot.terms if term.start < seen.place[1] and seen.place[0] < term.end]
    if not terms:
        return []
    start, end = terms[0].start, terms[-1].end
    before, behind = around(spot, start, end)
    base = Way(
        relation="at",
        label=(),
        left=terms[0].left,
        top=spot.top,
        over=0.0,
        down=0.0,
        width=terms[-1].right - terms[0].left,
        height=spot.height,
        before=before,
        behind=behind,
        nth=rank(seen.field, frame, spot, start, conventions),
    )
    labels = list(_labels(frame, spot, start, terms, seen.taken))
    return [_from_label(base, relation, label) for relation, label in labels] + [base]


def _from_label(base: Way, relation: Relation, label: Sequence[Term]) -> Way:
    return msgspec.structs.replace(
        base,
        relation=relation,
        label=tuple(term.word for term in label),
        left=label[0].left,
        top=label[0].top,
        over=base.left - label[0].left,
        down=base.top - label[0].top,
        before=() if relation == "behind" else base.before,
        nth=0 if relation == "behind" else base.nth,
    )


def _labels(
    frame: Frame, spot: Spot, start: int, value: Sequence[Term], taken: Sequence[Place]
) -> Iterator[tuple[Relation, Sequence[Term]]]:
    inline = _run([term for term in spot.terms if term.end <= start], taken, last=True)
    if inline:
        yield "behind", inline
    left, right = value[0].left, value[-1].right
    line = frame.level(spot.middle, spot.height)
    beside = [one for one in line if one.right <= left + 1 and left - one.right <= _BESIDE]
    for other in reversed(beside):
        if label := _run(other.terms, taken):
            yield "right_of", label
            break
    for other in line:
        if other.left >= right - 1 and (label := _run(other.terms, taken)):
            yield "left_of", label
            break
    reach = spot.height * _ABOVE
    over = [one for one in frame.between(spot.top - reach, spot.top - spot.height * 0.5) if _shares(one, left, right)]
    for other in reversed(over):
        if label := _run(other.terms, taken):
            yield "below", label
            break
    under = [one for one in frame.between(spot.top + spot.height * 0.5, spot.top + reach) if _shares(one, left, right)]
    for other in under:
        if label := _run(other.terms, taken):
            yield "above", label
            break


def _run(terms: Sequence[Term], taken: Sequence[Place], *, last: bool = False) -> Sequence[Term]:
    """Return the words of a label among some: the first that follow each other, or the last ones."""
    runs: list[list[Term]] = [[]]
    for term in terms:
        if term.label and not any(start < term.end and term.start < end for start, end in taken):
            runs[-1].append(term)
        elif runs[-1]:
            runs.append([])
    full = [run for run in runs if run and max(len(term.word) for term in run) > 1]
    if not full:
        return ()
    return full[-1][-_LONGEST_LABEL:] if last else full[0][:_LONGEST_LABEL]


def _shares(spot: Spot, left: float, right: float) -> bool:
    return min(spot.right, right) - max(spot.left, left) > 0 or abs(spot.left - left) <= _ALIGNED


def ends_of(frame: Frame, matched: Match, way: Way) -> list[Place]:
    """Return the characters that a way leads to, the likeliest first; none where its label is not there."""
    if way.relation == "at":
        return _lines_at(frame, matched, way, way.left + matched.sideways, way.top + matched.down(way.top))
    expected = way.top + matched.down(way.top)
    there = [
        (spot, index)
        for spot, index in frame.find(way.label)
        if abs(spot.terms[index].left - way.left - matched.sideways) <= _NEAR_LABEL
    ]
    there.sort(key=lambda one: abs(one[0].top - expected))
    found: list[Place] = []
    for spot, index in there[:1]:
        label, last = spot.terms[index], spot.terms[index + len(way.label) - 1]
        behind = spot.terms[index + len(way.label) :]
        if way.relation == "behind":
            return [(last.end, spot.end)] if behind else []
        if way.relation == "right_of" and behind and label.left + way.over <= behind[-1].right:
            found.append((last.end, spot.end))
        found += _lines_at(frame, matched, way, label.left + way.over, label.top + way.down)
    return found


def _lines_at(frame: Frame, matched: Match, way: Way, left: float, top: float) -> list[Place]:
    """Return what stands on a line where the value should: as far left, as far right, or at least across."""
    right = left + way.width
    line = [
        spot
        for spot in frame.level(top + way.height / 2, way.height)
        if not _is_label(spot, matched.places, way.before, way.behind)
    ]
    ranked = []
    for spot in line:
        edges = [term.left for term in spot.terms] + [spot.left]
        begins = min(abs(edge - left) for edge in edges)
        ends = abs(spot.right - right)
        across = min(spot.right, right) - max(spot.left, left)
        if min(begins, ends) <= _ALIGNED or across > 0:
            ranked.append((min(begins, ends, 2 * _ALIGNED), -across, spot))
    ranked.sort(key=lambda one: one[:2])
    return [(spot.start, spot.end) for _, _, spot in ranked]


def _is_label(spot: Spot, marks: Collection[tuple[float, float]], before: Sequence[str], behind: Sequence[str]) -> bool:
    """Tell whether a spot is only words of the layout, so that no value can stand in it."""
    known = {*before, *behind}
    terms = [term for term in spot.terms if term.word not in known]
    return bool(terms) and all((term.left, term.top) in marks for term in terms)
