import jsonschema
import pytest
import yaml

from connectors.sdk.registry import registry
from hub.recipes import BUILT_INS, parse, recipe_schema, to_plain
from tests.recipes.texts import WHOLE, recipe

CHECKER = jsonschema.Draft202012Validator(recipe_schema())


def test_is_a_json_schema():
    jsonschema.Draft202012Validator.check_schema(recipe_schema())


def test_takes_a_whole_recipe():
    assert list(CHECKER.iter_errors(to_plain(parse(WHOLE)))) == []


@pytest.mark.parametrize(
    "steps",
    [
        "- {id: a, uses: http.sent}",
        "- {id: a, uses: http.send, with: {json: 1}}",
        "- {id: a, uses: http.send, with: {url: x, jsn: 1}}",
        "- {id: a, uses: http.send}",
        "- {id: a, uses: filter, with: {left: 1, is: nope, right: 1}}",
        "- {id: a, uses: branch, with: {cases: {}}}",
        "- {id: a, uses: template, with: {text: x}, retry: {attempts: 0}}",
        "- {id: a b, uses: template, with: {text: x}}",
        "- {id: a, uses: template, with: {text: x}, wehn: {}}",
    ],
)
def test_refuses(steps):
    assert list(CHECKER.iter_errors(yaml.safe_load(recipe(steps))))


def test_offers_every_step_and_trigger():
    definitions = recipe_schema()["$defs"]
    offered = {
        name: {one["const"] for one in definitions[name]["properties"]["uses"]["oneOf"]} for name in ("Step", "Trigger")
    }
    connectors = registry().values()
    assert offered["Trigger"] == {part.uses for one in connectors for part in one.triggers.values()}
    assert offered["Step"] == set(BUILT_INS) | {
        part.uses for one in connectors for part in (*one.lookups.values(), *one.targets.values())
    }
