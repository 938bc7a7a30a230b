"""Every value of a record held against what was expected: right, wrong, missing or invented."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import msgspec

from hub.extraction.evaluation.assignment import assign
from hub.extraction.evaluation.compare import flatten
from hub.extraction.evaluation.plain import same
from hub.extraction.results import Extraction, FieldResult
from hub.extraction.schemas.fields import Field, FieldType, Schema, leaves

Verdict = Literal["right", "wrong", "missing", "invented", "absent"]
_MODELS = ("llm",)
# Rows beyond this are paired in their order: the best assignment would take too long.
_MOST_ROWS = 200


class Judged(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One value; `field` is its path without the numbers of rows. `absent`: rightly left empty.

    `is_local` tells whether a value was found without a model, `verified` whether its evidence says it by itself.
    """

    path: str
    field: str
    verdict: Verdict
    expected: Any = None
    actual: Any = None
    score: float = 0.0
    confidence: float = 0.0
    engine: str | None = None
    verified: bool = False

    @property
    def is_local(self) -> bool:
        """Whether no model was asked for this value."""
        return self.engine is not None and not self.engine.startswith(_MODELS)


def judge(schema: Schema, expected: Sequence[Mapping[str, Any]], extraction: Extraction) -> list[Judged]:
    """Hold all records of an extraction against those expected, each against the one most like it."""
    records: list[dict[str, Any]] = list(extraction.records)
    alike = [[_likeness(schema, wanted, got) for got in records] for wanted in expected]
    paired = dict(assign(alike))
    left = [index for index in range(len(records)) if index not in paired.values()]
    found: list[Judged] = []
    for index, wanted in enumerate(expected):
        place = paired.get(index)
        found += _record(schema, wanted, {} if place is None else records[place], _fields(extraction, place))
    for place in left:
        found += _record(schema, {}, records[place], _fields(extraction, place))
    return found


def _fields(extraction: Extraction, place: int | None) -> Mapping[str, FieldResult]:
    if place is None:
        return {}
    return extraction.parts[place].fields if place < len(extraction.parts) else extraction.fields


def _likeness(schema: Schema, wanted: Mapping[str, Any], got: Mapping[str, Any]) -> float:
    judged = _record(schema, wanted, got, {})
    return sum(one.verdict == "right" for one in judged) + 0.001


def _record(
    schema: Schema, wanted: Mapping[str, Any], got: Mapping[str, Any], fields: Mapping[str, FieldResult]
) -> list[Judged]:
    """Judge a record; values that the schema does not know are judged too, as plain texts."""
    found: list[Judged] = []
    known = set()
    for leaf in leaves(schema.spec.fields):
        known.add(leaf.path)
        one, other = _at(wanted, leaf.path), _at(got, leaf.path)
        if leaf.field.type in {FieldType.TABLE, FieldType.LIST}:
            found += _rows(leaf.path, leaf.field, one or [], other or [], fields)
        else:
            found.append(_value(leaf.path, leaf.path, leaf.field, (one, other), fields.get(leaf.path)))
    for path, value in flatten(wanted):
        if _top(path) not in known and value is not None:
            found.append(_value(path, _top(path), None, (value, None), None))
    return found


def _rows(
    path: str, field: Field, wanted: Sequence[Any], got: Sequence[Any], fields: Mapping[str, FieldResult]
) -> Iterator[Judged]:
    """Judge the rows of a table, or the entries of a list, by the pairs that are most alike."""
    columns = field.fields if field.type is FieldType.TABLE else (field,)
    table = field.type is FieldType.TABLE
    paired = _paired(table, columns, wanted, got)
    taken = set(paired.values())
    places: list[tuple[int | None, int | None]] = [(index, paired.get(index)) for index in range(len(wanted))]
    places += [(None, index) for index in range(len(got)) if index not in taken]
    for row, place in places:
        for column in columns:
            name = f".{column.name}" if table else ""
            values = _cell(table, column, wanted, row), _cell(table, column, got, place)
            shown = f"{path}[{row if place is None else place}]{name}"
            yield _value(shown, f"{path}[]{name}", column, values, None if place is None else fields.get(shown))


def _paired(table: bool, columns: Sequence[Field], wanted: Sequence[Any], got: Sequence[Any]) -> dict[int, int]:
    if max(len(wanted), len(got)) > _MOST_ROWS:
        return {index: index for index in range(min(len(wanted), len(got)))}
    alike = [
        [_alike(table, columns, (wanted, row), (got, place)) for place in range(len(got))] for row in range(len(wanted))
    ]
    return dict(assign(alike))


def _alike(
    table: bool, columns: Sequence[Field], one: tuple[Sequence[Any], int], other: tuple[Sequence[Any], int]
) -> float:
    """Count the cells that agree; of equal counts the rows that stand at the same height are more alike."""
    equal = 0
    for column in columns:
        first, second = _cell(table, column, *one), _cell(table, column, *other)
        equal += first is not None and same(column, first, second)
    return equal + 0.001 / (1 + abs(one[1] - other[1]))


def _cell(table: bool, column: Field, rows: Sequence[Any], row: int | None) -> Any:
    if row is None:
        return None
    entry = rows[row]
    if not table:
        return entry
    return entry.get(column.name) if isinstance(entry, Mapping) else None


def _value(
    path: str, field_path: str, field: Field | None, values: tuple[Any, Any], told: FieldResult | None
) -> Judged:
    wanted, got = (None if value in ("", [], {}) else value for value in values)
    told = told or FieldResult()
    return Judged(
        path=path,
        field=field_path,
        verdict=_verdict(field, wanted, got),
        expected=wanted,
        actual=got,
        score=told.score,
        confidence=told.confidence,
        engine=told.engine,
        verified=bool(told.evidence) and all(one.verified for one in told.evidence),
    )


def _verdict(field: Field | None, wanted: Any, got: Any) -> Verdict:
    if wanted is None:
        return "absent" if got is None else "invented"
    if got is None:
        return "missing"
    return "right" if same(field, wanted, got) else "wrong"


def _at(record: Mapping[str, Any], path: str) -> Any:
    value: Any = record
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _top(path: str) -> str:
    return path.partition("[")[0]
