"""What a vendor's OpenAPI description says of values: schemas as JSON Schema, and texts read as they want them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

_HERE = "urn:description"
_LONGEST = 200


class Schemas:
    """The schemas of one description; `wrong` says what a value does not keep to."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document: dict[str, Any] = _modern(document)
        resource = Resource.from_contents(self.document, default_specification=DRAFT202012)
        self._registry: Registry[Any] = Registry().with_resource(_HERE, resource)
        self._validators: dict[int, Draft202012Validator] = {}

    def opened(self, node: Any) -> Any:
        """Follow references until something stands there itself."""
        while isinstance(node, dict) and "$ref" in node:
            node = self._registry.resolver().lookup(node["$ref"]).contents
        return node

    def wrong(self, schema: Any, value: Any) -> str:
        """Say where and how a value breaks a schema, '' when it does not."""
        if id(schema) not in self._validators:
            self._validators[id(schema)] = Draft202012Validator(schema, registry=self._registry)
        found = next(iter(self._validators[id(schema)].iter_errors(value)), None)
        return _told(found) if found is not None else ""

    def unknown(self, schema: Any, names: Iterable[str]) -> list[str]:
        """Name what a closed schema does not know: one with properties that does not ask for others."""
        known, is_open = self._properties(schema)
        return [] if is_open or not known else sorted(set(names) - known.keys())

    def read(self, schema: Any, value: Any) -> Any:
        """Read the texts of a query or a form as the numbers, truths and lists that a schema wants."""
        asked = self.opened(schema) or {}
        for other in (one for way in ("anyOf", "oneOf", "allOf") for one in asked.get(way, ())):
            read = self.read(other, value)
            if read != value and not self.wrong(other, read):
                return read
        kinds = asked.get("type", ())
        kind = kinds if isinstance(kinds, str) else next((one for one in kinds if one != "null"), "")
        if kind == "array":
            return [self.read(asked.get("items", {}), one) for one in _elements(value)]
        if isinstance(value, dict):
            known, _ = self._properties(asked)
            return {name: self.read(known.get(name, {}), one) for name, one in value.items()}
        return _plain(kind, value)

    def _properties(self, schema: Any) -> tuple[dict[str, Any], bool]:
        asked = self.opened(schema) or {}
        known, is_open = dict(asked.get("properties", {})), bool(asked.get("additionalProperties"))
        for other in (one for way in ("anyOf", "oneOf", "allOf") for one in asked.get(way, ())):
            more, others = self._properties(other)
            known |= more
            is_open = is_open or others
        return known, is_open


def nested(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Gather the pairs of a query or a form: `a[b]=1` is inside `a`, `a[]=1` and a name said twice are lists."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        parts = [part for part in re.split(r"\[|\]", name) if part]
        place = found
        for part in parts[:-1]:
            place = place.setdefault(part, {})
        last = parts[-1]
        if name.endswith("[]"):
            place.setdefault(last, []).append(value)
        elif last in place:
            place[last] = [*(place[last] if isinstance(place[last], list) else [place[last]]), value]
        else:
            place[last] = value
    return found


def _told(error: ValidationError) -> str:
    """Return the deepest reason, as the top of an anyOf says nothing."""
    while error.context:
        error = min(error.context, key=lambda one: -len(one.absolute_path))
    return f"{''.join(f'[{part!r}]' for part in error.absolute_path)} {error.message[:_LONGEST]}".strip()


def _elements(value: Any) -> list[Any]:
    if isinstance(value, str):
        return value.split(",")
    if isinstance(value, dict):
        return [value[name] for name in sorted(value)]
    return list(value) if isinstance(value, list) else [value]


def _plain(kind: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        match kind:
            case "integer":
                return int(value)
            case "number":
                return float(value)
            case "boolean" if value in {"true", "false"}:
                return value == "true"
    except ValueError:
        return value
    return value


def _modern(node: Any, inside: str = "") -> Any:
    """Write a description of OpenAPI 3.0 in the words of JSON Schema 2020-12; of 3.1 it already is."""
    if isinstance(node, list):
        return [_modern(one) for one in node]
    if not isinstance(node, dict):
        return node
    made = {
        name: f"{_HERE}{one}" if name == "$ref" and isinstance(one, str) and one[:1] == "#" else _modern(one, name)
        for name, one in node.items()
    }
    if inside == "properties":
        return made
    for name, edge in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if made.get(name) is True:
            made[name] = made.pop(edge)
        elif made.get(name) is False:
            made.pop(name)
    return _with_null(made) if made.pop("nullable", None) is True else made


def _with_null(schema: dict[str, Any]) -> dict[str, Any]:
    if "enum" in schema and None not in schema["enum"]:
        schema["enum"] = [*schema["enum"], None]
    if isinstance(schema.get("type"), str):
        return {**schema, "type": [schema["type"], "null"]}
    if schema.keys() & {"$ref", "anyOf", "allOf", "oneOf"}:
        return {"anyOf": [schema, {"type": "null"}]}
    return schema
