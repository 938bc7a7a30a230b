"""A web server on loopback that plays recorded exchanges, or fails in the ways that real ones fail."""

import asyncio
import base64
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Literal

import msgspec
from aiohttp import web


class Request(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What must be asked for this answer: these query values and headers at least, and this JSON when given."""

    method: str = "GET"
    path: str = "/"
    query: dict[str, str] = {}
    headers: dict[str, str] = {}
    json: Any = msgspec.UNSET


class Answer(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What comes back; one of the three bodies, or none."""

    status: int = 200
    headers: dict[str, str] = {}
    json: Any = msgspec.UNSET
    text: str = ""
    base64: str = ""

    @property
    def body(self) -> bytes:
        """The body as bytes."""
        if self.json is not msgspec.UNSET:
            return msgspec.json.encode(self.json)
        return base64.b64decode(self.base64) if self.base64 else self.text.encode()


class Exchange(msgspec.Struct, forbid_unknown_fields=True):
    """One question and its answer."""

    request: Request
    response: Answer


class Asked(msgspec.Struct):
    """One request that arrived."""

    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: bytes


class WebPeer:
    """Answers what its exchanges say; `asked` holds every request, `unknown` those that no exchange answers."""

    def __init__(self) -> None:
        self.base = ""
        self.asked: list[Asked] = []
        self.unknown: list[str] = []
        self._exchanges: list[Exchange] = []
        self._fault: Answer | Literal["cut", "silent"] | None = None

    def play(self, exchanges: Sequence[Exchange]) -> None:
        """Answer by these exchanges; of those that fit, the one that asks for most."""
        self._exchanges = sorted(exchanges, key=_demands, reverse=True)
        self._fault = None

    def always(self, fault: Answer | Literal["cut", "silent"]) -> None:
        """Give every request the same answer, cut its connection, or never answer."""
        self._fault = fault

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        asked = Asked(request.method, request.path, dict(request.query), dict(request.headers), await request.read())
        self.asked.append(asked)
        if self._fault == "silent":
            await asyncio.sleep(3600)
        if self._fault == "cut":
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        if isinstance(self._fault, Answer):
            return _response(self._fault)
        found = next((exchange for exchange in self._exchanges if _fits(exchange.request, asked)), None)
        if found is None:
            self.unknown.append(f"{asked.method} {request.path_qs}")
            return web.Response(status=501, text="No exchange answers this.")
        return _response(found.response)


@asynccontextmanager
async def web_peer() -> AsyncIterator[WebPeer]:
    """Run a peer on a free port of loopback."""
    peer = WebPeer()
    server = web.Server(peer.answer)  # type: ignore[arg-type]  # aiohttp takes a plain handler
    runner = web.ServerRunner(server, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    peer.base = f"http://{host}:{port}"
    try:
        yield peer
    finally:
        await runner.cleanup()


def _demands(exchange: Exchange) -> int:
    return len(exchange.request.query) + len(exchange.request.headers)


def _fits(wanted: Request, asked: Asked) -> bool:
    headers = {name.lower(): value for name, value in asked.headers.items()}
    return (
        wanted.method == asked.method
        and wanted.path == asked.path
        and wanted.query.items() <= asked.query.items()
        and {(name.lower(), value) for name, value in wanted.headers.items()} <= headers.items()
        and (wanted.json is msgspec.UNSET or wanted.json == msgspec.json.decode(asked.body or b"null"))
    )


def _response(answer: Answer) -> web.Response:
    kind = {"Content-Type": "application/json"} if answer.json is not msgspec.UNSET else {}
    return web.Response(status=answer.status, headers={**kind, **answer.headers}, body=answer.body)
