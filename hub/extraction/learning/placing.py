"""Where a value that a person gave stands: at the place they marked, else where the document says it once."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Sequence
from typing import Annotated

import msgspec

from hub.errors import Problem
from hub.extraction.evidence import squashed
from hub.extraction.learning.follow import candidates
from hub.extraction.learning.frame import Frame, Spot
from hub.extraction.learning.learnt import Way
from hub.extraction.learning.ways import Place, Seen, ways_to
from hub.extraction.learning.written import is_free
from hub.extraction.reading import Box, Reading, Span
from hub.extraction.rules.candidates import labelled
from hub.extraction.rules.document import Document
from hub.extraction.rules.vocabulary import format_of
from hub.extraction.schemas.fields import Field, FieldType, Leaf
from hub.extraction.values.typed import Value

# How much of a word must lie in a marked box.
_INSIDE = 0.5
# A distance along a line counts less than one across lines.
_ON_A_LINE = 0.1
_MOST_FOUND, _MOST_STARTS = 200, 30
# Longer texts are not looked for.
_LONGEST_SOUGHT = 500
_TYPED = frozenset(FieldType) - {FieldType.STRING, FieldType.OBJECT, FieldType.TABLE, FieldType.LIST, FieldType.BOOLEAN}
_SAID = {
    "behind": "right of",
    "right_of": "right of",
    "below": "below",
    "left_of": "left of",
    "above": "above",
}


class Marked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a person marked: a box on a page in points from its top left, or characters of the reading's text."""

    page: Annotated[int, msgspec.Meta(ge=1)] | None = None
    box: Box | None = None
    characters: tuple[int, int] | None = None


class Beside(msgspec.Struct, frozen=True):
    """A label beside which a value stands, as people would say it."""

    relation: str = ""
    label: str = ""


def words_marked(reading: Reading, mark: Marked, path: str) -> tuple[tuple[Place, ...], Problem | None]:
    """Return the characters that a person marked, one place for each line, or what is wrong with the mark."""
    if mark.characters is not None:
        start, end = mark.characters
        if 0 <= start < end <= len(reading.text):
            return ((start, end),), None
        return (), Problem(path, f"The text has {len(reading.text)} characters; {start} to {end} are not among them.")
    if mark.box is None or mark.page is None:
        return (), Problem(path, "Say where it stands by `page` and `box`, or by `characters`.")
    inside = [span for span in reading.spans if span.page == mark.page and _share(span, mark.box) >= _INSIDE]
    if not inside:
        return (), Problem(path, "There is no word in this box. Draw it around the value.")
    return tuple(_lines(reading, inside)), None


class Places:
    """Looks for values in one document."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self.frame = Frame(document.reading)
        self._breaks = [match.start() for match in re.finditer("\n", document.reading.text)]

    def once(self, field: Field, value: Value, leaf: Leaf | None, near: Collection[Place] = ()) -> Place | None:
        """Return where a value stands: the only place, the only one on a line, or the only one at a label."""
        found = self.all(field, value)
        if len(found) <= 1:
            return found[0] if found else None
        line = [place for place in found if self._on_a_line(place, near)]
        if len(line) == 1:
            return line[0]
        if leaf is None:
            return None
        search, labels = self._document.search, self._document.labels_of(leaf)
        typed = msgspec.structs.replace(field, format=format_of(field))
        at_label = {one.places[0] for one in labelled(search, typed, labels) if one.value == value and one.places}
        return next(iter(at_label)) if len(at_label) == 1 else None

    def all(self, field: Field, value: Value) -> list[Place]:
        """Return every place of a value, at most some hundred."""
        if field.type in _TYPED or (field.type is FieldType.STRING and not is_free(field)):
            typed = candidates(field, self.frame, self._document.conventions)
            found = [place for one, place in typed if one == value]
            if found:
                return list(dict.fromkeys(found))[:_MOST_FOUND]
        return self._written(str(value))

    def in_a_column(self, value: Value) -> tuple[Place, ...]:
        """Return the lines below each other that say a value together, beside other columns; none unless once."""
        wanted = squashed(str(value))
        if not isinstance(value, str) or not 0 < len(wanted) <= _LONGEST_SOUGHT:
            return ()
        found = [places for spot in self.frame.spots if (places := self._lines_from(spot, wanted))]
        return found[0] if len(found) == 1 else ()

    def _lines_from(self, spot: Spot, wanted: str) -> tuple[Place, ...]:
        """Return the end of a line and the lines below it if they say what is wanted, and nothing more."""
        for index, term in enumerate(spot.terms):
            places: list[Place] = []
            at: Spot | None = spot
            start, rest = term.start, wanted
            while at is not None and rest:
                end, rest = self._said(at, start, rest)
                if end <= start:
                    break
                places.append((start, end))
                at = self.frame.next_line(at) if end >= at.terms[-1].end else None
                start = at.terms[0].start if at and at.terms else 0
                at = at if at and at.terms else None
            if not rest and len(places) > 1:
                return tuple(places)
            if index >= _MOST_STARTS:
                break
        return ()

    def _said(self, spot: Spot, start: int, wanted: str) -> tuple[int, str]:
        """Return how far a line says what is wanted, and what is left of it."""
        end = start
        for term in spot.terms:
            word = squashed(self.frame.text[term.start : term.end])
            if term.start >= start and wanted and wanted.startswith(word):
                end, wanted = term.end, wanted[len(word) :]
            elif term.start >= start:
                break
        return end, wanted

    def row(self, cells: Sequence[tuple[Field, Value]], taken: Collection[Place]) -> list[Place | None]:
        """Return the places of a row's cells, all on one line, when there is one such line that is not taken."""
        everywhere = [[place for place in self.all(*cell) if place not in taken] for cell in cells]
        lines: dict[int, list[Place | None]] = {}
        for column, places in enumerate(everywhere):
            for place in places:
                line = lines.setdefault(self._line(place), [None] * len(cells))
                line[column] = line[column] or place
        full = [line for line in lines.values() if all(place is not None for place in line)]
        if len(full) == 1:
            return full[0]
        return [places[0] if len(places) == 1 else None for places in everywhere]

    def beside(self, field: Field, place: Place, taken: Sequence[Place]) -> Beside:
        """Return beside which label a value stands."""
        ways = ways_to(self.frame, Seen(field, place, [*taken, place]), self._document.conventions)
        for way in sorted(ways, key=_distance):
            for spot, index in self.frame.find(way.label):
                terms = spot.terms[index : index + len(way.label)]
                if abs(terms[0].left - way.left) < 1 and abs(terms[0].top - way.top) < 1:
                    text = self.frame.text[terms[0].start : terms[-1].end]
                    return Beside(_SAID[way.relation], " ".join(text.split()))
        return Beside()

    def _written(self, value: str) -> list[Place]:
        """Find a text word by word, whatever the blanks and marks between them."""
        wanted = squashed(value)
        if len(wanted) > _LONGEST_SOUGHT:
            return []
        spans = self._document.reading.spans
        words = [squashed(span.text) for span in spans]
        found: list[Place] = []
        for first, word in enumerate(words):
            if not word or not wanted.startswith(word):
                continue
            joined, last = word, first
            while len(joined) < len(wanted) and last + 1 < len(words) and wanted.startswith(joined + words[last + 1]):
                last += 1
                joined += words[last]
            if joined == wanted:
                found.append((spans[first].start, spans[last].end))
            if len(found) >= _MOST_FOUND:
                break
        return found

    def _line(self, place: Place) -> int:
        return bisect_left(self._breaks, place[0])

    def _on_a_line(self, place: Place, near: Collection[Place]) -> bool:
        return any(self._line(place) == self._line(other) for other in near)


def _distance(way: Way) -> float:
    """Return how far away a label seems: what stands on one line belongs together over a wide gap."""
    return 0.0 if way.relation == "behind" else abs(way.down) + abs(way.over) * _ON_A_LINE


def _share(span: Span, box: Box) -> float:
    """Return how much of a word lies in a box."""
    if span.box is None:
        return 0.0
    left, top, right, bottom = span.box
    width = min(right, box[2]) - max(left, box[0])
    height = min(bottom, box[3]) - max(top, box[1])
    area = max((right - left) * (bottom - top), 0.01)
    return max(0.0, width) * max(0.0, height) / area


def _lines(reading: Reading, spans: Sequence[Span]) -> list[Place]:
    """Join words that follow each other on a line."""
    places: list[Place] = []
    for span in spans:
        if places and "\n" not in (between := reading.text[places[-1][1] : span.start]) and not between.strip():
            places[-1] = (places[-1][0], span.end)
        else:
            places.append((span.start, span.end))
    return places
