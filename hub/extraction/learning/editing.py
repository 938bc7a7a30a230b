"""Editing a record with its fields: values set, rows added and taken out, and everything checked again."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import msgspec

from hub.errors import Problem
from hub.extraction.checks import check
from hub.extraction.learning.paths import Target, holder, moved, rows_of
from hub.extraction.results import Extraction, FieldResult
from hub.extraction.schemas.fields import FieldType, Schema, empty_record


class Entry(msgspec.Struct, frozen=True):
    """One record of an extraction: its values, their fields, and what is wrong with it."""

    record: dict[str, Any]
    fields: dict[str, FieldResult]
    problems: list[Problem]


def entry_of(extraction: Extraction, number: int) -> Entry:
    """Return one of an extraction's records, counted from 0, as a copy that may be changed."""
    part = extraction.parts[number] if extraction.parts else extraction
    record = extraction.records[number] if extraction.records else extraction.record
    return Entry(deepcopy(record), dict(part.fields), list(part.problems))


def with_entry(extraction: Extraction, number: int, entry: Entry) -> Extraction:
    """Put a record back into its extraction."""
    records, parts = list(extraction.records or [extraction.record]), list(extraction.parts)
    records[number] = entry.record
    if parts:
        parts[number] = msgspec.structs.replace(parts[number], fields=entry.fields, problems=entry.problems)
    changed = msgspec.structs.replace(extraction, records=records, parts=parts)
    if number:
        return changed
    problems = entry.problems if not parts else [*_outside(extraction), *entry.problems]
    return msgspec.structs.replace(changed, record=entry.record, fields=entry.fields, problems=problems)


def value_of(entry: Entry, target: Target) -> Any:
    """Return what a record holds at a target; None where there is nothing."""
    if target.row is None:
        return holder(entry.record, target.root)[target.root.rpartition(".")[2]]
    rows = rows_of(entry.record, target.root)
    if target.row >= len(rows):
        return None
    return rows[target.row][target.column.name] if target.column else rows[target.row]


def put(entry: Entry, target: Target, result: FieldResult) -> Entry:
    """Set the value of a field or a cell."""
    if target.row is None:
        holder(entry.record, target.root)[target.root.rpartition(".")[2]] = result.value
    elif target.column:
        rows_of(entry.record, target.root)[target.row][target.column.name] = result.value
    else:
        rows_of(entry.record, target.root)[target.row] = result.value
    return msgspec.structs.replace(entry, fields={**entry.fields, target.path: result})


def add_row(entry: Entry, target: Target, cells: dict[str, FieldResult]) -> Entry:
    """Put a row in front of the one at a target, or behind the last; a list's row has one cell without a name."""
    at = target.row or 0
    if target.is_list:
        row: Any = cells[""].value
    else:
        row = empty_record(target.field.fields) | {name: cell.value for name, cell in cells.items()}
    rows_of(entry.record, target.root).insert(at, row)
    fields = moved(entry.fields, target.root, at, 1)
    for name, cell in cells.items():
        fields[f"{target.root}[{at}]" + (f".{name}" if name else "")] = cell
    return msgspec.structs.replace(entry, fields=fields)


def remove_row(entry: Entry, target: Target) -> tuple[Entry, dict[str, FieldResult]]:
    """Take a row out; returns its cells too."""
    at = target.row or 0
    row = rows_of(entry.record, target.root).pop(at)
    prefix = f"{target.root}[{at}]"
    if target.is_list:
        cells = {"": entry.fields.get(prefix, FieldResult(value=row))}
    else:
        cells = {name: entry.fields.get(f"{prefix}.{name}", FieldResult(value=value)) for name, value in row.items()}
    return msgspec.structs.replace(entry, fields=moved(entry.fields, target.root, at, -1)), cells


def checked(schema: Schema, before: Entry, entry: Entry) -> Entry:
    """Check a changed record: what the checks said before is forgotten, what they say now is noted."""
    was, now = list(check(schema, before.record)), list(check(schema, entry.record))
    said = {(problem.path, problem.message) for problem in was}
    given = {path for path, one in entry.fields.items() if one.engine == "person"}
    fields = {}
    for path, one in entry.fields.items():
        kept = [
            problem for problem in one.problems if path not in given and (problem.path, problem.message) not in said
        ]
        fields[path] = msgspec.structs.replace(
            one, problems=(*kept, *(problem for problem in now if problem.path == path))
        )
    others = [
        problem
        for problem in entry.problems
        if (problem.path, problem.message) not in said and problem.path not in given
    ]
    return Entry(entry.record, _in_order(schema, fields), [*others, *now])


def _in_order(schema: Schema, fields: dict[str, FieldResult]) -> dict[str, FieldResult]:
    """Order fields as the schema does, rows by their number."""
    order: dict[str, int] = {}
    _number(schema.spec.fields, "", order)

    def place(path: str) -> tuple[int, int]:
        root, _, rest = path.partition("[")
        row = rest.partition("]")[0]
        return order.get(root, len(order)), int(row) if row.isdigit() else 0

    return {path: fields[path] for path in sorted(fields, key=place)}


def _number(fields: tuple[Any, ...], prefix: str, order: dict[str, int]) -> None:
    for field in fields:
        if field.type is FieldType.OBJECT:
            _number(field.fields, f"{prefix}{field.name}.", order)
        else:
            order[f"{prefix}{field.name}"] = len(order)


def _outside(extraction: Extraction) -> list[Problem]:
    """Return the problems of an extraction that are those of no record: what could not be read, say."""
    inside = {(problem.path, problem.message) for part in extraction.parts for problem in part.problems}
    return [problem for problem in extraction.problems if (problem.path, problem.message) not in inside]
