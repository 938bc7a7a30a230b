"""Inbound webhooks as a bare ASGI application: the hot path of the hub passes no framework."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from connectors.sdk import WebhookRequest
from hub.errors import HubError, TooLargeError
from hub.ids import new_id, show
from hub.runs import HookAnswer, Hooks

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

LIMIT = 5 * 1024 * 1024
METHODS = {"POST", "PUT"}


class HookApplication:
    """Serves `/hooks/{token}` and `/hooks/test/{token}`."""

    def __init__(self, hooks: Hooks) -> None:
        self._hooks = hooks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call."""
        try:
            answer = await self._answer(scope, receive)
        except HubError as error:
            answer = _problem(error)
        headers = [
            (name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in answer.headers.items()
        ]
        headers.append((b"content-length", str(len(answer.body)).encode()))
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})

    async def _answer(self, scope: Scope, receive: Receive) -> HookAnswer:
        if scope["method"] not in METHODS:
            return HookAnswer(405, b"", {"allow": ", ".join(sorted(METHODS))})
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


def _problem(error: HubError) -> HookAnswer:
    body = {
        "type": "about:blank",
        "title": error.title,
        "status": error.status,
        "detail": error.message,
        "request_id": show("req", new_id()),
        "errors": [{"path": one.path, "message": one.message} for one in error.errors],
    }
    headers = {"content-type": "application/problem+json"}
    if error.retry_after is not None:
        headers["retry-after"] = str(max(1, round(error.retry_after)))
    return HookAnswer(error.status, msgspec.json.encode(body), headers)
