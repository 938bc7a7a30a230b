"""Schema documents: reading, mistakes by path, JSON Schema out and in."""

import msgspec
import pytest

from hub.errors import InvalidError, NotFoundError
from hub.extraction.schemas.document import build_schema, dump_schema, parse_schema
from hub.extraction.schemas.json_schema import answer_schema, to_json_schema
from hub.extraction.schemas.starter import starter, starter_names

HEAD = "apiVersion: patchdeck/v1\nkind: Schema\nmetadata: {name: test}\n"
FIELDS = {
    "invoice": "number issue_date due_date purchase_order supplier.name supplier.tax_id supplier.address customer.name "
    "customer.tax_id customer.address currency net tax total iban lines[].description lines[].quantity lines[].unit "
    "lines[].unit_price lines[].tax_rate lines[].amount",
    "receipt": "merchant.name merchant.tax_id merchant.address date time currency tax total payment_method "
    "lines[].description lines[].quantity lines[].unit_price lines[].amount",
    "purchase_order": "number date buyer supplier currency total delivery_date lines[].description lines[].quantity "
    "lines[].unit lines[].unit_price lines[].amount",
    "contract": "title parties[].name parties[].role effective_date end_date term governing_law value currency",
    "cv": "name email phone location summary skills positions[].title positions[].employer positions[].start "
    "positions[].end education[].degree education[].school education[].year",
    "article": "title author published site language text",
}


def problems(text: str) -> dict[str, str]:
    with pytest.raises(InvalidError) as caught:
        parse_schema(text)
    return {problem.path: problem.message for problem in caught.value.errors}


def paths(fields, prefix=""):
    inner = {"object": ".", "table": "[]."}
    return [
        path
        for field in fields
        for path in (
            paths(field.fields, f"{prefix}{field.name}{inner[field.type]}")
            if field.fields
            else [f"{prefix}{field.name}"]
        )
    ]


@pytest.mark.parametrize("name", FIELDS)
def test_starters_keep_their_field_names(name):
    assert paths(starter(name).spec.fields) == FIELDS[name].split()


def test_there_are_six_starters():
    assert set(starter_names()) == set(FIELDS)


def test_an_unknown_starter_names_those_there_are():
    with pytest.raises(NotFoundError, match="article, contract, cv, invoice, purchase_order, receipt"):
        starter("nope")


@pytest.mark.parametrize("name", FIELDS)
def test_a_schema_survives_yaml_and_json_schema(name):
    schema = starter(name)
    assert parse_schema(dump_schema(schema)) == schema
    assert build_schema(to_json_schema(schema)).spec.fields == schema.spec.fields


def test_fields_may_be_a_mapping_and_just_a_type():
    schema = parse_schema(HEAD + "spec: {fields: {total: money, when: {type: date, required: true}}}")
    assert [(field.name, field.type, field.required) for field in schema.spec.fields] == [
        ("total", "money", False),
        ("when", "date", True),
    ]


def test_every_mistake_is_named_at_once():
    found = problems(
        HEAD
        + """spec:
  fields:
    - {name: a, type: moneyy}
    - {name: b, minumum: 3}
    - {name: c, type: object, fields: [{name: d, type: wrong}]}
"""
    )
    assert list(found) == ["spec.fields[0].type", "spec.fields[1].minumum", "spec.fields[2].fields[0].type"]


@pytest.mark.parametrize(
    ("field", "path"),
    [
        ("{name: 1a}", "spec.fields[0].name"),
        ("{name: a, type: object}", "spec.fields[0].fields"),
        ("{name: a, fields: [{name: b}]}", "spec.fields[0].fields"),
        ("{name: a, type: enum}", "spec.fields[0].options"),
        ("{name: a, options: [x]}", "spec.fields[0].options"),
        ("{name: a, pattern: '('}", "spec.fields[0].pattern"),
        ("{name: a, type: boolean, minimum: 1}", "spec.fields[0].minimum"),
        ("{name: a, type: number, minimum: 2, maximum: 1}", "spec.fields[0].minimum"),
        ("{name: a, type: date, minimum: 5}", "spec.fields[0].minimum"),
        ("{name: a, type: list, of: table}", "spec.fields[0].of"),
        ("{name: a, type: table, fields: [{name: b, type: list}]}", "spec.fields[0].fields"),
        ("{name: a}, {name: a}", "spec.fields[1].name"),
    ],
)
def test_names_the_path_of_a_mistake(field, path):
    assert list(problems(f"{HEAD}spec: {{fields: [{field}]}}")) == [path]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("", ""),
        ("[1]", ""),
        ("a: [", ""),
        (HEAD.replace("test", "Not Good") + "spec: {fields: [{name: a}]}", "metadata.name"),
        (HEAD.replace("v1", "v9") + "spec: {fields: [{name: a}]}", "apiVersion"),
        (HEAD + "spec: {fields: []}", "spec.fields"),
        (HEAD + "spec: {fields: [{name: a, type: money}], sums: [{parts: [b], equals: [a]}]}", "spec.sums[0].parts[0]"),
        (HEAD + "spec: {fields: [{name: a, type: date}], orders: [{first: a, then: c}]}", "spec.orders[0].then"),
    ],
)
def test_refuses_what_is_no_schema(text, path):
    assert list(problems(text)) == [path]


def test_deep_nesting_is_refused():
    text = HEAD + "spec: {fields: [" + "{name: a, type: object, fields: [" * 8 + "{name: b}" + "]}" * 8 + "]}"
    assert next(iter(problems(text))).startswith("spec.fields[0].fields[0]")


def test_reads_a_json_schema_of_another_program():
    schema = build_schema(
        {
            "title": "Meter Reading",
            "type": "object",
            "required": ["meter"],
            "$defs": {"day": {"type": "string", "format": "date"}},
            "properties": {
                "meter": {"type": "string", "description": "The number on the meter."},
                "read_on": {"$ref": "#/$defs/day"},
                "kind": {"enum": ["gas", "power"]},
                "value": {"anyOf": [{"type": "number", "minimum": 0}, {"type": "null"}]},
                "rows": {"type": "array", "items": {"type": "object", "properties": {"a": {"type": "integer"}}}},
                "tags": {"type": "array", "items": {"type": "string"}},
            },
        }
    )
    shape = [(field.name, field.type.value, field.required) for field in schema.spec.fields]
    assert schema.name == "meter-reading"
    assert shape == [
        ("meter", "string", True),
        ("read_on", "date", False),
        ("kind", "enum", False),
        ("value", "number", False),
        ("rows", "table", False),
        ("tags", "list", False),
    ]


def test_a_model_is_asked_for_every_field_and_may_answer_null():
    asked = answer_schema(starter("invoice").spec.fields)
    assert asked["required"] == list(asked["properties"])
    assert asked["properties"]["total"]["type"] == ["string", "null"]
    assert asked["properties"]["lines"]["items"]["additionalProperties"] is False
    assert msgspec.json.encode(asked)
