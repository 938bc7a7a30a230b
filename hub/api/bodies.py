"""What requests may bring: a route that reads JSON refuses other types instead of guessing at them."""

from __future__ import annotations

from typing import Any

from litestar import Request

from hub.errors import HubError

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


def _has_body(request: Request[Any, Any, Any]) -> bool:
    return request.headers.get("content-length", "") not in {"", "0"} or "transfer-encoding" in request.headers
