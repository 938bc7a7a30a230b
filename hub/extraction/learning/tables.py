"""Tables of a layout: where columns stand, what heads and ends them; learnt from rows, read in the next document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import msgspec

from hub.extraction.findings import Finding
from hub.extraction.learning.follow import ENGINE, Scene
from hub.extraction.learning.frame import Frame, Spot, Term, label_words
from hub.extraction.learning.learnt import LearntColumn, LearntTable
from hub.extraction.learning.written import is_free, scanned
from hub.extraction.schemas.fields import Field
from hub.extraction.values.found import Found
from hub.extraction.values.typed import Value

Place = tuple[int, int]
Cells = Mapping[str, Sequence[Place]]

_TRUST = 0.93
_HEAD, _WRAPPED, _STRANGE = 8.0, 1.9, 2
_SIDEWAYS = 14.0
_ENDING = 3
_MOST_ROWS = 2000


def learn_table(frame: Frame, rows: Sequence[Cells], *, taught: bool) -> LearntTable | None:
    """Return what a table looks like, by the places of its cells; None when that does not tell."""
    boxes = [{name: box for name, places in row.items() if (box := _box(frame, places))} for row in rows]
    boxes = [row for row in boxes if row]
    if not boxes:
        return None
    tops = [min(box.top for box in row.values()) for row in boxes]
    columns = tuple(sorted(_columns(boxes), key=lambda column: column.left))
    if len(columns) < 2 or sorted(tops) != tops:
        return None
    height = max(box.bottom - box.top for box in boxes[0].values())
    pitch = min((after - before for before, after in pairwise(tops)), default=height * 2)
    first = next(iter(boxes[0].values()))
    head = _head(frame, columns, min(tops), height)
    lowest = max(spot.top + spot.height for places in rows[-1].values() for spot in _spots(frame, places))
    end = _end(frame, min(tops), lowest, height)
    return LearntTable(columns, head, first.left, min(tops), max(pitch, height), end, taught=taught)


def read_table(scene: Scene, path: str, field: Field, table: LearntTable) -> dict[str, Finding]:
    """Read the rows of a table that was learnt; nothing when its head is not there or no row fits."""
    start = _start(scene, table)
    if start is None:
        return {}
    rows = _Rows(table, {column.name: column for column in field.fields})
    for line in _lines(scene.frame, start):
        words = _words(line)
        if (table.end and words[: len(table.end)] == table.end) or len(rows.records) >= _MOST_ROWS:
            break
        if _is_head(words, table):
            rows.missed = 0
        elif rows.missed <= _STRANGE:
            rows.add(line[0].top, _cells(scene, rows.fields, table, line))
    return {
        f"{path}[{index}].{name}": _finding(founds)
        for index, record in enumerate(rows.records)
        for name, founds in record.items()
    }


class _Rows:
    """The rows read so far; after some strange lines the table is over unless its head comes again."""

    def __init__(self, table: LearntTable, fields: Mapping[str, Field]) -> None:
        self.fields = fields
        self.records: list[dict[str, list[Found[Value]]]] = []
        self.missed = 0
        self._always = {column.name for column in table.columns if column.always}
        self._wrapped = table.pitch * _WRAPPED
        self._bottom = 0.0

    def add(self, top: float, cells: Mapping[str, Found[Value]]) -> None:
        """Take a line as a row, as the rest of the one before, or as a strange one."""
        if self._always <= cells.keys():
            self.records.append({name: [found] for name, found in cells.items()})
            self.missed, self._bottom = 0, top
        elif self.records and top - self._bottom <= self._wrapped and _goes_on(cells, self.fields):
            for name, found in cells.items():
                self.records[-1].setdefault(name, []).append(found)
            self._bottom = top
        elif self.records:
            self.missed += 1


class _Box(msgspec.Struct, frozen=True):
    left: float
    right: float
    top: float
    bottom: float


def _box(frame: Frame, places: Sequence[Place]) -> _Box | None:
    """Return the box of a cell's first line."""
    if not places:
        return None
    start, end = places[0]
    held = [
        (spot, term) for spot in frame.at(start, end) for term in spot.terms if term.start < end and start < term.end
    ]
    if not held:
        return None
    top = min(spot.top for spot, _ in held)
    line = [(spot, term) for spot, term in held if spot.top - top < spot.height * 0.6]
    return _Box(
        left=min(term.left for _, term in line),
        right=max(term.right for _, term in line),
        top=top,
        bottom=max(spot.top + spot.height for spot, _ in line),
    )


def _columns(boxes: Sequence[Mapping[str, _Box]]) -> Iterator[LearntColumn]:
    names = dict.fromkeys(name for row in boxes for name in row)
    for name in names:
        held = [row[name] for row in boxes if name in row]
        yield LearntColumn(
            name, min(box.left for box in held), max(box.right for box in held), always=len(held) == len(boxes)
        )


def _head(frame: Frame, columns: Sequence[LearntColumn], top: float, height: float) -> tuple[str, ...]:
    """Return the words of the line above the first row that stands over the columns."""
    left, right = columns[0].left - 40, columns[-1].right + 40
    above = [one for one in frame.between(top - height * _HEAD, top - height * 0.5) if left <= one.left <= right]
    if not above:
        return ()
    line = frame.level(above[-1].middle, above[-1].height)
    return label_words([term for spot in line for term in spot.terms])


def _spots(frame: Frame, places: Sequence[Place]) -> Iterator[Spot]:
    for start, end in places:
        yield from frame.at(start, end)


def _end(frame: Frame, top: float, bottom: float, height: float) -> tuple[str, ...]:
    """Return the words of the first line below a table that no line in it begins with."""
    inside = {_words(line)[:_ENDING] for line in _lines(frame, top) if line[0].top < bottom - height * 0.3}
    for line in _lines(frame, bottom - height * 0.3):
        if line[0].top > bottom + height * _HEAD:
            break
        words = _words(line)[:_ENDING]
        if words and words not in inside:
            return words
    return ()


def _words(line: Sequence[Spot]) -> tuple[str, ...]:
    return label_words([term for spot in line for term in spot.terms])


def _is_head(words: Sequence[str], table: LearntTable) -> bool:
    wanted = set(table.head)
    return bool(wanted) and len(wanted & set(words)) >= max(1, round(len(wanted) * 0.6))


def _start(scene: Scene, table: LearntTable) -> float | None:
    """Return below which height the rows begin: below the head, or where the first row stood."""
    expected = table.top + scene.matched.down(table.top)
    if not table.head:
        return expected - table.pitch * 0.5
    heads = [line[0] for line in _lines(scene.frame, 0.0) if _is_head(_words(line), table)]
    if not heads:
        return None
    nearest = min(heads, key=lambda spot: abs(spot.top - expected))
    return nearest.top + nearest.height * 0.7


def _lines(frame: Frame, top: float) -> Iterator[list[Spot]]:
    line: list[Spot] = []
    for spot in frame.between(top, float("inf")):
        if line and spot.middle - line[0].middle > max(line[0].height, spot.height) * 0.6:
            yield sorted(line, key=lambda one: one.left)
            line = []
        line.append(spot)
    if line:
        yield sorted(line, key=lambda one: one.left)


def _cells(
    scene: Scene, fields: Mapping[str, Field], table: LearntTable, line: Sequence[Spot]
) -> dict[str, Found[Value]]:
    """Give every word of a line to its column and read what the columns then hold."""
    held: dict[str, list[Term]] = {}
    shift = scene.matched.sideways
    for spot in line:
        for group in _groups(spot, table.columns, shift):
            name = _column(group, table.columns, shift)
            if name:
                held.setdefault(name, []).extend(group)
    cells = {}
    for name, terms in held.items():
        field = fields.get(name)
        if field is None:
            continue
        start, end = _widened(scene.frame.text, min(one.start for one in terms), max(one.end for one in terms))
        text = scene.frame.text[start:end]
        found = scanned(field, text, scene.conventions)
        if is_free(field):
            cells[name] = Found[Value](start, end, " ".join(text.split()))
        elif found:
            one = found[0]
            cells[name] = Found[Value](start + one.start, start + one.end, one.value)
    return cells


def _groups(spot: Spot, columns: Sequence[LearntColumn], shift: float) -> Iterator[list[Term]]:
    """Part the words of a spot that reaches over several columns."""
    group: list[Term] = []
    for term in spot.terms:
        if (
            group
            and _column([term], columns, shift) != _column(group, columns, shift)
            and _starts(term, columns, shift)
        ):
            yield group
            group = []
        group.append(term)
    if group:
        yield group


def _starts(term: Term, columns: Sequence[LearntColumn], shift: float) -> bool:
    return any(column.left + shift - _SIDEWAYS <= term.left <= column.right + shift for column in columns)


def _column(group: Sequence[Term], columns: Sequence[LearntColumn], shift: float) -> str | None:
    """Return the column that a text stands in: most of it, or the nearest edge."""
    left, right = group[0].left - shift, group[-1].right - shift
    across = {one.name: min(right, one.right) - max(left, one.left) for one in columns}
    name = max(across, key=lambda one: across[one])
    if across[name] > 0:
        return name
    near = {one.name: min(abs(left - one.left), abs(right - one.right)) for one in columns}
    name = min(near, key=lambda one: near[one])
    return name if near[name] <= _SIDEWAYS else None


def _widened(text: str, start: int, end: int) -> tuple[int, int]:
    """Take in the signs that touch a cell's words: a minus, a currency, a bracket."""
    while start > 0 and not text[start - 1].isspace() and text[start - 1] != "|":
        start -= 1
    while end < len(text) and not text[end].isspace() and text[end] != "|":
        end += 1
    return start, end


def _goes_on(cells: Mapping[str, Found[Value]], fields: Mapping[str, Field]) -> bool:
    """Tell whether a line holds nothing but the rest of a text."""
    return bool(cells) and all(is_free(fields[name]) for name in cells)


def _finding(founds: Sequence[Found[Value]]) -> Finding:
    value = founds[0].value
    if len(founds) > 1:
        value = " ".join(str(found.value) for found in founds)
    places = tuple((found.start, found.end) for found in founds)
    return Finding(value=value, confidence=_TRUST, engine=ENGINE, places=places)
