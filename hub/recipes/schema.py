"""The JSON Schema of recipe documents, with the settings of every connector, for editors and for models."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec

from connectors.sdk import Settings
from connectors.sdk.describe import json_schema
from connectors.sdk.registry import registry
from hub.recipes.builtins import BUILT_INS, BuiltIn
from hub.recipes.conditions import ALONE, OPERATORS
from hub.recipes.document import RecipeDocument

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_CONDITION = {"$ref": "#/$defs/Condition"}


@cache
def recipe_schema() -> Mapping[str, Any]:
    """Return the whole schema (2020-12)."""
    schema = msgspec.json.schema(RecipeDocument)
    definitions: dict[str, Any] = schema["$defs"]
    definitions["Condition"] = _condition()
    triggers = {
        trigger.uses: _choice(trigger.title, trigger.text, trigger.settings)
        for connector in registry().values()
        for trigger in connector.triggers.values()
    }
    _offer(definitions["Trigger"], triggers)
    _offer(definitions["Step"], _steps())
    definitions["Step"]["properties"]["when"] = _CONDITION
    return {"$schema": DIALECT, "title": "Patchdeck recipe", **schema}


def _steps() -> dict[str, dict[str, Any]]:
    built_in = {name: _built_in(step) for name, step in BUILT_INS.items()}
    declared = {
        part.uses: _choice(part.title, part.text, part.settings)
        for connector in registry().values()
        for part in (*connector.lookups.values(), *connector.targets.values())
    }
    return built_in | declared


def _built_in(step: BuiltIn) -> dict[str, Any]:
    if step.settings is not None:
        return _choice(step.title, step.text, step.settings)
    settings = _CONDITION if step.name == "filter" else _cases()
    return {"title": step.title, "description": step.text, "settings": settings, "required": True}


def _choice(title: str, text: str, settings: type[Settings]) -> dict[str, Any]:
    schema = dict(json_schema(settings))
    first_line = text.partition("\n")[0]
    return {"title": title, "description": first_line, "settings": schema, "required": bool(schema.get("required"))}


def _offer(definition: dict[str, Any], choices: Mapping[str, Mapping[str, Any]]) -> None:
    """Name what `uses` may be, and tie `with` to it."""
    definition["properties"]["uses"] = {
        "oneOf": [
            {"const": uses, "title": choice["title"], "description": choice["description"]}
            for uses, choice in choices.items()
        ]
    }
    definition["allOf"] = [_tie(uses, choice) for uses, choice in choices.items()]


def _tie(uses: str, choice: Mapping[str, Any]) -> dict[str, Any]:
    consequence: dict[str, Any] = {"properties": {"with": choice["settings"]}}
    if choice["required"]:
        consequence["required"] = ["with"]
    return {"if": {"properties": {"uses": {"const": uses}}, "required": ["uses"]}, "then": consequence}


def _cases() -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            "cases": {"type": "object", "additionalProperties": _CONDITION, "minProperties": 1},
            "else": {"type": "string", "minLength": 1},
        },
        "required": ["cases"],
        "additionalProperties": False,
    }


def _condition() -> dict[str, Any]:
    """Describe a comparison, or a list of conditions of which all or any must hold."""
    compare = sorted(set(OPERATORS) - ALONE)
    listed = {"type": "array", "items": _CONDITION, "minItems": 1}
    return {
        "title": "Condition",
        "oneOf": [
            _object({"left": {}, "is": {"enum": compare}, "right": {}}),
            _object({"left": {}, "is": {"enum": sorted(ALONE)}}),
            _object({"all": listed}),
            _object({"any": listed}),
        ],
    }


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
