"""How answers are cut to size, and that every tool's declaration is whole; no hub is needed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from hub.errors import NotFoundError, TooLargeError
from hub.extraction import Extraction
from hub.extraction.results import FieldResult, Part, SchemaName
from hub.mcp import tools
from hub.mcp.answers import answer_schema
from hub.mcp.portions import LARGEST, bounded, of_record
from hub.mcp.tools import json_schema
from hub.members import needs

CONTRACT = {
    "list_schemas", "get_schema", "propose_schema", "extract_text", "extract_file", "extract_url", "get_extraction",
    "search_recipes", "get_recipe", "validate_recipe", "propose_recipe", "plan_recipe", "run_recipe", "get_run",
    "list_runs", "list_reviews", "list_connectors",
}  # fmt: skip
DOCS = Path(__file__).parents[2] / "docs" / "mcp.md"
FIELD = FieldResult(value=1, confidence=0.9, engine="layout")
MANY = Extraction(
    id="ext_1",
    schema=SchemaName(name="slip"),
    record={"rows": [1, 2, 3]},
    records=[{"rows": [1, 2, 3]}, {"rows": [7, 8]}],
    fields={"rows[0]": FIELD, "rows[2]": FIELD, "total": FIELD},
    parts=[Part(fields={"rows[0]": FIELD, "rows[2]": FIELD}), Part(title="second", fields={"rows[1]": FIELD})],
)


def test_there_are_exactly_the_tools_of_the_contract():
    assert set(tools()) == CONTRACT


@pytest.mark.parametrize("name", sorted(CONTRACT))
def test_each_tool_is_declared_with_schemas_that_are_valid_and_told_in_the_docs(name: str):
    tool = tools()[name]
    Draft202012Validator.check_schema(json_schema(tool.arguments))
    Draft202012Validator.check_schema(answer_schema(tool))
    said = json_schema(tool.arguments)["properties"]
    row = next(line for line in DOCS.read_text().splitlines() if line.startswith(f"| `{name}` |"))
    role, scope = needs(tool.verb)
    assert answer_schema(tool)["type"] == "object"
    assert [one for one, field in said.items() if not field.get("description")] == []
    assert re.findall(r"`(\w+)`", row.split("|")[2]) == list(said)
    assert row.split("|")[3].strip() == f"{scope.value}, {role.name.lower()}"


@pytest.mark.parametrize(
    "plain",
    [
        {"items": [{"text": "x" * 1000} for _ in range(1000)]},
        {"text": "ä" * 1_000_000},
        {"fields": {f"lines[{number}].amount": {"value": number} for number in range(20_000)}},
        {"deep": [[["y" * 500] * 100] * 100]},
    ],
)
def test_whatever_is_too_long_is_cut_and_named(plain: dict[str, Any]):
    cut, cuts = bounded(plain)
    assert len(str(cut).encode()) < LARGEST * 1.5
    assert cuts[0].startswith(next(iter(plain)))
    assert set(cut) == set(plain)


def test_what_fits_is_left_as_it_is():
    assert bounded({"items": [1, 2]}) == ({"items": [1, 2]}, [])


def test_what_cannot_be_cut_enough_is_refused():
    wide: Any = 1.5
    for _ in range(3):
        wide = {f"name-{number:04}": wide for number in range(40)}
    with pytest.raises(TooLargeError):
        bounded(wide)


def test_one_of_several_records_is_shown_from_a_row_on():
    first, second = of_record(MANY, 0, 2), of_record(MANY, 1)
    assert (first.record, list(first.fields)) == ({"rows": [3]}, ["rows[2]"])
    assert (second.record, list(second.fields), second.parts[0].title) == ({"rows": [7, 8]}, ["rows[1]"], "second")


def test_a_record_that_is_not_there_is_told():
    with pytest.raises(NotFoundError, match="2 records"):
        of_record(MANY, 2)
