"""The connections that a process keeps to services, each to an address that the guard permits."""

from __future__ import annotations

import io
import socket
from typing import Any

import aiohttp
import msgspec
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from connectors.sdk.errors import SettingsError
from connectors.sdk.network.exchange import Options, Response
from connectors.sdk.network.guard import Guard

TIMEOUT = 30.0
CONNECT_TIMEOUT = 10.0
ANSWER_LIMIT = 25 * 1024 * 1024
MOST_CONNECTIONS = 256
KEEP_ALIVE = 15.0
PIECES_FROM = 512 * 1024


class HttpPool:
    """The process's kept connections, opened on first use in the running loop, each to a guarded address."""

    def __init__(self, guard: Guard) -> None:
        self.guard = guard
        self._session: aiohttp.ClientSession | None = None

    async def send(self, method: str, target: URL, options: Options) -> Response:
        """Send one request and read its answer whole; follows nothing and judges nothing."""
        session = self._session
        if session is None:
            session = self._session = self._open()
        async with session.request(
            method,
            target,
            params=options.get("params"),
            headers=options.get("headers"),
            **_body(options),
            timeout=_timeout(options.get("timeout", TIMEOUT)),
            allow_redirects=False,
        ) as answer:
            content = await _read(answer, options.get("limit", ANSWER_LIMIT))
            return Response(answer.status, answer.headers, content, str(answer.url))

    async def close(self) -> None:
        """Close all kept connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _open(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=MOST_CONNECTIONS,
                keepalive_timeout=KEEP_ALIVE,
                resolver=_GuardedResolver(self.guard),
                socket_factory=self._socket,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": "Patchdeck"},
            json_serialize=_encode,
            trust_env=False,
        )

    def _socket(self, address: Any) -> socket.socket:
        family, kind, protocol, _, place = address
        self.guard.check(str(place[0]), place[1])
        return socket.socket(family, kind, protocol)


class _GuardedResolver(AbstractResolver):
    """Hands aiohttp only addresses that the guard permits, so that it connects to what was checked."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_UNSPEC,  # noqa: ARG002  # aiohttp's signature
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST,
            )
            for address in await self._guard.addresses(host, port)
        ]

    async def close(self) -> None:
        """Keep nothing open."""


async def _read(answer: aiohttp.ClientResponse, limit: int) -> bytes:
    length = answer.content_length
    if length is not None and length <= limit and "Content-Encoding" not in answer.headers:
        return await answer.read()
    pieces, size = [], 0
    async for piece in answer.content.iter_any():
        pieces.append(piece)
        size += len(piece)
        if size > limit:
            raise SettingsError(f"{answer.url.host} answered with more than {limit // 1024 // 1024} MB.")
    return b"".join(pieces)


def _body(options: Options) -> dict[str, Any]:
    if "json" in options:
        return {"json": options["json"]}
    body = options.get("form", options.get("content"))
    # A large one is sent in pieces, so that others have their turn meanwhile
    return {"data": io.BytesIO(body) if isinstance(body, bytes) and len(body) > PIECES_FROM else body}


def _timeout(seconds: float) -> aiohttp.ClientTimeout:
    return _TIMEOUT if seconds == TIMEOUT else aiohttp.ClientTimeout(total=seconds, sock_connect=CONNECT_TIMEOUT)


_TIMEOUT = aiohttp.ClientTimeout(total=TIMEOUT, sock_connect=CONNECT_TIMEOUT)


def _encode(value: Any) -> str:
    return msgspec.json.encode(value).decode()
