"""`Idempotency-Key` on POST: the answer to the first request is given again to the same one."""

from __future__ import annotations

import hashlib
from typing import Any

from litestar.connection import ASGIConnection
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, ReceiveMessage, Scope, Send

from hub.accounts import Answer, Requests
from hub.errors import TooLargeError
from hub.members import Member

LARGEST_HASHED = 8 * 1024 * 1024
_KEPT_HEADERS = frozenset({"content-type", "location", "etag"})


class Idempotency(ASGIMiddleware):
    """Wraps POSTs of members that carry the header; everything else passes untouched."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Answer from memory, or work and remember the answer; a refusal did nothing and is not remembered."""
        connection = ASGIConnection[Any, Member | None, Any, Any](scope)
        key, member = connection.headers.get("idempotency-key"), scope.get("user")
        if key is None or member is None or scope.get("method") != "POST":
            await next_app(scope, receive, send)
            return
        route = f"{scope['path']} {member.user}"
        body = _Body(receive)
        request_hash = await body.hash(scope, connection.headers.get("content-type", ""))
        former = await self._requests.begin(member.workspace, key, route, request_hash)
        if former is not None:
            await _send(former, send)
            return
        recorder = _Recorder()
        try:
            await next_app(scope, body.receive, recorder.send)
        except BaseException:
            await self._requests.release(member.workspace, key, route)
            raise
        try:
            if recorder.status < 400:
                await self._requests.finish(member.workspace, key, route, recorder.answer())
            else:
                await self._requests.release(member.workspace, key, route)
        finally:  # the work is done: the caller hears of it even when the answer could not be kept
            await recorder.play(send)


class _Body:
    """Reads a small body ahead, to tell requests apart, and hands it on afterwards; large ones are streamed."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._read: list[ReceiveMessage] = []

    async def hash(self, scope: Scope, content_type: str) -> bytes:
        kind = content_type.partition(";")[0].encode()
        digest = hashlib.sha256(scope.get("query_string", b"") + b"\n" + kind)
        if content_type.startswith("multipart/"):  # its boundary differs each time; the key alone must do
            return digest.digest()
        size = 0
        while True:
            message = await self._receive()
            self._read.append(message)
            part = message.get("body", b"") if message["type"] == "http.request" else b""
            digest.update(part)
            size += len(part)
            if size > LARGEST_HASHED:
                raise TooLargeError("A request with an Idempotency-Key may be 8 MB at most.")
            if message["type"] != "http.request" or not message.get("more_body"):
                return digest.digest()

    async def receive(self) -> ReceiveMessage:
        return self._read.pop(0) if self._read else await self._receive()


class _Recorder:
    """Holds an answer back until it is stored, so that whoever heard of it can ask for it again."""

    def __init__(self) -> None:
        self._messages: list[Message] = []
        self._headers: dict[str, str] = {}
        self.status = 500

    async def send(self, message: Message) -> None:
        self._messages.append(message)
        if message["type"] == "http.response.start":
            self.status = message["status"]
            named = ((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in message["headers"])
            self._headers = {name: value for name, value in named if name in _KEPT_HEADERS}

    async def play(self, send: Send) -> None:
        for message in self._messages:
            await send(message)

    def answer(self) -> Answer:
        parts = [m.get("body", b"") for m in self._messages if m["type"] == "http.response.body"]
        return Answer(status=self.status, headers=self._headers, body=b"".join(parts))


async def _send(answer: Answer, send: Send) -> None:
    headers = {**answer.headers, "idempotency-replayed": "true", "content-length": str(len(answer.body))}
    await send(
        {
            "type": "http.response.start",
            "status": answer.status,
            "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()],
        }
    )
    await send({"type": "http.response.body", "body": answer.body, "more_body": False})
