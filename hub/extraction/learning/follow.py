"""What the ways of a field lead to in a document, and which of it to believe."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from hub.extraction.findings import Finding
from hub.extraction.learning.frame import Frame
from hub.extraction.learning.learnt import LearntField, Way
from hub.extraction.learning.marks import Match
from hub.extraction.learning.ways import Place, ends_of
from hub.extraction.learning.written import fits, is_free, scanned, value_in
from hub.extraction.schemas.fields import Field
from hub.extraction.values.conventions import Conventions
from hub.extraction.values.typed import Value

ENGINE = "learnt"
# The most a learnt value is trusted, and how much less when the ways disagree.
_SURE, _DOUBT = 0.98, 0.75
# The share of that after one document, and after how many more it is reached.
_ONCE, _OFTEN = 0.92, 3


class Scene(msgspec.Struct, frozen=True):
    """A document that was recognised: its frame, how it lies on the layout, how it writes values."""

    frame: Frame
    matched: Match
    conventions: Conventions


class End(msgspec.Struct, frozen=True):
    """What stands at the end of a way."""

    value: Value
    places: tuple[Place, ...]


def end_of(scene: Scene, field: Field, learnt: LearntField, way: Way) -> End | None:
    """Follow one way; None when nothing that can be the field's value stands there."""
    for place in ends_of(scene.frame, scene.matched, way):
        found = value_in(field, scene.frame, place, way, scene.conventions)
        if found is None:
            continue
        places = [(found.start, found.end)]
        if learnt.shape.lines > 1 and is_free(field):
            places += _next_lines(scene, places[0], learnt.shape.lines)
        written = ", ".join(" ".join(scene.frame.text[start:end].split()) for start, end in places)
        value = written if is_free(field) else found.value
        if fits(field, learnt.shape, written):
            return End(value, tuple(places))
    return None


def best(scene: Scene, field: Field, learnt: LearntField) -> Finding | None:
    """Let the ways vote by how often each was right."""
    votes: dict[Value, float] = {}
    ends: dict[Value, End] = {}
    for way in learnt.ways:
        end = end_of(scene, field, learnt, way)
        if end:
            votes[end.value] = votes.get(end.value, 0.0) + way.trust
            ends.setdefault(end.value, end)
    if not votes:
        return None
    value = max(votes, key=lambda one: votes[one])
    agreed = votes[value] / sum(votes.values())
    # One document may have taught a chance; the more prove it, the surer.
    proved = _ONCE + (1 - _ONCE) * min(1.0, (learnt.present - 1) / _OFTEN)
    score = _SURE * proved * (_DOUBT + (1 - _DOUBT) * agreed)
    return Finding(value=value, confidence=round(score, 3), engine=ENGINE, places=ends[value].places)


def candidates(field: Field, frame: Frame, conventions: Conventions) -> Sequence[tuple[Value, Place]]:
    """Return every value of a field's type in a document with its characters."""
    return [
        (one.value, (spot.start + one.start, spot.start + one.end))
        for spot in frame.spots
        for one in scanned(field, frame.text[spot.start : spot.end], conventions)
    ]


def _next_lines(scene: Scene, first: Place, most: int) -> list[Place]:
    """Return the lines that go on below one, as long as they begin where it does."""
    spots = scene.frame.at(*first)
    places: list[Place] = []
    last = scene.frame.next_line(spots[0]) if spots else None
    while last is not None and len(places) + 1 < most:
        if any((term.left, term.top) in scene.matched.places for term in last.terms):
            break
        places.append((last.start, last.end))
        last = scene.frame.next_line(last)
    return places
