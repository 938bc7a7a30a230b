"""Inbound webhooks as a bare ASGI application: the hot path of the hub passes no framework."""

from __future__ import annotations

import logging
import math
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from connectors.sdk import WebhookRequest
from hub.api.context import request_id
from hub.errors import HubError, TooLargeError
from hub.outages import outage_of, unusable
from hub.runs import HookAnswer, Hooks

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

LIMIT = 5 * 1024 * 1024
METHODS = {"POST", "PUT"}
_log = logging.getLogger(__name__)


class MethodError(HubError):
    """Webhooks are sent, not asked for."""

    status = 405
    title = "Method Not Allowed"


class FaultError(HubError):
    """Something that should not happen did."""

    status = 500
    title = "Internal error"


class HookApplication:
    """Serves `/hooks/{token}` and `/hooks/test/{token}`."""

    def __init__(self, hooks: Hooks) -> None:
        self._hooks = hooks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call."""
        try:
            answer = await self._answer(scope, receive)
        except HubError as error:
            answer = _problem(scope, error)
        except Exception as error:  # noqa: BLE001  # the sender gets an answer it can act on, whatever went wrong
            answer = _failed(scope, error)
        headers = [
            (name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in answer.headers.items()
        ]
        headers.append((b"content-length", str(len(answer.body)).encode()))
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})

    async def _answer(self, scope: Scope, receive: Receive) -> HookAnswer:
        if scope["method"] not in METHODS:
            raise MethodError(f"{scope['method']} is not possible here; send events with POST.")
        token = scope["path"].removeprefix("/hooks/")
        test = token.startswith("test/")
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        body = await _body(receive, headers.get("content-length"))
        query = scope["query_string"]
        request = WebhookRequest(
            body=body,
            headers=headers,
            query=dict(reversed(parse_qsl(query.decode("latin-1"), keep_blank_values=True))) if query else {},
            method=scope["method"],
        )
        return await self._hooks.receive(token.removeprefix("test/"), request, test=test)


async def _body(receive: Receive, announced: str | None) -> bytes:
    if announced is not None and announced.isdigit() and int(announced) > LIMIT:
        raise TooLargeError("A webhook may be 5 MB at most; send a link to large content.")
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise HubError("The caller went away before the whole body had arrived.")
        part = message.get("body", b"")
        size += len(part)
        if size > LIMIT:
            raise TooLargeError("A webhook may be 5 MB at most; send a link to large content.")
        parts.append(part)
        if not message.get("more_body"):
            return parts[0] if len(parts) == 1 else b"".join(parts)


def _failed(scope: Any, error: Exception) -> HookAnswer:
    told = outage_of(error) or unusable(error)
    if told is not None:
        return _problem(scope, told)
    _log.error("webhook %s failed", request_id(scope), exc_info=error)
    detail = "This is a fault of Patchdeck's; the log of the hub tells more under the request id."
    return _problem(scope, FaultError(detail))


def _problem(scope: Any, error: HubError) -> HookAnswer:
    body = {
        "type": "about:blank",
        "title": error.title,
        "status": error.status,
        "detail": error.message,
        "request_id": request_id(scope),
        "errors": [{"path": one.path, "message": one.message} for one in error.errors],
    }
    headers = {"content-type": "application/problem+json", "x-request-id": request_id(scope)}
    if error.retry_after is not None:
        headers["retry-after"] = str(max(1, math.ceil(error.retry_after)))
    if isinstance(error, MethodError):
        headers["allow"] = ", ".join(sorted(METHODS))
    return HookAnswer(error.status, msgspec.json.encode(body), headers)
