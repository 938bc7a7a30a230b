"""JSON Schema in and out: our schemas survive the way, and what a foreign one says is kept or named."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import check_jsonschema.builtin_schemas as published
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.extraction.schemas.document import build_schema
from hub.extraction.schemas.fields import FieldType, Format
from hub.extraction.schemas.json_schema import to_json_schema
from hub.extraction.schemas.json_schema_in import from_json_schema

PUBLISHED = sorted((Path(published.__file__).parent / "vendor").glob("*.json"))
SCALARS = [kind for kind in FieldType if kind not in {FieldType.LIST, FieldType.OBJECT, FieldType.TABLE}]
WORDS = st.text(st.characters(codec="utf-8", categories=["L", "N", "Zs"]), min_size=1, max_size=12).filter(str.strip)
NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,10}", fullmatch=True)
DAYS = st.dates().map(lambda day: day.isoformat())


def named(fields: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Fields with names of their own."""
    return st.lists(fields, min_size=1, max_size=4, unique_by=lambda field: field["name"])


@st.composite
def scalar(draw: st.DrawFn) -> dict[str, Any]:
    """A field with a single value, with some of what can be said about it."""
    kind = draw(st.sampled_from(SCALARS))
    field: dict[str, Any] = {"name": draw(NAMES), "type": kind.value}
    field |= draw(st.fixed_dictionaries({}, optional={"title": WORDS, "help": WORDS, "hint": WORDS}))
    field |= draw(
        st.fixed_dictionaries({}, optional={"required": st.just(True), "labels": st.lists(WORDS, max_size=2)})
    )
    bounds = {"minimum": st.integers(-9, 0).map(float), "maximum": st.integers(1, 9).map(float)}
    if kind is FieldType.ENUM:
        field["options"] = draw(st.lists(WORDS, min_size=1, max_size=3, unique=True))
    elif kind is FieldType.STRING:
        kinds = st.sampled_from([form.value for form in Format])
        field |= draw(st.fixed_dictionaries({}, optional={"pattern": st.just("^[A-Z]+$"), "format": kinds, **bounds}))
    elif kind in {FieldType.INTEGER, FieldType.NUMBER, FieldType.MONEY}:
        field |= draw(st.fixed_dictionaries({}, optional={**bounds, "examples": st.lists(st.floats(0, 9), max_size=2)}))
    elif kind is FieldType.DATE:
        field |= draw(st.fixed_dictionaries({}, optional={"minimum": DAYS}))
    return field


@st.composite
def nested(draw: st.DrawFn) -> dict[str, Any]:
    """A field that holds others: an object, a table, or a list."""
    kind = draw(st.sampled_from(["object", "table", "list"]))
    field: dict[str, Any] = {
        "name": draw(NAMES),
        "type": kind,
        **draw(st.fixed_dictionaries({}, optional={"help": WORDS})),
    }
    if kind == "list":
        return field | {"of": draw(st.sampled_from(["string", "integer", "number", "boolean", "date"]))}
    return field | {"fields": draw(named(scalar()))}


def documents() -> st.SearchStrategy[dict[str, Any]]:
    """Schema documents of ours."""
    metadata = st.fixed_dictionaries(
        {"name": NAMES.map(lambda name: name.strip("_").replace("__", "_"))}, optional={"description": WORDS}
    )
    spec = st.fixed_dictionaries({"fields": named(st.one_of(scalar(), nested()))})
    return st.fixed_dictionaries({"metadata": metadata, "spec": spec})


@given(documents())
@settings(max_examples=150)
def test_a_schema_of_ours_survives_the_way_out_and_in(document: dict[str, Any]):
    schema = build_schema(document)
    plain, losses = from_json_schema(json.loads(msgspec.json.encode(to_json_schema(schema))))
    back = build_schema(plain)
    assert losses == []
    assert back.spec == schema.spec
    assert back.metadata.name == schema.metadata.name
    assert back.metadata.description == schema.metadata.description


VALUES: dict[str, st.SearchStrategy[Any]] = {
    "title": WORDS,
    "description": WORDS,
    "minimum": st.integers(0, 5),
    "maximum": st.integers(6, 9),
    "exclusiveMinimum": st.integers(0, 5),
    "multipleOf": st.integers(1, 5),
    "minLength": st.integers(0, 5),
    "maxLength": st.integers(6, 9),
    "pattern": st.sampled_from(["^a+$", "(?=look)ahead", "(a)\\1"]),
    "format": st.sampled_from(["date", "date-time", "email", "hostname", "uuid", "iban"]),
    "enum": st.lists(st.one_of(WORDS, st.integers(), st.none()), min_size=1, max_size=3, unique=True),
    "const": st.one_of(WORDS, st.integers()),
    "default": WORDS,
    "examples": st.lists(st.one_of(WORDS, st.lists(WORDS, max_size=1)), max_size=2),
    "not": st.just({"type": "null"}),
    "if": st.just({"minLength": 2}),
    "deprecated": st.booleans(),
    "minItems": st.integers(0, 3),
    "uniqueItems": st.booleans(),
    "x-other": WORDS,
}


def bodies() -> st.SearchStrategy[Any]:
    """What a foreign schema may say about one field."""
    said = st.fixed_dictionaries(
        {},
        optional={
            **VALUES,
            "type": st.sampled_from(
                [
                    "string",
                    "integer",
                    "number",
                    "boolean",
                    "null",
                    "array",
                    "object",
                    ["string", "null"],
                    ["string", "integer"],
                ]
            ),
        },
    )

    def around(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        keys = st.one_of(NAMES, st.sampled_from(["@type", "first-name", "a/b", "m~n", "Größe"]))
        objects = st.fixed_dictionaries(
            {"properties": st.dictionaries(keys, inner, max_size=3)},
            optional={
                "required": st.lists(keys, max_size=2),
                "additionalProperties": st.booleans(),
                "description": WORDS,
                "patternProperties": st.just({"^x": {}}),
            },
        )
        return st.one_of(
            inner,
            objects,
            st.fixed_dictionaries({"type": st.just("array"), "items": inner}, optional={"minItems": st.integers(0, 2)}),
            st.booleans(),
        )

    return st.recursive(said, around, max_leaves=8)


def said(raw: Any, path: str = "#") -> Iterator[tuple[str, Any]]:
    """Every statement of a schema with its pointer."""
    for key, value in raw.items() if isinstance(raw, Mapping) else ():
        place = f"{path}/{str(key).replace('~', '~0').replace('/', '~1')}"
        if key == "properties" and isinstance(value, Mapping):
            for name, body in value.items():
                inner = f"{place}/{str(name).replace('~', '~0').replace('/', '~1')}"
                yield from said(body, inner) if isinstance(body, Mapping) else [(inner, body)]
        elif key == "items" and isinstance(value, Mapping):
            yield from said(value, place)
        elif key == "required":
            yield from ((f"{place}", name) for name in value)
        else:
            yield place, value


def lost(raw: Mapping[str, Any]) -> list[str]:
    """The statements that are neither in what we write again nor named as lost."""
    document, losses = from_json_schema(raw)
    kept = {
        place: value for place, value in said(to_json_schema(build_schema(document))) if not place.endswith("/required")
    }
    asked = {
        (place, name) for place, name in said(to_json_schema(build_schema(document))) if place.endswith("/required")
    }
    named_places = {loss.path for loss in losses}

    def is_named(place: str) -> bool:
        return any(place == one or place.startswith(f"{one}/") for one in named_places if one != "#")

    def is_kept(place: str, value: Any) -> bool:
        if place.endswith("/required"):
            described = place.removesuffix("required") + f"properties/{value}"
            return (place, value) in asked or is_named(described.replace("m~n", "m~0n").replace("a/b", "a~1b"))
        again = kept.get(place)
        return again == value or _same(place, value, again)

    return [place for place, value in said(raw) if not is_kept(place, value) and not is_named(place)]


def _same(place: str, value: Any, again: Any) -> bool:
    """Whether two spellings say the same: null in a list, a const as the one option, types left to our own rules."""
    if place.endswith("/type"):
        return again is not None or value == "null"
    if place.endswith(("/const", "/additionalProperties", "/$schema", "/$id")):
        return True
    if isinstance(value, list) and isinstance(again, list):
        return [one for one in value if one is not None] == [one for one in again if one is not None]
    return value in ([], "")


@given(st.dictionaries(NAMES, bodies(), min_size=1, max_size=4))
@settings(max_examples=400)
def test_what_a_foreign_schema_says_is_kept_or_named(properties: dict[str, Any]):
    raw = {"$schema": "x", "title": "Foreign", "properties": {"always": {"type": "string"}, **properties}}
    assert lost(raw) == []


@pytest.mark.parametrize("path", PUBLISHED, ids=lambda path: path.stem)
def test_published_schemas_are_read_and_what_is_lost_is_named(path: Path):
    document, losses = from_json_schema(json.loads(path.read_text("utf-8")))
    assert build_schema(document).spec.fields
    assert losses
    assert all(loss.path.startswith("#") and loss.message.endswith(".") for loss in losses)


def test_a_bomb_of_references_ends():
    doubled = {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(40)}
    raw = {
        "$defs": {**doubled, "d40": {"type": "string"}},
        "properties": {"x": {"$ref": "#/$defs/d0"}, "y": {"type": "string"}},
    }
    _, losses = from_json_schema(raw)
    assert any("too often" in loss.message for loss in losses)


def test_a_list_of_records_at_the_top_gives_the_record():
    raw = {"$schema": "x", "type": "array", "items": {"properties": {"total": {"type": "number"}}}}
    document, losses = from_json_schema(raw)
    assert [field.name for field in build_schema(document).spec.fields] == ["total"]
    assert losses[0].message == "The document is a list; each entry is taken as a record."
