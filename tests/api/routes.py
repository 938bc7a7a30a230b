"""Every route of the API with the right it declares, and a smallest request that fits its schema."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler

PARAMETER = re.compile(r"{(\w+)}")


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """One method on one path; `verb` is what its handler declares."""

    method: str
    path: str
    verb: Any
    body: Any
    content_type: str | None
    query: tuple[tuple[str, Any], ...]

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def parameters(self) -> list[str]:
        return PARAMETER.findall(self.path)

    def url(self, ids: Mapping[str, str]) -> str:
        """The path with these ids in it."""
        return PARAMETER.sub(lambda found: ids[found[1]], self.path)


def routes_of(api: Litestar) -> list[Route]:
    """Return every route below /api/v1, as the document and the handlers tell it."""
    document = api.openapi_schema.to_schema()
    found = []
    for route in api.routes:
        for handler in getattr(route, "route_handlers", ()):
            if isinstance(handler, HTTPRouteHandler) and route.path_format.startswith("/api/v1"):
                methods = set(handler.http_methods) - {"OPTIONS", "HEAD"}
                operations = document["paths"].get(route.path_format, {})
                found += [
                    _route(document, method, route.path_format, handler, operations.get(method.lower(), {}))
                    for method in methods
                ]
    return sorted(found, key=lambda route: (route.path, route.method))


def _route(document: Any, method: str, path: str, handler: HTTPRouteHandler, operation: Any) -> Route:
    contents: dict[str, Any] = operation.get("requestBody", {}).get("content", {})
    kind = next(iter(contents), None)
    content = contents.get(kind, {}) if kind else {}
    needed = [one for one in operation.get("parameters", ()) if one["in"] == "query" and one.get("required")]
    return Route(
        method=method,
        path=path,
        verb=handler.opt.get("verb"),
        body=smallest(document, content.get("schema", {})) if kind else None,
        content_type=kind,
        query=tuple((one["name"], smallest(document, one["schema"])) for one in needed),
    )


def smallest(document: Any, schema: Any) -> Any:
    """Return the smallest value that a JSON Schema allows, as far as types go."""
    schema = _resolved(document, schema)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    for choice in ("oneOf", "anyOf"):
        if choice in schema:
            return smallest(document, schema[choice][0])
    if "properties" in schema:
        return {name: smallest(document, schema["properties"][name]) for name in schema.get("required", ())}
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) else kind
    values: dict[str, Any] = {"integer": 1, "number": 1, "boolean": False, "array": [], "object": {}}
    values["string"] = {"date-time": "2030-01-01T00:00:00Z", "binary": "x"}.get(schema.get("format", ""), "x")
    return values.get(str(kind))


def _resolved(document: Any, schema: Any) -> Any:
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema
