"""What must hold of a record."""

import pytest

from hub.extraction.checks import check
from hub.extraction.schemas.document import parse_schema
from hub.extraction.schemas.starter import starter

SCHEMA = parse_schema(
    """
apiVersion: patchdeck/v1
kind: Schema
metadata: {name: test}
spec:
  fields:
    - {name: code, pattern: "^[A-Z]{2}$", required: true}
    - {name: amount, type: money, minimum: 0, maximum: 100}
    - {name: day, type: date, minimum: "2020-01-01"}
    - {name: kind, type: enum, options: [gas, power]}
    - {name: rows, type: table, fields: [{name: count, type: integer, minimum: 1}]}
    - {name: tags, type: list, pattern: "^#"}
"""
)
INVOICE = {
    "number": "1",
    "issue_date": "2026-03-01",
    "due_date": "2026-03-31",
    "supplier": {"name": "A"},
    "net": 100.0,
    "tax": 20.0,
    "total": 120.0,
    "lines": [{"amount": 60.0}, {"amount": 40.0}],
}


@pytest.mark.parametrize(
    ("record", "paths"),
    [
        ({"code": "AB", "amount": 5.0, "day": "2026-01-01", "kind": "gas", "rows": [{"count": 1}], "tags": ["#a"]}, []),
        ({}, ["code"]),
        ({"code": "abc"}, ["code"]),
        ({"code": "AB", "amount": -1.0}, ["amount"]),
        ({"code": "AB", "amount": 101}, ["amount"]),
        ({"code": "AB", "amount": "5"}, ["amount"]),
        ({"code": "AB", "day": "2019-12-31"}, ["day"]),
        ({"code": "AB", "kind": "oil"}, ["kind"]),
        ({"code": "AB", "rows": [{"count": 1}, {"count": 0}]}, ["rows[1].count"]),
        ({"code": "AB", "tags": ["#a", "b"]}, ["tags[1]"]),
    ],
)
def test_names_the_fields_that_cannot_be_right(record, paths):
    assert [problem.path for problem in check(SCHEMA, record)] == paths


@pytest.mark.parametrize(
    ("changed", "paths"),
    [
        ({}, []),
        ({"tax": None}, []),
        ({"total": 121.0}, ["total"]),
        ({"lines": [{"amount": 60.0}, {"amount": 30.0}]}, ["net"]),
        ({"lines": [{"amount": 60.0}, {"amount": None}]}, []),
        ({"lines": [{"amount": 70.0}, {"amount": 50.0}]}, []),
        ({"due_date": "2026-02-28"}, ["due_date"]),
    ],
)
def test_sums_and_dates_of_an_invoice_fit_together(changed, paths):
    assert [problem.path for problem in check(starter("invoice"), {**INVOICE, **changed})] == paths


@pytest.mark.parametrize(
    ("pattern", "value", "wrong"),
    [
        # What takes an engine that tries all ways longer than the world is old.
        ("^(a+)+$", "a" * 5_000 + "!", ["code"]),
        # What RE2 knows and Python does not.
        (r"^\pL+$", "Ärger", []),
    ],
)
def test_matches_a_pattern_as_it_was_checked_and_in_linear_time(pattern, value, wrong):
    schema = parse_schema(
        "apiVersion: patchdeck/v1\nkind: Schema\nmetadata: {name: test}\n"
        f"spec:\n  fields:\n    - {{name: code, pattern: '{pattern}'}}\n"
    )
    assert [problem.path for problem in check(schema, {"code": value})] == wrong
