"""What requests may bring: a route that reads JSON refuses other types instead of guessing at them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
from litestar import Request
from litestar.openapi.spec import OpenAPIMediaType, RequestBody, Schema

from hub.errors import HubError, InvalidError, Problem

T = TypeVar("T")

YAML = "application/yaml"
_JSON = ("application/json", "text/json")


class MediaTypeError(HubError):
    """The body is of a type that this route does not read."""

    status = 415
    title = "Unsupported media type"


async def refuse_other_types(request: Request[Any, Any, Any]) -> None:
    """Refuse a body that says it is not JSON where JSON is read; one that says nothing is tried."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not kind or kind in _JSON or kind.endswith("+json"):
        return
    if "data" in request.route_handler.parsed_fn_signature.parameters and _has_body(request):
        raise MediaTypeError(f"This route reads JSON, not {kind[:100]}. Send it as application/json.")


def decoded(text: str | None, name: str, kind: type[T]) -> T | None:
    """Read a parameter that is written as JSON; InvalidError names it when it is not what it should be."""
    if not text:
        return None
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.DecodeError, RecursionError) as error:
        raise InvalidError(f"{name} cannot be read: {error}.", errors=[Problem(name, str(error))]) from error


def unparsed(kinds: Mapping[str, Schema]) -> RequestBody:
    """Describe a body that Litestar does not parse: what it is in each type that it may come in."""
    content = {kind: OpenAPIMediaType(schema=schema) for kind, schema in kinds.items()}
    return RequestBody(content=content, required=True)


def _has_body(request: Request[Any, Any, Any]) -> bool:
    return request.headers.get("content-length", "") not in {"", "0"} or "transfer-encoding" in request.headers
