"""Two results side by side: the fields in which they differ."""

from __future__ import annotations

from typing import Any

import msgspec

from hub.extraction.evaluation.compare import Comparison, flatten
from hub.extraction.results import Extraction, FieldResult


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """What one of the two says about a field."""

    value: Any = None
    confidence: float = 0.0
    engine: str | None = None


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """A field that the two fill differently; `record` counts from 1 where a source has several."""

    record: int
    path: str
    first: Side
    second: Side


def differences(first: Extraction, second: Extraction) -> list[Difference]:
    """Return what differs, numbers to the cent and texts apart from white space, in the order of the fields."""
    found = []
    for index in range(max(len(first.records), len(second.records))):
        before, after = _values(first, index), _values(second, index)
        for path in dict.fromkeys([*before, *after]):
            compared = Comparison(path=path, expected=before.get(path), actual=after.get(path))
            if not compared.right:
                one, two = _side(first, index, path, before), _side(second, index, path, after)
                found.append(Difference(record=index + 1, path=path, first=one, second=two))
    return found


def _values(extraction: Extraction, index: int) -> dict[str, Any]:
    return dict(flatten(extraction.records[index])) if index < len(extraction.records) else {}


def _side(extraction: Extraction, index: int, path: str, values: dict[str, Any]) -> Side:
    fields = extraction.parts[index].fields if index < len(extraction.parts) else extraction.fields
    told = fields.get(path, FieldResult()) if index == 0 or extraction.parts else FieldResult()
    return Side(value=values.get(path), confidence=told.confidence, engine=told.engine)
