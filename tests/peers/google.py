"""Google on loopback: every request and every answer is held to Google's discovery documents; only the state is ours.

A service is a set of functions by method id (`peer.serve("drive.v3", {"drive.files.list": ...})`), each given a `Call`
and answering with JSON, bytes, or None for an empty 204. Around them: tokens (refresh, service accounts), scopes,
uploads, faults. `violations` tells what did not fit the documents, `asked` everything that was asked.
"""

import asyncio
import base64
import email
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from email.message import Message
from typing import Any
from urllib.parse import unquote

import msgspec
from aiohttp import web

from tests.peers.google_description import Description, Method, RefusalError, mask_of, masked
from tests.peers.google_tokens import Tokens

RETRY_AFTER = "7"
FAULTS = {
    "401": (401, "authError", "Request had invalid authentication credentials."),
    "403": (403, "forbidden", "Forbidden"),
    "403 rate": (403, "userRateLimitExceeded", "User Rate Limit Exceeded."),
    "403 scope": (403, "insufficientPermissions", "Request had insufficient authentication scopes."),
    "403 turned off": (403, "accessNotConfigured", "The API has not been used in project 1 before or it is disabled."),
    "403 not shared": (403, "insufficientFilePermissions", "The user does not have sufficient permissions."),
    "403 full": (403, "storageQuotaExceeded", "The user's storage quota has been exceeded."),
    "429": (429, "rateLimitExceeded", "Quota exceeded for quota metric 'Read requests'."),
    "500": (500, "backendError", "Internal error encountered."),
    "503": (503, "backendError", "The service is currently unavailable."),
}


class Call(msgspec.Struct, frozen=True):
    """One request that fits its description: the method, its parameters, its body, and the file that came along."""

    method: str
    parameters: Mapping[str, Any]
    body: Any = None
    media: bytes | None = None
    media_type: str = ""


class Stored(msgspec.Struct):
    """A file being uploaded in pieces."""

    method: Method
    parameters: dict[str, Any]
    body: Any
    media_type: str
    content: bytearray


Perform = Callable[[Call], Any]


class GooglePeer:
    """The services, their state and how they fail; a method in `lost` is done but its answer never arrives (once).

    Written as `drive.files.create piece`, it is the answer to a piece of an upload that is lost.
    """

    def __init__(self) -> None:
        self.address = ""
        self.tokens = Tokens()
        self.fault = ""
        self.lost: list[str] = []
        self.violations: list[str] = []
        self.asked: list[Call] = []
        self.writes = 0
        self.delay = 0.0
        self._served: list[tuple[Description, dict[str, Perform]]] = []
        self._uploads: dict[str, Stored] = {}

    def serve(self, name: str, methods: Mapping[str, Perform]) -> None:
        """Answer the methods of one API."""
        self._served.append((Description(name), dict(methods)))

    def count(self, method: str) -> int:
        """Tell how often a method was asked."""
        return sum(call.method == method for call in self.asked)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        content = await request.content.read()  # of any size
        if self.delay:
            await asyncio.sleep(self.delay)
        if request.path == "/token":
            return self.tokens.answer(content.decode(), f"{self.address}/token")
        if self.fault == "cut":
            return _cut(request)
        if self.fault == "malformed":
            return web.Response(body=b'{"files": [{"id": ', content_type="application/json")
        try:
            if self.fault:
                raise RefusalError(*FAULTS[self.fault])
            answer, method = self._perform(request, content)
        except RefusalError as error:
            return self._refused(request, error)
        done = f"{method} piece" if request.method == "PUT" and answer.status == 308 else method
        if done in self.lost:
            self.lost.remove(done)
            return _cut(request)
        return answer

    def _perform(self, request: web.Request, content: bytes) -> tuple[web.StreamResponse, str]:
        path = unquote(request.rel_url.raw_path)
        upload = path.startswith(("/upload/", "/resumable/"))
        for description, methods in self._served:
            found = description.meant(request.method, path, upload=upload)
            if found is None:
                continue
            method, named = found
            self.tokens.check(request.headers.get("Authorization", ""), method.said.get("scopes", []))
            query = {name: request.query.getall(name) for name in request.query}
            parameters = description.check_parameters(method, named, query)
            self.writes += request.method not in {"GET", "HEAD"}
            call = self._call(description, method, parameters, request, content)
            if isinstance(call, web.Response):
                return call, method.id
            return self._done(description, methods, method, call), method.id
        raise RefusalError(404, "notFound", f"No document of Google's has {request.method} {path}.")

    def _call(
        self, description: Description, method: Method, named: dict[str, Any], request: web.Request, content: bytes
    ) -> Call | web.Response:
        """Read what came along, in one of Google's three ways of uploading or as plain JSON."""
        match named.get("uploadType") if method.upload else None:
            case "multipart":
                body, media = _parts(request.headers["Content-Type"], content)
                description.check_body(method, body)
                return Call(method.id, named, body, _decoded(media), media.get_content_type())
            case "resumable":
                return self._resumable(description, method, named, request, content)
            case "media":
                return Call(method.id, named, None, content, request.headers.get("Content-Type", ""))
        body = _json(content)
        description.check_body(method, body)
        return Call(method.id, named, body)

    def _resumable(
        self, description: Description, method: Method, named: dict[str, Any], request: web.Request, content: bytes
    ) -> Call | web.Response:
        if "upload_id" not in named:
            body = _json(content)
            description.check_body(method, body)
            kind = request.headers.get("X-Upload-Content-Type", "application/octet-stream")
            session = secrets.token_urlsafe(12)
            self._uploads[session] = Stored(method, named, body, kind, bytearray())
            place = f"{self.address}{request.path_qs}&upload_id={session}"
            return web.Response(headers={"Location": place, "X-GUploader-UploadID": session})
        stored = self._uploads.get(named["upload_id"])
        if stored is None:
            raise RefusalError(404, "notFound", "The upload session is not known.")
        span, _, total = request.headers["Content-Range"].removeprefix("bytes ").partition("/")
        if span != "*":
            if int(span.partition("-")[0]) != len(stored.content):
                raise RefusalError(400, "outOfStep", "The piece does not begin where the last one ended.")
            if len(content) % 262144 and len(stored.content) + len(content) != int(total):
                raise RefusalError(400, "badRequest", "A piece that is not the last is a multiple of 256 KiB.")
            stored.content += content
        if not total.isdigit() or len(stored.content) < int(total):
            held = {"Range": f"bytes=0-{len(stored.content) - 1}"} if stored.content else {}
            return web.Response(status=308, headers=held)
        return Call(stored.method.id, stored.parameters, stored.body, bytes(stored.content), stored.media_type)

    def _done(
        self, description: Description, methods: Mapping[str, Perform], method: Method, call: Call
    ) -> web.Response:
        self.asked.append(call)
        if method.id not in methods:
            raise RefusalError(501, "notImplemented", f"This peer has no {method.id}.")
        mask = mask_of(call.parameters["fields"]) if "fields" in call.parameters else {}
        if call.parameters.get("alt") != "media":
            description.check_mask(method, mask)
        found = methods[method.id](call)
        if isinstance(found, bytes):
            return web.Response(body=found, content_type="application/octet-stream")
        if found is None:
            return web.Response(status=204)
        try:
            description.check_answer(method, found)
        except RefusalError as error:
            self.violations.append(f"The peer itself: {error.message}")
        return web.Response(body=msgspec.json.encode(masked(found, mask)), content_type="application/json")

    def _refused(self, request: web.Request, error: RefusalError) -> web.Response:
        if error.code in {400, 501} and error.reason in {
            "badRequest",
            "required",
            "notImplemented",
            "invalidParameter",
        }:
            self.violations.append(f"{request.method} {request.path_qs}: {error.message}")
        said = {"code": error.code, "message": error.message, "status": error.reason.upper()}
        said["errors"] = [{"message": error.message, "domain": "global", "reason": error.reason}]
        headers = {"Retry-After": RETRY_AFTER} if error.code == 429 else {}
        return web.json_response({"error": said}, status=error.code, headers=headers)


@asynccontextmanager
async def google_peer() -> AsyncIterator[GooglePeer]:
    """Run a peer on a free port of loopback; everything it met must have been as Google describes it."""
    peer = GooglePeer()
    server = web.Server(peer.answer)  # type: ignore[arg-type]  # aiohttp takes a plain handler
    runner = web.ServerRunner(server, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    peer.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield peer
    finally:
        await runner.cleanup()
    assert peer.violations == [], peer.violations


def encoded(content: bytes) -> str:
    """Return bytes as Google's JSON carries them."""
    return base64.urlsafe_b64encode(content).decode()


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _json(content: bytes) -> Any:
    try:
        return msgspec.json.decode(content) if content else None
    except msgspec.DecodeError as error:
        raise RefusalError(400, "badRequest", "Invalid JSON payload received.") from error


def _parts(kind: str, content: bytes) -> tuple[Any, Message]:
    whole = email.message_from_bytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + content)
    told, media = [part for part in whole.get_payload() if isinstance(part, Message)]
    return _json(_decoded(told)), media


def _decoded(part: Message) -> bytes:
    inner = part.get_payload()
    if isinstance(inner, list) and isinstance(inner[0], Message):
        return inner[0].as_bytes()
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""
