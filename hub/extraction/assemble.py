"""From findings to the result: records, fields with evidence, checks and confidence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from hub.errors import Problem
from hub.extraction.checks import check, holding_sums
from hub.extraction.evidence import evidence_of, is_proved
from hub.extraction.findings import Finding, Findings
from hub.extraction.reading import Reading
from hub.extraction.results import FieldResult
from hub.extraction.rules.vocabulary import format_of
from hub.extraction.schemas.fields import Field, FieldType, Schema, empty_record, leaves
from hub.extraction.values.conventions import conventions_of

# How checks move confidence; docs/extraction.md tells them to people.
_FAILED, _CONFIRMED = 0.6, 0.6
_CELL = re.compile(r"(?P<table>[^\[]+)\[(?P<row>\d+)\](?:\.(?P<column>.+))?")


class Outcome(msgspec.Struct, frozen=True):
    """A record with its fields and what is wrong with it."""

    record: dict[str, Any]
    fields: dict[str, FieldResult]
    problems: list[Problem]


def assemble(reading: Reading, schema: Schema, findings: Findings, file: str) -> Outcome:
    """Build the record of findings that are proved by what they cite."""
    conventions = conventions_of(reading.text)
    by_path = {leaf.path: leaf.field for leaf in leaves(schema.spec.fields)}
    proved: Findings = {}
    for path, finding in findings.items():
        field = _field_at(by_path, path)
        if field and is_proved(reading, field, finding, conventions):
            proved[path] = finding
    proved = _without_gaps(proved)
    record = record_of(schema, {path: finding.value for path, finding in proved.items()})
    found = list(check(schema, record))
    fields = {path: _result(reading, path, finding, file) for path, finding in proved.items()}
    fields = _scored(schema, record, fields, found)
    for leaf in leaves(schema.spec.fields):
        if leaf.field.type not in {FieldType.TABLE, FieldType.LIST} and leaf.path not in fields:
            fields[leaf.path] = FieldResult(problems=tuple(p for p in found if p.path == leaf.path))
    doubts = [problem for field in fields.values() for problem in field.problems if problem not in found]
    return Outcome(record, _ordered(schema, fields), [*found, *doubts])


def record_of(schema: Schema, values: Mapping[str, Any]) -> dict[str, Any]:
    """Put values at their paths into an empty record."""
    record = empty_record(schema.spec.fields)
    by_path = {leaf.path: leaf.field for leaf in leaves(schema.spec.fields)}
    for path, value in values.items():
        cell = _CELL.fullmatch(path)
        if cell is None:
            *holders, name = path.split(".")
            _holder(record, holders)[name] = value
            continue
        *holders, name = cell["table"].split(".")
        rows = _holder(record, holders)[name]
        if cell["column"]:
            while len(rows) <= int(cell["row"]):
                rows.append(empty_record(by_path[cell["table"]].fields))
            rows[int(cell["row"])][cell["column"]] = value
        else:
            rows.append(value)
    return record


def _holder(record: dict[str, Any], names: list[str]) -> dict[str, Any]:
    for name in names:
        record = record[name]
    return record


def _field_at(by_path: Mapping[str, Field], path: str) -> Field | None:
    cell = _CELL.fullmatch(path)
    field = by_path.get(cell["table"] if cell else path)
    if field and cell and cell["column"]:
        field = next((column for column in field.fields if column.name == cell["column"]), None)
    return msgspec.structs.replace(field, format=format_of(field)) if field else None


def _without_gaps(findings: Findings) -> Findings:
    """Number rows anew, so that a row that could not be proved leaves no empty one."""
    rows: dict[str, list[int]] = {}
    for path in findings:
        cell = _CELL.fullmatch(path)
        if cell and int(cell["row"]) not in rows.setdefault(cell["table"], []):
            rows[cell["table"]].append(int(cell["row"]))
    renumbered: Findings = {}
    for path, finding in findings.items():
        cell = _CELL.fullmatch(path)
        if cell:
            row = sorted(rows[cell["table"]]).index(int(cell["row"]))
            path_now = f"{cell['table']}[{row}]" + (f".{cell['column']}" if cell["column"] else "")
        else:
            path_now = path
        renumbered[path_now] = finding
    return renumbered


def _result(reading: Reading, path: str, finding: Finding, file: str) -> FieldResult:
    return FieldResult(
        value=finding.value,
        confidence=finding.confidence,
        engine=finding.engine,
        evidence=evidence_of(reading, finding, file),
        problems=tuple(Problem(path, message) for message in finding.problems),
    )


def _scored(
    schema: Schema, record: Mapping[str, Any], fields: dict[str, FieldResult], found: list[Problem]
) -> dict[str, FieldResult]:
    """Lower what fails a check, raise what a sum confirms."""
    confirmed = {path for paths in holding_sums(schema, record) for path in paths}
    scored = {}
    for path, field in fields.items():
        problems = [problem for problem in found if problem.path == path]
        confidence = field.confidence
        if problems:
            confidence *= _FAILED
        elif path in confirmed or re.sub(r"\[\d+\]", "[]", path) in confirmed:
            confidence += (1 - confidence) * _CONFIRMED
        scored[path] = msgspec.structs.replace(
            field, confidence=round(confidence, 3), problems=(*field.problems, *problems)
        )
    return scored


def _ordered(schema: Schema, fields: Mapping[str, FieldResult]) -> dict[str, FieldResult]:
    order = [leaf.path for leaf in leaves(schema.spec.fields)]

    def place(path: str) -> tuple[int, int]:
        cell = _CELL.fullmatch(path)
        return order.index(cell["table"] if cell else path), int(cell["row"]) if cell else 0

    return {path: fields[path] for path in sorted(fields, key=place)}
