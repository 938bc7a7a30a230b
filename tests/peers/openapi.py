"""A service on loopback that is held to its vendor's OpenAPI description: every request, and every answer of ours too.

A test module registers what each operation does; what was asked otherwise than the description says is answered with
400 and noted in `violations`, as is an answer of ours that breaks it. An operation that nobody registered answers 501.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

import msgspec
from aiohttp import web

from tests.peers.faults import Fault, Faults, json_answer
from tests.peers.openapi_schemas import Schemas, nested

DESCRIPTIONS = Path(__file__).parent / "descriptions"
TOKEN, RENEWED = "granted-token", "renewed-token"
_VERBS = ("get", "put", "post", "delete", "patch", "head")
_JSON = re.compile(r"application/([\w.-]+\+)?json")


class Call(msgspec.Struct, kw_only=True):
    """A request that keeps to the description: path as written there, arguments and body as typed values."""

    verb: str
    path: str
    arguments: dict[str, Any]
    body: Any
    request: web.Request


class Reply(msgspec.Struct, kw_only=True):
    """An answer with a status or headers of its own; `content` instead of a JSON `body` for anything else."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = {}
    content: bytes = b""


class Refused(Exception):  # noqa: N818  # an answer, not a failure of the peer
    """Ends a call with a status and a sentence in the vendor's shape; handlers raise it for what is not there."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class _Operation(msgspec.Struct):
    verb: str
    path: str
    pattern: re.Pattern[str]
    names: list[str]
    described: dict[str, Any]
    parameters: dict[tuple[str, str], dict[str, Any]]


Handler = Callable[[Call], Any]


class OpenApiPeer:
    """`calls` are the good requests in order, `violations` must stay empty; `tokens` may ask, `open` all may.

    `also` are descriptions whose operations are added.
    """

    def __init__(self, description: str, *also: str, error: Callable[[int, str], Any], prefix: str = "") -> None:
        document = json.loads((DESCRIPTIONS / f"{description}.json").read_bytes())
        for more in also:
            document["paths"] |= json.loads((DESCRIPTIONS / f"{more}.json").read_bytes())["paths"]
        self.base = ""
        self.calls: list[Call] = []
        self.violations: list[str] = []
        self.tokens: set[str] = {TOKEN, RENEWED}
        self.open: set[str] = set()
        self._faults = Faults(error)
        self.schemas = Schemas(document)
        self._error = error
        self._prefix = prefix
        self._handlers: dict[tuple[str, str], Handler] = {}
        self._operations = _operations(self.schemas)

    def on(self, verb: str, path: str) -> Callable[[Handler], Handler]:
        """Register what an operation does: `(call) -> body | Reply | StreamResponse`, plain or async."""
        assert any((one.verb, one.path) == (verb, path) for one in self._operations), f"Not described: {verb} {path}"

        def register(handler: Handler) -> Handler:
            self._handlers[verb, path] = handler
            return handler

        return register

    def fail(self, fault: Fault) -> None:
        """Let requests fail from now on, as a fault says."""
        self._faults.add(fault)

    def recover(self) -> None:
        """Fail no more."""
        self._faults.clear()

    def asked(self, verb: str, path: str) -> list[Call]:
        """Return the good requests of one operation."""
        return [call for call in self.calls if (call.verb, call.path) == (verb, path)]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        return await self._faults.answer(request, self._answer)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        try:
            operation, call = await self._understood(request)
            handler = self._handlers.get((operation.verb, operation.path))
            if handler is None:
                raise Refused(501, f"No handler for {operation.verb} {operation.path}")
            token = request.headers.get("Authorization", "").rpartition(" ")[2]
            if token not in self.tokens and operation.path not in self.open:
                return self._refusal(401, "The token is not valid or has expired.")
        except Refused as refused:
            self.violations.append(f"{request.method} {request.path_qs}: {refused.message}")
            return self._refusal(refused.status, refused.message)
        self.calls.append(call)
        try:
            given = handler(call)
            given = await given if inspect.isawaitable(given) else given
        except Refused as refused:
            return self._refusal(refused.status, refused.message)
        return given if isinstance(given, web.StreamResponse) else self._checked(operation, given)

    def _checked(self, operation: _Operation, given: Any) -> web.Response:
        """Hold our own answer to the description; refusals are often not described and pass then."""
        reply = given if isinstance(given, Reply) else Reply(body=given)
        responses = operation.described["responses"]
        families = (str(reply.status), f"{reply.status // 100}XX", "default")
        known = next((one for one in families if one in responses), None)
        response = self.schemas.opened(responses[known]) if known else {}
        if known is None and reply.status < 400:
            self.violations.append(f"ANSWER {operation.verb} {operation.path}: {reply.status} is not described")
        if reply.content or (reply.body is None and not response.get("content")):
            return web.Response(status=reply.status, body=reply.content, headers=reply.headers)
        schema = next(
            (one.get("schema") for kind, one in response.get("content", {}).items() if _JSON.match(kind)), None
        )
        wrong = self.schemas.wrong(schema, reply.body) if schema is not None else ""
        if wrong:
            self.violations.append(f"ANSWER {operation.verb} {operation.path} {reply.status}: {wrong}")
        return json_answer(reply.status, reply.body, reply.headers)

    async def _understood(self, request: web.Request) -> tuple[_Operation, Call]:
        path = unquote(request.path).removeprefix(self._prefix)
        fitting = [(one, found) for one in self._operations if (found := one.pattern.fullmatch(path))]
        if not fitting:
            raise Refused(404, f"There is no path {path} in the description.")
        operation, found = next(((one, m) for one, m in fitting if one.verb == request.method), (None, None))
        if operation is None or found is None:
            raise Refused(405, f"{request.method} is not described for {path}.")
        given = {
            "query": nested(request.query.items()),
            "path": dict(zip(operation.names, found.groups(), strict=True)),
            "header": request.headers,
        }
        arguments = self._arguments(operation, given)
        body = await self._body(operation, request)
        return operation, Call(
            verb=operation.verb, path=operation.path, arguments=arguments, body=body, request=request
        )

    def _arguments(self, operation: _Operation, given: Mapping[str, Any]) -> dict[str, Any]:
        arguments: dict[str, Any] = {}
        for (place, name), parameter in operation.parameters.items():
            plain = name.removesuffix("[]")
            if plain not in given.get(place, {}):
                if parameter.get("required") and place in given and name.lower() != "authorization":
                    raise Refused(400, f"The {place} parameter {name} is missing.")
                continue
            schema = parameter.get("schema", {})
            arguments[plain] = self.schemas.read(schema, given[place][plain])
            if wrong := self.schemas.wrong(schema, arguments[plain]):
                raise Refused(400, f"The {place} parameter {name}: {wrong}")
        known = {name.removesuffix("[]").partition("[")[0] for place, name in operation.parameters if place == "query"}
        if unknown := sorted(given["query"].keys() - known):
            raise Refused(400, f"Unknown query parameters: {', '.join(unknown)}")
        return arguments

    async def _body(self, operation: _Operation, request: web.Request) -> Any:
        described = self.schemas.opened(operation.described.get("requestBody", {}))
        if not request.can_read_body and not await request.read():
            if described.get("required"):
                raise Refused(400, "The body is missing.")
            return None
        content = described.get("content", {})
        kind = next((one for one in (request.content_type, "*/*") if one in content), None)
        if kind is None:
            raise Refused(415, f"A body of type {request.content_type} is not described, but {sorted(content)}.")
        schema = content[kind].get("schema", {})
        body = await self._read(request, schema)
        if not isinstance(body, bytes):
            wrong = self.schemas.wrong(schema, body)
            if not wrong and isinstance(body, dict) and (unknown := self.schemas.unknown(schema, body)):
                wrong = f"unknown fields {', '.join(unknown)}"
            if wrong:
                raise Refused(400, f"The body: {wrong}")
        return body

    async def _read(self, request: web.Request, schema: Any) -> Any:
        if _JSON.match(request.content_type):
            try:
                return json.loads(await request.read())
            except ValueError as error:
                raise Refused(400, "The body is no JSON.") from error
        if request.content_type == "application/x-www-form-urlencoded":
            pairs = parse_qsl((await request.read()).decode(), keep_blank_values=True)
            return self.schemas.read(schema, nested(pairs))
        if request.content_type == "multipart/form-data":
            form = _form(request.headers["Content-Type"], await request.read())
            files = {name: content.decode("latin-1") for name, label, content in form if label is not None}
            texts = nested((name, content.decode()) for name, label, content in form if label is None)
            return self.schemas.read(schema, texts) | files
        return await request.read()

    def _refusal(self, status: int, message: str) -> web.Response:
        return json_answer(status, self._error(status, message), {})


def _form(kind: str, body: bytes) -> list[tuple[str, str | None, bytes]]:
    """Return the names, file names and contents of a form, out of a body that was read before."""
    whole = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
    found = []
    for part in whole.get_payload():
        assert isinstance(part, Message)
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        found.append((str(part.get_param("name", header="content-disposition")), part.get_filename(), content))
    return found


@asynccontextmanager
async def openapi_peer(peer: OpenApiPeer) -> AsyncIterator[OpenApiPeer]:
    """Serve it on a free port of loopback until the block ends."""
    server = web.Server(peer.answer)  # type: ignore[arg-type]  # aiohttp takes a plain handler
    runner = web.ServerRunner(server, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    peer.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield peer
    finally:
        await runner.cleanup()


def _operations(schemas: Schemas) -> list[_Operation]:
    """List what is described, fixed paths before those with names in them."""
    found = []
    for path, item in schemas.document["paths"].items():
        pattern = re.compile(re.sub(r"\\\{[^}]+\\\}", "([^/]+)", re.escape(path)))
        for verb in item.keys() & set(_VERBS):
            parameters = [
                schemas.opened(one) for one in [*item.get("parameters", []), *item[verb].get("parameters", [])]
            ]
            by_name = {(one["in"], one["name"]): one for one in parameters}
            found.append(_Operation(verb.upper(), path, pattern, re.findall(r"\{(.+?)\}", path), item[verb], by_name))
    return sorted(found, key=lambda one: (len(one.names), one.path, one.verb))
