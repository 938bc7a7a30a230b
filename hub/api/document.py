"""The OpenAPI document as Litestar derives it, with what it cannot know: problems, summaries, open routes."""

from __future__ import annotations

from typing import Any

from litestar import Litestar, Request
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import (
    Components,
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Reference,
    Schema,
    SecurityScheme,
)
from litestar.router import Router

from hub.api.access import COOKIE, PUBLIC, is_public
from hub.api.problem import MEDIA_TYPE
from hub.api.reference import ReferencePage

METHODS = frozenset({"get", "post", "put", "patch", "delete"})
_TEXT = Schema(type=OpenAPIType.STRING)
_PROBLEM = Schema(
    type=OpenAPIType.OBJECT,
    title="Problem",
    description="What went wrong (RFC 9457); the log of the hub tells more under `request_id`.",
    required=["type", "title", "status", "detail", "request_id", "errors"],
    properties={
        "type": _TEXT,
        "title": _TEXT,
        "status": Schema(type=OpenAPIType.INTEGER),
        "detail": _TEXT,
        "request_id": _TEXT,
        "errors": Schema(
            type=OpenAPIType.ARRAY,
            items=Schema(
                type=OpenAPIType.OBJECT, required=["path", "message"], properties={"path": _TEXT, "message": _TEXT}
            ),
        ),
    },
)
_PROBLEM_ANSWER = OpenAPIResponse(
    description="A problem: what went wrong and, where it helps, which fields.",
    content={MEDIA_TYPE: OpenAPIMediaType(schema=Reference(ref="#/components/schemas/Problem"))},
)


def openapi_config() -> OpenAPIConfig:
    """Return where the document and its page are served, and how one signs in."""
    return OpenAPIConfig(
        title="Patchdeck",
        version="1",
        description="Documents and events come in, checked records go out. Errors are problem+json (RFC 9457).",
        use_handler_docstrings=True,
        openapi_router=Router("/api", route_handlers=[], opt={"verb": PUBLIC}, include_in_schema=False),
        render_plugins=[Document(), ReferencePage()],
        components=Components(
            security_schemes={
                "key": SecurityScheme(type="http", scheme="bearer", description="An API key, `pd_live_…`."),
                "session": SecurityScheme(type="apiKey", security_scheme_in="cookie", name=COOKIE),
            }
        ),
        security=[{"key": []}, {"session": []}],
    )


class Document(JsonRenderPlugin):
    """Serves the document at /api/openapi.json, derived when it is first asked for: that is half the API's start."""

    def __init__(self) -> None:
        super().__init__(path="/openapi.json")
        self._rendered: bytes | None = None

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """Return the document as JSON."""
        if self._rendered is None:
            _complete(openapi_schema, _public_operations(request.app))
            self._rendered = self.render_json(request, openapi_schema)
        return self._rendered


def _complete(document: dict[str, Any], public: set[tuple[str, str]]) -> None:
    """Give each operation its summary, tag and problem answer, and mark those that need no sign-in."""
    document["components"]["schemas"]["Problem"] = _PROBLEM.to_schema()
    for path, item in document["paths"].items():
        for method in METHODS & item.keys():
            operation = item[method]
            operation["summary"] = (operation.get("description") or operation.get("summary", "")).partition("\n")[0]
            operation.setdefault("tags", [path.split("/")[3]])
            operation["responses"].pop("400", None)
            operation["responses"]["default"] = _PROBLEM_ANSWER.to_schema()
            if (path, method) in public:
                operation["security"] = []


def _public_operations(api: Litestar) -> set[tuple[str, str]]:
    return {
        (route.path_format, method.lower())
        for route in api.routes
        for handler in getattr(route, "route_handlers", ())
        if isinstance(handler, HTTPRouteHandler) and is_public(handler)
        for method in handler.http_methods
    }
