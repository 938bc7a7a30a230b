"""Where the steps of a recipe stand on the canvas: one row under the other, ways side by side, none through a step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

ROW = 148
GAP = 44
WIDE, NARROW = 264, 48

# By row, how far something reaches to the left and to the right of its own middle
Outline = dict[int, tuple[float, float]]


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A way between two places; `rank` orders the ways that leave one place, `side` puts it to the right of them."""

    source: str
    target: str
    rank: int = 0
    side: bool = False


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """The middle and the row of each place, and the column through which a long way goes, by its line."""

    columns: Mapping[str, float]
    rows: Mapping[str, int]
    bends: Mapping[Line, float]


def lay_out(places: Sequence[str], lines: Sequence[Line], narrow: frozenset[str] = frozenset()) -> Layout:
    """Lay places out; they come in an order in which each stands after all that lead to it, the first one on top."""
    return _Layout(places, lines, narrow).made()


class _Layout:
    """One layout; works on the tree in which each place hangs from the last one that all ways to it go through."""

    def __init__(self, places: Sequence[str], lines: Sequence[Line], narrow: frozenset[str]) -> None:
        self._places = places
        self._narrow = narrow
        number = {place: index for index, place in enumerate(places)}
        self._into: dict[str, list[Line]] = {place: [] for place in places}
        self._out: dict[str, list[Line]] = {place: [] for place in places}
        self._children: dict[str, list[str]] = {place: [] for place in places}
        for line in lines:
            if number.get(line.source, len(places)) < number.get(line.target, -1):
                self._into[line.target].append(line)
                self._out[line.source].append(line)
        self._rows: dict[str, int] = {}
        self._parent: dict[str, str] = {}
        self._depth: dict[str, int] = {}
        self._offsets: dict[str, float] = {}
        self._bends: dict[Line, tuple[str, float]] = {}
        self._outlines: dict[str, Outline] = {}

    def made(self) -> Layout:
        """Return where everything stands."""
        top = self._places[0]
        self._rows[top], self._depth[top] = 0, 0
        for place in self._places[1:]:
            before = [line.source for line in self._into[place]] or [top]
            self._rows[place] = 1 + max(self._rows[one] for one in before)
            parent = before[0]
            for other in before[1:]:
                parent = self._common(parent, other)
            self._parent[place], self._depth[place] = parent, self._depth[parent] + 1
            self._children[parent].append(place)
        for place in reversed(self._places):
            self._outlines[place] = self._around(place)
        columns = {top: 0.0}
        for place in self._places[1:]:
            columns[place] = columns[self._parent[place]] + self._offsets[place]
        bends = {line: columns[place] + offset for line, (place, offset) in self._bends.items()}
        return Layout(columns=columns, rows=self._rows, bends=bends)

    def _common(self, first: str, second: str) -> str:
        while first != second:
            if self._depth[first] < self._depth[second]:
                first, second = second, first
            first = self._parent[first]
        return first

    def _around(self, place: str) -> Outline:
        """Put what hangs from a place under it and return how far all of it reaches."""
        half = (NARROW if place in self._narrow else WIDE) / 2
        outline: Outline = {}
        lanes, aside, below = self._hanging(place)
        offsets = []
        for lane in lanes:
            offsets.append(_beside(outline, lane[1]) if outline else 0.0)
            _add(outline, lane[1], offsets[-1])
        real = [offset for (held, _), offset in zip(lanes, offsets, strict=True) if isinstance(held, str)]
        middle = (real[0] + real[-1]) / 2 if real else 0.0
        outline = {row: (left - middle, right - middle) for row, (left, right) in outline.items()}
        for (held, _), offset in zip(lanes, offsets, strict=True):
            self._keep(place, held, offset - middle)
        for held, other in [*below, *aside]:
            fits = (held, other) in below and not _meets(outline, other)
            offset = 0.0 if fits else _beside(outline, other)
            _add(outline, other, offset)
            self._keep(place, held, offset)
        outline[self._rows[place]] = (-half, half)
        return outline

    def _keep(self, place: str, held: str | Line, offset: float) -> None:
        if isinstance(held, str):
            self._offsets[held] = offset
        else:
            self._bends[held] = (place, offset)

    def _hanging(self, place: str) -> tuple[list[_Slot], list[_Slot], list[_Slot]]:
        """Return what hangs from a place: the lanes under it, what goes to its right, what comes below all lanes."""
        lanes: list[tuple[int, _Slot]] = []
        aside: list[_Slot] = []
        below: list[_Slot] = []
        children = self._children[place]
        direct = {one for one in children if all(line.source == place for line in self._into[one])}
        under = [one for one in direct if any(not line.side for line in self._into[one])]
        for one in children:
            slot: _Slot = (one, self._outlines[one])
            if one not in direct:
                below.append(slot)
            elif one in under or not self._into[one]:
                lanes.append((min((line.rank for line in self._into[one]), default=0), slot))
            else:
                aside.append(slot)
        for line in self._out[place]:
            rows = range(self._rows[place] + 1, self._rows[line.target])
            if rows and children:
                slot = (line, dict.fromkeys(rows, (-NARROW / 2, NARROW / 2)))
                if line.side:
                    aside.append(slot)
                else:
                    lanes.append((line.rank, slot))
        lanes.sort(key=lambda one: one[0])
        return [slot for _, slot in lanes], aside, below


_Slot = tuple[str | Line, Outline]


def _beside(outline: Outline, other: Outline) -> float:
    """Return how far to the right something must stand so that it meets nothing that is there."""
    return max((outline[row][1] - left + GAP for row, (left, _) in other.items() if row in outline), default=0.0)


def _meets(outline: Outline, other: Outline) -> bool:
    return any(
        left < outline[row][1] + GAP and right > outline[row][0] - GAP
        for row, (left, right) in other.items()
        if row in outline
    )


def _add(outline: Outline, other: Outline, offset: float) -> None:
    for row, (left, right) in other.items():
        before = outline.get(row, (left + offset, right + offset))
        outline[row] = (min(before[0], left + offset), max(before[1], right + offset))
