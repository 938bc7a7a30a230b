"""What models have filled so far: values proved by the text, rows of several portions joined without doubles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from hub.errors import Problem
from hub.extraction.findings import Finding, Findings
from hub.extraction.language_models.answer import Given, values_of
from hub.extraction.language_models.grounding import Grounded, Source, read_in_picture
from hub.extraction.language_models.portions import Portion
from hub.extraction.reading import Reading
from hub.extraction.schemas.fields import Field, FieldType, Schema
from hub.extraction.values.conventions import Conventions, conventions_of

ENGINE = "llm"
# How far a model's value is trusted: copied word for word, found by its meaning, not to be found, read in a picture.
_COPIED, _MEANT, _JUDGED, _PICTURED = 0.85, 0.75, 0.6, 0.4

Cells = dict[str, Finding]


class Filled:
    """Takes the answers of one document, portion by portion."""

    def __init__(self, reading: Reading) -> None:
        self._text = reading.text
        self._conventions: Conventions = conventions_of(reading.text)
        self._values: Findings = {}
        self._rows: dict[str, list[Cells]] = {}
        self._doubts: dict[str, str] = {}

    def add(self, portion: Portion, fields: Sequence[Field], answer: Mapping[str, Any], pages: Sequence[int]) -> None:
        """Take an answer about a portion; `pages` are those whose pictures were shown with it."""
        ranges = [(one.start, one.end) for one in portion.ranges]
        source = Source(self._text, self._conventions, ranges)
        fresh: dict[str, list[Cells]] = {}
        ends: dict[str, tuple[int, int, int]] = {}
        for given in values_of(fields, answer):
            if not given.table:
                self._add_value(source, given, pages)
                continue
            after, behind, row = ends.get(given.table, (0, 0, 0))
            if row != given.row:
                # A row's values stand behind those of the row before it.
                after, row = behind, given.row
            rows = fresh.setdefault(given.table, [])
            while len(rows) <= given.row:
                rows.append({})
            found = self._grounded(source, given, after, pages)
            if found:
                rows[given.row][given.path] = found
                behind = max([behind, *(end for _, end in found.places)])
            ends[given.table] = after, behind, row
        for table, rows in fresh.items():
            self._join(table, [row for row in rows if row])

    def rest(self, schema: Schema) -> Schema | None:
        """Return the schema without single values that are filled, None when nothing is left to ask for."""
        fields = _unfilled(schema.spec.fields, self._values, "")
        if not fields:
            return None
        spec = msgspec.structs.replace(schema.spec, fields=fields, sums=(), orders=())
        return msgspec.structs.replace(schema, spec=spec)

    def findings(self) -> Findings:
        """Return all values, rows numbered in the order in which they were found."""
        found = dict(self._values)
        for table, rows in self._rows.items():
            for index, row in enumerate(rows):
                for path, finding in row.items():
                    found[f"{table}[{index}]{path.partition(']')[2]}"] = finding
        return found

    def doubts(self) -> list[Problem]:
        """Say which values were given that the document does not say."""
        return [Problem(path, message) for path, message in self._doubts.items() if path not in self._values]

    def _add_value(self, source: Source, given: Given, pages: Sequence[int]) -> None:
        known = self._values.get(given.path)
        if known is not None and known.places:
            return
        found = self._grounded(source, given, 0, pages)
        if found and (known is None or found.places):
            self._values[given.path] = found

    def _grounded(self, source: Source, given: Given, after: int, pages: Sequence[int]) -> Finding | None:
        found = source.ground(given.field, given.value, after)
        if found:
            return _finding(found)
        if given.value in (None, "", []):
            return None
        if pages:
            value = read_in_picture(given.field, given.value, self._conventions)
            if value is not None:
                return _pictured(value, pages)
        told = str(given.value)[:80]
        self._doubts[given.path] = f"The language model gave {told!r}, which the document does not say."
        return None

    def _join(self, table: str, rows: Sequence[Cells]) -> None:
        """Append rows; one that an earlier portion gave already only adds what was missing."""
        earlier = self._rows.setdefault(table, [])
        by_place = {place: row for row in earlier for finding in row.values() for place in finding.places}
        for row in rows:
            same = _same(row, by_place, earlier)
            if same is None:
                earlier.append(row)
            else:
                taken = {_column(path) for path in same}
                same.update({path: one for path, one in row.items() if _column(path) not in taken})


def _same(row: Cells, by_place: Mapping[tuple[int, int], Cells], earlier: Sequence[Cells]) -> Cells | None:
    """Find the earlier row that stands in the same place, as rows of overlapping portions do."""
    places = [place for finding in row.values() for place in finding.places]
    if not places:
        values = {_column(path): finding.value for path, finding in row.items()}
        return next(
            (one for one in earlier if {_column(path): cell.value for path, cell in one.items()} == values), None
        )
    shared = [by_place[place] for place in places if place in by_place]
    best = max(shared, key=lambda one: sum(one is other for other in shared), default=None)
    return best if best is not None and 2 * sum(best is other for other in shared) >= len(places) else None


def _column(path: str) -> str:
    return path.partition("]")[2]


def _unfilled(fields: Sequence[Field], values: Findings, prefix: str) -> tuple[Field, ...]:
    kept = []
    for field in fields:
        if field.type is FieldType.OBJECT:
            inner = _unfilled(field.fields, values, f"{prefix}{field.name}.")
            if inner:
                kept.append(msgspec.structs.replace(field, fields=inner))
        elif f"{prefix}{field.name}" not in values:
            kept.append(field)
    return tuple(kept)


def _finding(found: Grounded) -> Finding:
    if found.place is None:
        return Finding(value=found.value, confidence=_JUDGED, engine=ENGINE)
    return Finding(
        value=found.value, confidence=_COPIED if found.exact else _MEANT, engine=ENGINE, places=(found.place,)
    )


def _pictured(value: Any, pages: Sequence[int]) -> Finding:
    told = "The language model read this in the picture of the page; the recognised text does not say it. Check it."
    return Finding(value=value, confidence=_PICTURED, engine=ENGINE, pictured=tuple(pages), problems=(told,))
