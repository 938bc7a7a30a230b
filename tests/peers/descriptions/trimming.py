"""Cut a vendor's OpenAPI description down to some operations and the schemas that these need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

VERBS = ("get", "put", "post", "delete", "patch", "head")
# Words for readers, at places where a schema or an operation stands
_WORDS = frozenset({"description", "summary", "example", "examples", "title", "externalDocs", "tags", "deprecated"})
# Below these names stand other names, which may be called like the words above
_NAMED = frozenset({"properties", "patternProperties", "schemas", "parameters", "responses", "requestBodies"})
_LITERAL = frozenset({"enum", "default", "required", "const"})


def trimmed(document: Mapping[str, Any], operations: Sequence[str], depth: int) -> dict[str, Any]:
    """Return a document with these operations ("GET /path"); below `depth` references anything goes."""
    paths: dict[str, Any] = {}
    for operation in operations:
        verb, _, path = operation.partition(" ")
        item = document["paths"][path]
        kept = paths.setdefault(path, {"parameters": item["parameters"]} if item.get("parameters") else {})
        kept[verb.lower()] = item[verb.lower()]
    paths = without_words(paths, named=True)
    made: dict[str, Any] = {"openapi": document["openapi"], "paths": paths, "components": {}}
    wanted = _references(paths)
    for level in range(depth + 1):
        found = {}
        for reference in wanted:
            _, _, kind, name = reference.split("/", 3)
            place = made["components"].setdefault(kind, {})
            if name not in place:
                cut = level == depth and kind == "schemas"
                place[name] = found[reference] = {} if cut else without_words(_at(document, reference))
        wanted = _references(list(found.values()))
    return made


def _at(document: Mapping[str, Any], reference: str) -> Any:
    place: Any = document
    for part in reference.removeprefix("#/").split("/"):
        place = place[part.replace("~1", "/").replace("~0", "~")]
    return place


def _references(node: Any) -> set[str]:
    if isinstance(node, list):
        return {reference for one in node for reference in _references(one)}
    if not isinstance(node, dict):
        return set()
    own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
    return own | {reference for one in node.values() for reference in _references(one)}


def without_words(node: Any, *, named: bool = False) -> Any:
    """Leave out what is there for readers only; in a `named` mapping the names are things of their own."""
    if isinstance(node, list):
        return [without_words(one) for one in node]
    if not isinstance(node, dict):
        return node
    kept = node.items() if named else ((name, one) for name, one in node.items() if not _is_words(name))
    return {
        name: one if name in _LITERAL and not named else without_words(one, named=not named and name in _NAMED)
        for name, one in kept
    }


def _is_words(name: str) -> bool:
    return name in _WORDS or name.startswith("x-") or name == "security"
