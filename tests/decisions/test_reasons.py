"""Why a person is asked: thresholds by field, column and table, records of extractions, what corrections make."""

import pytest

from hub.decisions import Thresholds, corrected, extractions_in, reasons_of, records_of, sentence_of, stored
from hub.errors import Problem
from hub.extraction.results import Extraction, FieldResult, Part, SchemaName
from hub.ids import new_id, show

FIELDS = {
    "number": FieldResult(value="INV-1", confidence=0.95),
    "note": FieldResult(),
    "lines[0].amount": FieldResult(value=3, confidence=0.6),
    "lines[1].amount": FieldResult(value=4, confidence=0.7),
    "supplier.name": FieldResult(value="Acme", confidence=0.8),
}


def extraction(name: str, fields=FIELDS, problems=(), **also) -> Extraction:
    return Extraction(
        id=name,
        schema=SchemaName(name="invoice"),
        record={"n": name},
        fields=dict(fields),
        problems=list(problems),
        **also,
    )


@pytest.mark.parametrize(
    ("below", "fields", "asked"),
    [
        (0.0, {}, []),
        (0.9, {}, ["lines[0].amount", "lines[1].amount", "supplier.name"]),
        (0.9, {"lines": 0}, ["supplier.name"]),
        (0.9, {"lines.amount": 0.65, "supplier": 0.5}, ["lines[0].amount"]),
        (0.9, {"lines[0].amount": 0, "lines": 0.75, "supplier.name": 0.1}, ["lines[1].amount"]),
        (0.0, {"note": 0.5}, ["note"]),
        (0.0, {"note": 0}, []),
        (0.0, {"nowhere": 1}, []),
    ],
)
def test_a_field_is_measured_by_the_nearest_threshold(below, fields, asked):
    reasons = reasons_of(records_of([extraction("a")]), Thresholds(below=below, fields=fields))
    assert [one.path for one in reasons] == asked


def test_problems_are_reasons_unless_they_do_not_matter():
    broken = records_of([extraction("a", problems=[Problem("total", "The sum of the lines is another.")])])
    assert [one.kind for one in reasons_of(broken, Thresholds(below=0))] == ["problem"]
    assert reasons_of(broken, Thresholds(below=0, on_problems=False)) == []


def test_records_are_numbered_through_all_extractions():
    parts = [Part(title="first", fields=FIELDS), Part(title="second", pages=(2, 3), problems=[Problem("a", "b")])]
    records = records_of([extraction("a", records=[{}, {}], parts=parts), extraction("b")])
    assert [(one.number, one.extraction, one.title, one.pages) for one in records] == [
        (0, "a", "first", None), (1, "a", "second", (2, 3)), (2, "b", "", None)
    ]  # fmt: skip
    assert [one.record for one in reasons_of(records, Thresholds(below=0))] == [1]


def test_says_the_first_reasons_and_how_many_more_there_are():
    many = {f"f{number}": FieldResult(value=1, confidence=number / 100) for number in range(80)}
    reasons = reasons_of(records_of([extraction("a", many)]), Thresholds(below=0.9))
    assert len(reasons) == 50
    assert sentence_of(reasons) == (
        "f0 is 0% sure; 90% is asked for. f1 is 1% sure; 90% is asked for. f2 is 2% sure; 90% is asked for. "
        "And 47 more."
    )


OUTPUT = {"total": 1, "extraction": {"id": "a", "ids": ["a", "b"], "confidence": 0.2, "records": [{"total": 1}]}}


def test_corrected_records_take_the_place_of_the_old_ones_in_order():
    after = {"b": {"records": [{"total": 3}], "problems": ["x"]}, "a": {"records": [{"total": 2}], "problems": []}}
    made = corrected(OUTPUT, after)
    assert (made["total"], made["extraction"]["records"]) == (2, [{"total": 2}, {"total": 3}])
    assert (made["extraction"]["confidence"], made["extraction"]["problems"]) == (1.0, ["x"])
    assert corrected([OUTPUT, None], after) == [made, None]


@pytest.mark.parametrize("output", [None, {}, {"extraction": 3}, [], "text", [None, {"extraction": None}]])
def test_what_is_no_extraction_is_left_as_it_is(output):
    assert extractions_in(output) == []
    assert corrected(output, {"a": {"records": [], "problems": []}}) == output


def test_an_extraction_that_is_gone_keeps_the_record_as_it_was():
    assert corrected(OUTPUT, {"a": {"records": [{"total": 2}], "problems": []}}) == OUTPUT


async def test_extractions_that_are_not_there_are_left_out(workspace):
    assert await stored(workspace, [show("ext", new_id()), "nonsense", "ext_'; drop table extractions"]) == {}
