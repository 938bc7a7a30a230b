"""Schemas while they are worked on: places of fields, what goes with a change, and differences in words."""

import pytest

from hub.documents import Difference, DifferenceKind
from hub.extraction.schemas.document import build_schema, dump_schema
from hub.extraction.schemas.fields import Field, FieldType
from ui.schemas.differences import Said, in_words
from ui.schemas.draft import added, field_at, moved, path_at, place_of, retyped, with_field, without, written

SCHEMA = build_schema(
    {
        "apiVersion": "patchdeck/v1",
        "kind": "Schema",
        "metadata": {"name": "order"},
        "spec": {
            "fields": [
                {"name": "net", "type": "money"},
                {"name": "supplier", "type": "object", "fields": [{"name": "name"}, {"name": "since", "type": "date"}]},
                {"name": "lines", "type": "table", "fields": [{"name": "amount", "type": "money"}]},
                {"name": "due", "type": "date"},
            ],
            "sums": [{"parts": ["lines[].amount"], "equals": ["net"]}],
            "orders": [{"first": "supplier.since", "then": "due"}],
        },
    }
)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("spec.fields[2].pattern", ((2,), "pattern")),
        ("spec.fields[2].fields[0].name", ((2, 0), "name")),
        ("spec.fields[1].fields", ((1,), "fields")),
        ("spec.fields[1].options[3]", ((1,), "options")),
        ("spec.fields[0]", ((0,), "")),
        ("spec.fields", None),
        ("spec.sums[0].parts[1]", None),
        ("metadata.name", None),
    ],
)
def test_a_problem_leads_to_its_field(path: str, found: tuple[tuple[int, ...], str] | None):
    assert place_of(path) == found


def test_rules_go_with_the_names_of_their_fields():
    renamed = with_field(SCHEMA, (2,), _named("rows"))
    assert renamed.spec.sums[0].parts == ("rows[].amount",)
    inner = with_field(renamed, (1, 1), Field(name="known", type=FieldType.DATE))
    assert inner.spec.orders[0].first == "supplier.known"
    assert written(dump_schema(inner)).problems == ()


def test_a_field_moves_among_its_neighbours_and_stays_at_the_end():
    assert [field.name for field in moved(SCHEMA, (0,), 1)[0].spec.fields[:2]] == ["supplier", "net"]
    assert moved(SCHEMA, (0,), -1) == (SCHEMA, (0,))
    schema, place = moved(SCHEMA, (1, 0), 1)
    assert path_at(schema, place) == "supplier.name"
    assert place == (1, 1)


def test_added_fields_have_names_of_their_own():
    schema, place = added(*added(SCHEMA, (2,))[:1], (2,))
    assert place == (2, 2)
    assert [field.name for field in field_at(schema, (2,)).fields] == ["amount", "field_1", "field_2"]


def test_a_rule_about_a_field_that_is_gone_is_a_problem_of_the_rule():
    assert [one.path for one in written(dump_schema(without(SCHEMA, (0,)))).problems] == ["spec.sums[0].equals[0]"]


def test_another_type_leaves_out_what_it_cannot_have():
    bounded = Field(name="x", type=FieldType.MONEY, minimum=1.0, hint="Kept.")
    assert retyped(bounded, FieldType.NUMBER).minimum == 1.0
    assert retyped(bounded, FieldType.DATE) == Field(name="x", type=FieldType.DATE, hint="Kept.")
    assert retyped(bounded, FieldType.TABLE).fields == (Field(name="name"),)
    assert retyped(field_at(SCHEMA, (1,)), FieldType.STRING).fields == ()


@pytest.mark.parametrize("text", ["", "[", "a: &a [*a]", "spec: {fields: [[[1]]]}", "x" * 2_000_000, "\x00", "{}"])
def test_a_text_that_is_no_schema_has_problems_and_no_fields(text: str):
    found = written(text)
    assert found.schema is None
    assert found.problems


def test_a_text_with_mistakes_keeps_its_fields():
    found = written(dump_schema(SCHEMA).replace("name: due", "name: net"))
    assert found.schema is not None
    assert "spec.fields[3].name" in [one.path for one in found.problems]


@pytest.mark.parametrize(
    ("difference", "said"),
    [
        (
            Difference(path="spec.fields.due.required", kind=DifferenceKind.ADDED, after=True),
            Said(place="due", sentence="Required changed:", before="no", after="yes"),
        ),
        (
            Difference(path="spec.fields.lines.fields.amount.type", kind=DifferenceKind.CHANGED, before="money"),
            Said(place="lines › amount", sentence="Type changed:", before="money", after="text"),
        ),
        (
            Difference(path="spec.fields.vat", kind=DifferenceKind.ADDED, after={"name": "vat", "type": "money"}),
            Said(place="vat", sentence="is a new field:", after="money"),
        ),
        (
            Difference(path="metadata.title", kind=DifferenceKind.CHANGED, before="A", after="B"),
            Said(place="What it is for", sentence="Title changed:", before="A", after="B"),
        ),
        (
            Difference(path="spec.orders", kind=DifferenceKind.ADDED, after=[{"first": "a", "then": "b"}]),
            Said(place="Rules between fields", sentence="changed:", after="a not after b"),
        ),
    ],
)
def test_differences_are_said_in_words(difference: Difference, said: Said):
    assert in_words(difference) == said


def _named(name: str) -> Field:
    table = field_at(SCHEMA, (2,))
    return Field(name=name, type=table.type, fields=table.fields)
