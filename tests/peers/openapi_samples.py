"""The smallest answers that a vendor's description allows, for peers to fill with what a test is about."""

from __future__ import annotations

from typing import Any

from tests.peers.openapi_schemas import Schemas

_FORMATS = {"date-time": "2026-01-01T00:00:00Z", "uri": "https://example.com/", "email": "a@example.com"}
_PLAIN: dict[str, Any] = {"integer": 0, "number": 0, "boolean": False, "string": "", "array": [], "object": {}}


def sample(schemas: Schemas, name: str) -> dict[str, Any]:
    """Return an object of a named schema that holds what is required and nothing else."""
    made: dict[str, Any] = _made(schemas, schemas.document["components"]["schemas"][name])
    return made


def _made(schemas: Schemas, node: Any) -> Any:
    """Return the least value that fits: nothing where that is allowed, else the first of what is listed."""
    schema = schemas.opened(node) or {}
    for way in ("anyOf", "oneOf"):
        if way in schema:
            return None if {"type": "null"} in schema[way] else _made(schemas, schema[way][0])
    if "enum" in schema:
        return schema["enum"][0]
    kinds = schema.get("type", "object")
    if not isinstance(kinds, str):
        return None if "null" in kinds else _made(schemas, {**schema, "type": kinds[0]})
    if kinds == "object":
        fields = schema.get("properties", {})
        return {name: _made(schemas, fields.get(name, {})) for name in schema.get("required", ())}
    return _FORMATS.get(schema.get("format", ""), _PLAIN[kinds]) if kinds == "string" else _PLAIN[kinds]
