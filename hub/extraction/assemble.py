"""From findings to the result: records, fields with evidence, checks and confidence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from hub.errors import Problem
from hub.extraction.checks import check, holding_sums
from hub.extraction.confidence.curves import Calibration, shipped
from hub.extraction.evidence import Words, evidence_of, is_proved, recognised, verified
from hub.extraction.findings import Findings
from hub.extraction.reading import Reading
from hub.extraction.results import FieldResult
from hub.extraction.rules.vocabulary import format_of
from hub.extraction.schemas.fields import Field, FieldType, Schema, empty_record, leaves
from hub.extraction.values.conventions import conventions_of

# How checks move an engine's score; docs/extraction.md tells them to people.
_FAILED, _CONFIRMED = 0.6, 0.6
CONCLUDED = "This was concluded from the document; no place in it says so by itself. Check it."
UNVERIFIED = "What stands at this place does not read as this value by itself. Look at it."
_CELL = re.compile(r"(?P<table>[^\[]+)\[(?P<row>\d+)\](?:\.(?P<column>.+))?")


class Outcome(msgspec.Struct, frozen=True):
    """A record with its fields and what is wrong with it."""

    record: dict[str, Any]
    fields: dict[str, FieldResult]
    problems: list[Problem]


def assemble(
    reading: Reading, schema: Schema, findings: Findings, file: str, calibration: Calibration | None = None
) -> Outcome:
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
    fields = _results(reading, by_path, proved, file)
    fields = _scored(schema, record, fields, found)
    fields = {path: _calibrated(path, field, calibration or shipped()) for path, field in fields.items()}
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


def _results(reading: Reading, by_path: Mapping[str, Field], findings: Findings, file: str) -> dict[str, FieldResult]:
    """Cite where every value stands, and say of each that is not verified that it is not."""
    words, conventions = Words(reading), conventions_of(reading.text)
    results = {}
    for path, finding in findings.items():
        field = _field_at(by_path, path)
        cited = evidence_of(reading, finding, file)
        if field:
            cited = verified(words, field, finding, cited, conventions)
        told = finding.pictured or all(one.verified for one in cited)
        doubts = finding.problems if told and cited else (*finding.problems, UNVERIFIED if cited else CONCLUDED)
        results[path] = FieldResult(
            value=finding.value,
            score=finding.confidence * recognised(reading, finding),
            engine=finding.engine,
            evidence=cited,
            problems=tuple(Problem(path, message) for message in doubts),
        )
    return results


def _calibrated(path: str, field: FieldResult, calibration: Calibration) -> FieldResult:
    confidence = calibration.confidence(field.engine or "", path, field.score)
    return msgspec.structs.replace(field, confidence=round(confidence, 3))


def _scored(
    schema: Schema, record: Mapping[str, Any], fields: dict[str, FieldResult], found: list[Problem]
) -> dict[str, FieldResult]:
    """Lower what fails a check, raise what a sum confirms."""
    confirmed = {path for paths in holding_sums(schema, record) for path in paths}
    scored = {}
    for path, field in fields.items():
        problems = [problem for problem in found if problem.path == path]
        score = field.score
        if problems:
            score *= _FAILED
        elif path in confirmed or re.sub(r"\[\d+\]", "[]", path) in confirmed:
            score += (1 - score) * _CONFIRMED
        scored[path] = msgspec.structs.replace(field, score=round(score, 3), problems=(*field.problems, *problems))
    return scored


def _ordered(schema: Schema, fields: Mapping[str, FieldResult]) -> dict[str, FieldResult]:
    order = [leaf.path for leaf in leaves(schema.spec.fields)]

    def place(path: str) -> tuple[int, int]:
        cell = _CELL.fullmatch(path)
        return order.index(cell["table"] if cell else path), int(cell["row"]) if cell else 0

    return {path: fields[path] for path in sorted(fields, key=place)}
