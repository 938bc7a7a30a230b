"""Learning from one document: what people put right or confirmed becomes ways to the values of its layout."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from hub.extraction.evidence import squashed
from hub.extraction.learning.apply import nearest
from hub.extraction.learning.follow import Scene, best, end_of
from hub.extraction.learning.frame import Frame
from hub.extraction.learning.learnt import LearntField, LearntLayout, LearntTable, Shape, Way
from hub.extraction.learning.marks import joined, marks_of
from hub.extraction.learning.tables import Cells, learn_table, read_table
from hub.extraction.learning.ways import Place, Seen, ways_to
from hub.extraction.learning.written import is_free, shape_of
from hub.extraction.reading import Reading
from hub.extraction.results import FieldResult
from hub.extraction.schemas.fields import Field, FieldType, Leaf, Schema, leaves
from hub.extraction.values.conventions import conventions_of

_MOST_WAYS, _MOST_SOURCES = 8, 20
_NEAR = 14.0


class Lesson(msgspec.Struct, frozen=True, kw_only=True):
    """A document with its right values; `corrected` are the paths a person put right, the others were found.

    When it is not `confirmed`, only what was corrected is known to be right.
    """

    reading: Reading
    schema: Schema
    fields: dict[str, FieldResult]
    corrected: frozenset[str] = frozenset()
    confirmed: bool = False
    layouts: tuple[LearntLayout, ...] = ()
    # Which of how many records of the source.
    record: int = 0
    records: int = 1


def teach(lesson: Lesson) -> LearntLayout | None:
    """Return the document's layout with what the lesson adds; without an id when it is a new one."""
    frame = Frame(lesson.reading)
    layout, matched = nearest(frame, lesson.layouts)
    fresh = marks_of(frame, _taken(lesson, lesson.fields))
    source = f"{lesson.reading.source}.{lesson.record}"
    again = layout is not None and source in layout.sources
    if layout is None:
        layout = LearntLayout(marks=fresh, samples=1)
        matched = nearest(frame, [layout])[1]
        marks, samples = fresh, 1
    else:
        marks = layout.marks if again else joined(layout, fresh, matched)
        samples = layout.samples + (not again)
    # Rows that nobody looked at may be no rows: what stands in them may be labels.
    sure = [path for path in lesson.fields if lesson.confirmed or path in lesson.corrected or "[" not in path]
    scene = Scene(frame, matched, conventions_of(lesson.reading.text))
    room = _Room(lesson, scene, layout, _taken(lesson, sure), again=again)
    fields: dict[str, LearntField] = dict(layout.fields)
    tables: dict[str, LearntTable] = {}
    for leaf in leaves(lesson.schema.spec.fields):
        if leaf.field.type is FieldType.TABLE:
            tables |= room.tables(leaf)
        elif leaf.field.type is not FieldType.LIST and (field := room.field(leaf)):
            fields[leaf.path] = field
    if not marks or not (fields or tables):
        return None
    sources = tuple(dict.fromkeys([source, *layout.sources]))[:_MOST_SOURCES]
    return LearntLayout(id=layout.id, sources=sources, marks=marks, samples=samples, fields=fields, tables=tables)


def places_of(field: FieldResult, text: str) -> list[Place]:
    """Return the characters of a text that a value's evidence cites, if they still say what they said."""
    found = [one for one in field.evidence if one.characters is not None and one.selector is None]
    places = [(one.characters, one.text) for one in found if one.characters is not None]
    if any(said and squashed(text[start:end]) != squashed(said) for (start, end), said in places):
        return []
    return [place for place, _ in places]


def _taken(lesson: Lesson, paths: Iterable[str]) -> list[Place]:
    """Return the characters that the values at some paths take."""
    return [place for path in paths for place in places_of(lesson.fields[path], lesson.reading.text)]


class _Room:
    """Where one lesson takes place; a document that comes `again` counts no second time."""

    def __init__(
        self, lesson: Lesson, scene: Scene, layout: LearntLayout, taken: Sequence[Place], *, again: bool
    ) -> None:
        self._again = again
        self._lesson = lesson
        self._scene = scene
        self._layout = layout
        self._taken = taken

    def field(self, leaf: Leaf) -> LearntField | None:
        """Return what is known of a field after the lesson, None when it says nothing of it."""
        lesson = self._lesson
        corrected = leaf.path in lesson.corrected
        result = lesson.fields.get(leaf.path, FieldResult())
        if not corrected and not lesson.confirmed:
            return None
        known = self._layout.fields.get(leaf.path, LearntField())
        tried = [one for one in (self._tried(leaf.field, known, way, result) for way in known.ways) if one]
        if result.value is None:
            ways = tuple(way for way in tried if way.hits > way.misses)
            # That nothing was found where nothing is tells nothing of what the rules may find there wrongly.
            absent = self._counted(known.absent) if corrected else known.absent
            return msgspec.structs.replace(known, ways=ways, absent=absent)
        places = places_of(result, self._lesson.reading.text)
        if not _can_teach(leaf.field, places):
            return msgspec.structs.replace(known, absent=0)
        seen = Seen(leaf.field, places[0], self._taken)
        fresh = ways_to(self._scene.frame, seen, self._scene.conventions)
        written = [self._scene.frame.text[start:end] for start, end in places]
        learnt = LearntField(
            ways=_joined(tried, fresh),
            shape=_wider(known, shape_of(" ".join(written), len(places))),
            present=self._counted(known.present),
            taught=corrected or known.taught,
        )
        read = best(self._scene, leaf.field, learnt)
        # What does not read its own document rightly would read the next one wrongly.
        right = read is not None and _same(read.value, result.value)
        return learnt if right else msgspec.structs.replace(learnt, ways=())

    def tables(self, leaf: Leaf) -> dict[str, LearntTable]:
        """Return what is known of a table after the lesson; nothing when it cannot be read by what is known."""
        lesson, prefix = self._lesson, f"{leaf.path}["
        known = self._layout.tables.get(leaf.path)
        corrected = any(path.startswith(prefix) for path in lesson.corrected)
        if not corrected and not lesson.confirmed:
            return {leaf.path: known} if known else {}
        right = {path: one for path, one in lesson.fields.items() if path.startswith(prefix)}
        if known and self._reads(leaf, known, right):
            hits = known.hits + (not self._again)
            return {leaf.path: msgspec.structs.replace(known, hits=hits, taught=known.taught or corrected)}
        fresh = learn_table(self._scene.frame, _rows(right, lesson.reading.text), taught=corrected)
        return {leaf.path: fresh} if fresh and self._reads(leaf, fresh, right) else {}

    def _reads(self, leaf: Leaf, table: LearntTable, right: Mapping[str, FieldResult]) -> bool:
        """Tell whether a table that was learnt reads this document rightly."""
        read = read_table(self._scene, leaf.path, leaf.field, table)
        wanted = {path: one.value for path, one in right.items() if one.value is not None}
        return (
            bool(read) and read.keys() == wanted.keys() and all(_same(read[path].value, wanted[path]) for path in read)
        )

    def _counted(self, times: int) -> int:
        return max(times, 1) if self._again else times + 1

    def _tried(self, field: Field, known: LearntField, way: Way, result: FieldResult) -> Way | None:
        """Count whether a way leads to the right value here; drop it once it leads astray as often."""
        end = end_of(self._scene, field, known, way)
        if end is None:
            return way
        hit = _same(end.value, result.value)
        tried = msgspec.structs.replace(way, hits=way.hits + (hit and not self._again), misses=way.misses + (not hit))
        return tried if tried.hits > tried.misses else None


def _same(value: Any, other: Any) -> bool:
    """Tell whether two values are one, however their words are parted."""
    if isinstance(value, str) and isinstance(other, str):
        return squashed(value) == squashed(other)
    return bool(value == other)


def _can_teach(field: Field, places: Sequence[Place]) -> bool:
    return bool(places) and (len(places) == 1 or is_free(field))


def _rows(cells: Mapping[str, FieldResult], text: str) -> list[Cells]:
    rows: dict[str, dict[str, Sequence[Place]]] = {}
    for path, result in cells.items():
        row, _, name = path.partition("].")
        if name and result.value is not None and (places := places_of(result, text)):
            rows.setdefault(row, {})[name] = places
    return list(rows.values())


def _joined(known: Sequence[Way], fresh: Sequence[Way]) -> tuple[Way, ...]:
    """Add the ways that are new, best first."""
    added = [way for way in fresh if not any(_are_one(way, other) for other in known)]
    return tuple(sorted([*known, *added], key=lambda way: -way.trust)[:_MOST_WAYS])


def _are_one(way: Way, other: Way) -> bool:
    if way.relation != other.relation or way.label != other.label:
        return False
    begins = abs(way.left + way.over - other.left - other.over)
    ends = abs(way.left + way.over + way.width - other.left - other.over - other.width)
    return way.relation == "behind" or min(begins, ends) <= _NEAR


def _wider(known: LearntField, shape: Shape) -> Shape:
    """Return a shape that both the known values and this one have."""
    if not known.present:
        return shape
    return Shape(
        digits=known.shape.digits and shape.digits,
        letters=known.shape.letters and shape.letters,
        decimals=known.shape.decimals and shape.decimals,
        lines=max(known.shape.lines, shape.lines),
    )
