"""The OpenAPI document as Litestar derives it, with what it cannot know: problems, summaries, open routes."""

from __future__ import annotations

from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import (
    Components,
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    PathItem,
    Reference,
    Schema,
    SecurityScheme,
)
from litestar.router import Router

from hub.api.access import COOKIE, PUBLIC, is_public
from hub.api.problem import MEDIA_TYPE
from hub.api.reference import ReferencePage

METHODS = ("get", "post", "put", "patch", "delete")
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
        render_plugins=[JsonRenderPlugin(path="/openapi.json"), ReferencePage()],
        components=Components(
            security_schemes={
                "key": SecurityScheme(type="http", scheme="bearer", description="An API key, `pd_live_…`."),
                "session": SecurityScheme(type="apiKey", security_scheme_in="cookie", name=COOKIE),
            }
        ),
        security=[{"key": []}, {"session": []}],
    )


def complete_document(api: Litestar) -> None:
    """Give each operation its summary, tag and problem answer, and mark those that need no sign-in."""
    document = api.openapi_schema
    document.components.schemas["Problem"] = _PROBLEM
    public = _public_operations(api)
    for path, item in (document.paths or {}).items():
        for method, operation in _operations(item):
            operation.summary = (operation.description or operation.summary or "").partition("\n")[0]
            operation.tags = operation.tags or [path.split("/")[3]]
            operation.responses = {
                status: answer for status, answer in (operation.responses or {}).items() if status != "400"
            } | {"default": _PROBLEM_ANSWER}
            if (path, method) in public:
                operation.security = []


def _operations(item: PathItem) -> list[tuple[str, Operation]]:
    found = [(method, getattr(item, method)) for method in METHODS]
    return [(method, operation) for method, operation in found if operation is not None]


def _public_operations(api: Litestar) -> set[tuple[str, str]]:
    return {
        (route.path_format, method.lower())
        for route in api.routes
        for handler in getattr(route, "route_handlers", ())
        if isinstance(handler, HTTPRouteHandler) and is_public(handler)
        for method in handler.http_methods
    }
