"""How records are held against what was expected: assignment, comparison by type, verdicts, sums."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.extraction.evaluation.assignment import assign
from hub.extraction.evaluation.changes import changes
from hub.extraction.evaluation.judge import Judged, judge
from hub.extraction.evaluation.plain import same
from hub.extraction.evaluation.report import DocumentRow, report, tally
from hub.extraction.results import Extraction, FieldResult, Part, SchemaName
from hub.extraction.schemas.fields import Field, FieldType, Format
from hub.extraction.schemas.starter import starter
from tests.extraction.conftest import schema_of

INVOICE = starter("invoice")


def extraction(
    *records: dict[str, Any], fields: dict[str, FieldResult] | None = None, parts: list[Part] | None = None
) -> Extraction:
    """An extraction with these records."""
    return Extraction(id="", schema=SchemaName(name="s"), records=list(records), fields=fields or {}, parts=parts or [])


def verdicts(schema, expected: dict[str, Any], actual: dict[str, Any]) -> dict[str, str]:
    return {one.path: one.verdict for one in judge(schema, [expected], extraction(actual)) if one.verdict != "absent"}


@st.composite
def matrices(draw) -> list[list[float]]:
    """Likenesses of up to five rows and five others."""
    columns = draw(st.integers(1, 5))
    row = st.lists(st.integers(0, 9).map(float), min_size=columns, max_size=columns)
    rows: list[list[float]] = draw(st.lists(row, min_size=1, max_size=5))
    return rows


def best_sum(likeness: list[list[float]]) -> float:
    """The greatest sum, by trying all."""
    rows, columns = len(likeness), len(likeness[0])
    wide = likeness if rows <= columns else [list(column) for column in zip(*likeness, strict=True)]
    places = permutations(range(len(wide[0])), len(wide))
    return max(sum(wide[row][column] for row, column in enumerate(chosen)) for chosen in places)


@given(matrices())
def test_the_assignment_is_the_best_of_all(likeness):
    pairs = assign(likeness)
    assert len(pairs) == min(len(likeness), len(likeness[0]))
    assert len({row for row, _ in pairs}) == len({column for _, column in pairs}) == len(pairs)
    assert sum(likeness[row][column] for row, column in pairs) == best_sum(likeness)


@pytest.mark.parametrize("nothing", [[], [[]], [[], []]])
def test_nothing_is_assigned_to_nothing(nothing):
    assert assign(nothing) == []


@pytest.mark.parametrize(
    ("field", "one", "other"),
    [
        (Field(name="total", type=FieldType.MONEY), 12, 12.001),
        (Field(name="x"), "Mill  Lane", "mill lane"),
        (Field(name="x"), "Smith’s “Best”", 'Smith\'s "Best"'),
        (Field(name="x"), "caf\u0065\u0301", "café"),
        (Field(name="x", format=Format.IBAN), "DE89 3704", "de893704"),
        (Field(name="x", format=Format.ADDRESS), "Mill Lane 4, Leeds", "Mill Lane 4\nLeeds"),
        (Field(name="x", format=Format.PHONE), "+44 114 496-0", "+441144960"),
        (Field(name="x"), None, ""),
        (Field(name="x", type=FieldType.LIST), None, []),
    ],
)
def test_means_the_same(field, one, other):
    assert same(field, one, other)
    assert same(field, other, one)


@pytest.mark.parametrize(
    ("field", "one", "other"),
    [
        (Field(name="total", type=FieldType.MONEY), 12, 12.01),
        (Field(name="x"), "Mill Lane", "Mill Lan"),
        (Field(name="x", type=FieldType.BOOLEAN), True, 1),
        (Field(name="x", type=FieldType.BOOLEAN), False, None),
        (Field(name="x", type=FieldType.NUMBER), 0, None),
        (Field(name="x", type=FieldType.DATE), "2024-01-02", "2024-02-01"),
        (Field(name="x", format=Format.IDENTIFIER), "A-1", "A-11"),
    ],
)
def test_means_something_else(field, one, other):
    assert not same(field, one, other)


@given(st.text(), st.sampled_from([None, *Format]))
def test_every_text_means_itself_whatever_stands_around_it(text, form):
    field = Field(name="x", format=form)
    assert same(field, text, text)
    assert same(field, f"  {text}\n", text)


def test_right_wrong_missing_and_invented_are_told_apart():
    schema = schema_of(a="string", b="string", c="string", d="string", e="string")
    found = judge(schema, [{"a": "1", "b": "2", "c": "3"}], extraction({"a": "1", "b": "x", "d": "4"}))
    assert {one.path: one.verdict for one in found} == {
        "a": "right",
        "b": "wrong",
        "c": "missing",
        "d": "invented",
        "e": "absent",
    }


def test_rows_are_paired_with_the_most_alike_whatever_their_order():
    wanted = {"lines": [{"description": "Oak", "amount": 1}, {"description": "Elm", "amount": 2}]}
    got = {"lines": [{"description": "Elm", "amount": 2}, {"description": "Ash", "amount": 9}, {"description": "Oak"}]}
    assert verdicts(INVOICE, wanted, got) == {
        "lines[2].description": "right",
        "lines[2].amount": "missing",
        "lines[0].description": "right",
        "lines[0].amount": "right",
        "lines[1].description": "invented",
        "lines[1].amount": "invented",
    }


def test_a_value_that_the_schema_does_not_know_is_missing():
    assert verdicts(schema_of(a="string"), {"a": "1", "colour": "red"}, {"a": "1"}) == {
        "a": "right",
        "colour": "missing",
    }


def test_records_are_paired_and_read_their_own_parts():
    schema = schema_of(number="string", total="money")
    told = [Part(fields={"number": FieldResult(value="B", engine="layout", confidence=0.9)}), Part()]
    made = extraction({"number": "B", "total": 2}, {"number": "A", "total": 1}, parts=told)
    found = judge(schema, [{"number": "A", "total": 1}, {"number": "B", "total": 2}], made)
    assert [(one.actual, one.verdict, one.confidence) for one in found] == [
        ("A", "right", 0.0),
        (1, "right", 0.0),
        ("B", "right", 0.9),
        (2, "right", 0.0),
    ]


@pytest.mark.parametrize("records", [[], [{}], [{"lines": None}], [{"lines": [None, 3, "x"]}], [{"supplier": "text"}]])
def test_records_of_any_shape_are_judged(records):
    expected = {"number": "1", "lines": [{"amount": 2.0}], "supplier": {"name": "X"}}
    found = judge(INVOICE, [expected], extraction(*records))
    assert {one.verdict for one in found if one.expected is not None} == {"missing"}


def test_long_tables_are_judged_in_order_and_at_once():
    rows = [{"amount": float(number)} for number in range(900)]
    found = judge(INVOICE, [{"lines": rows}], extraction({"lines": rows}))
    assert tally(found).right == 900


def test_shares_count_models_and_verified_evidence():
    values = [
        Judged(
            path="a", field="a", verdict="right", expected=1, actual=1, engine="layout", verified=True, confidence=0.9
        ),
        Judged(path="b", field="b", verdict="wrong", expected=1, actual=2, engine="llm", confidence=0.6),
        Judged(path="c", field="c", verdict="missing", expected=1),
    ]
    row = DocumentRow(document="d", schema="s", fields=3, right=1, invented=0, wrong=["b", "c"], ms=500, values=values)
    found = report(
        [row, DocumentRow(document="e", schema="s", fields=1, right=0, invented=0, wrong=["a"], scanned=True)]
    )
    assert (found.totals.local_share, found.totals.verified_share, found.totals.accuracy) == (0.5, 0.5, 0.3333)
    assert (found.totals.seconds_per_page, found.totals.documents) == (0.25, 2)
    assert found.scans is not None
    assert found.scans.documents == 1
    assert (found.calibration.values, found.calibration.right) == (2, 0.5)


def test_changes_name_what_was_mended_broken_or_is_different():
    def row(**values: tuple[object, object]) -> DocumentRow:
        judged = [
            Judged(path=p, field=p, verdict="right" if e == a else "wrong", expected=e, actual=a)
            for p, (e, a) in values.items()
        ]
        return DocumentRow(document="d", schema="s", fields=1, right=0, invented=0, wrong=[], values=judged)

    found = changes([row(a=(1, 2), b=(1, 1), c=(1, 2), d=(1, 1))], [row(a=(1, 1), b=(1, 3), c=(1, 3), d=(1, 1))])
    assert [(one.path, one.change, one.before, one.after) for one in found] == [
        ("a", "mended", 2, 1),
        ("b", "broken", 1, 3),
        ("c", "different", 2, 3),
    ]
