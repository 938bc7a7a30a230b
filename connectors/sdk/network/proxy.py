"""A forward proxy on loopback for programs with network code of their own, such as a browser: all they ask is guarded.

The proxy looks each host up itself and connects to the address that the guard permits, so that neither a redirect nor
a name that changes its address leads where calls may not go.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import secrets
from collections.abc import Sequence
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import msgspec

from connectors.sdk.errors import ConnectorError
from connectors.sdk.network.guard import Guard

LARGEST_HEAD = 64 * 1024
CHUNK = 64 * 1024
CONNECT_SECONDS = 10.0
HEAD_SECONDS = 30.0
MOST_BYTES = 256 * 1024 * 1024
MOST_CONNECTIONS = 128
# What ends at the proxy; the server is told to close, so that each connection serves one host only.
_OWN_HEADERS = frozenset({"connection", "host", "keep-alive"})


class _Request(msgspec.Struct, frozen=True):
    """The head of a request: where to, and what is to be sent there first."""

    host: str
    port: int
    forward: bytes


class _BadRequestError(ValueError):
    """What came is no request to a proxy."""


class Proxy:
    """Serves one program while its block lasts; `refused` names the hosts that it asked for in vain."""

    def __init__(self, guard: Guard, *, most_bytes: int = MOST_BYTES) -> None:
        self._guard = guard
        self._left = most_bytes
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self.username = "proxy"
        self.password = secrets.token_urlsafe(24)
        self.port = 0
        self.refused: dict[str, str] = {}

    @property
    def address(self) -> str:
        """Where the program finds it."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def exhausted(self) -> bool:
        """Whether the program has moved as many bytes as it may."""
        return self._left <= 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=LARGEST_HEAD)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None  # noqa: S101 it was entered
        self._server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await self._server.wait_closed()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._connections) >= MOST_CONNECTIONS or self.exhausted:
            writer.close()
            return
        connection = asyncio.create_task(self._serve(reader, writer))
        self._connections.add(connection)
        connection.add_done_callback(self._connections.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(HEAD_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
            await self._answer(head, reader, writer)
        except _BadRequestError as error:
            await _say(writer, "400 Bad Request", str(error))
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # the program or the server went away, and there is nobody to tell
        finally:
            writer.close()

    async def _answer(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line, *fields = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
        if not self._knows(fields):
            await _say(writer, "407 Proxy Authentication Required", "", 'Proxy-Authenticate: Basic realm="proxy"\r\n')
            return
        request = _parsed(line, fields)
        try:
            addresses = await self._guard.addresses(request.host, request.port)
        except ConnectorError as error:
            self.refused[request.host] = error.message
            await _say(writer, "403 Forbidden", error.message)
            return
        server = await self._connect(addresses, request, writer)
        if server is None:
            return
        if request.forward:
            server[1].write(request.forward)
        else:
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await self._relay((reader, writer), server)

    def _knows(self, fields: Sequence[str]) -> bool:
        """Whether it is our program that asks: other ones on this machine get nothing."""
        wanted = base64.b64encode(f"{self.username}:{self.password}".encode()).decode()
        given = next((value for name, value in map(_field, fields) if name == "proxy-authorization"), "")
        return secrets.compare_digest(given.encode(), f"Basic {wanted}".encode())

    async def _connect(
        self, addresses: Sequence[str], request: _Request, writer: asyncio.StreamWriter
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        for address in addresses:
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    return await asyncio.open_connection(address, request.port)
            except (OSError, TimeoutError):
                continue
        await _say(writer, "502 Bad Gateway", f"{request.host} cannot be reached.")
        return None

    async def _relay(
        self,
        program: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        server: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        """Carry bytes both ways until both sides are done, one breaks off, or there are too many."""
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._carry(program[0], server[1]))
                both.create_task(self._carry(server[0], program[1]))
        except* OSError:
            pass  # one side broke off: the other is closed too
        finally:
            server[1].close()

    async def _carry(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while chunk := await source.read(CHUNK):
            self._left -= len(chunk)
            if self.exhausted:
                raise ConnectionAbortedError
            target.write(chunk)
            await target.drain()
        if target.can_write_eof():
            target.write_eof()


def _parsed(line: str, fields: Sequence[str]) -> _Request:
    """Read `CONNECT host:port` or `GET http://host/path`; nothing else is for a proxy."""
    method, _, rest = line.partition(" ")
    target, _, version = rest.rpartition(" ")
    if version not in {"HTTP/1.1", "HTTP/1.0"} or any("\0" in field or "\n" in field for field in (line, *fields)):
        raise _BadRequestError("This is no request to a proxy.")
    if method == "CONNECT":
        host, port = _place(f"//{target}", 443)
        return _Request(host, port, b"")
    if not target.lower().startswith("http://"):
        raise _BadRequestError("Only http:// and CONNECT are served here.")
    host, port = _place(target, 80)
    split = urlsplit(target)
    path = f"{split.path or '/'}{'?' if split.query else ''}{split.query}"
    kept = [
        field for field in fields if (name := _field(field)[0]) not in _OWN_HEADERS and not name.startswith("proxy-")
    ]
    own = [f"{method} {path} HTTP/1.1", f"Host: {split.netloc.rpartition('@')[2]}", "Connection: close"]
    return _Request(host, port, ("\r\n".join([*own, *kept]) + "\r\n\r\n").encode("latin-1"))


def _place(url: str, usual: int) -> tuple[str, int]:
    try:
        split = urlsplit(url)
        host, port = split.hostname, split.port
    except ValueError as error:
        raise _BadRequestError("The address is not valid.") from error
    if not host:
        raise _BadRequestError("The address names no host.")
    return host, usual if port is None else port


def _field(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.strip().lower(), value.strip()


async def _say(writer: asyncio.StreamWriter, status: str, message: str, fields: str = "") -> None:
    body = message.encode()
    head = f"HTTP/1.1 {status}\r\n{fields}Content-Type: text/plain; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
    writer.write(head.encode() + b"Connection: close\r\n\r\n" + body)
    with contextlib.suppress(OSError):  # it may not have waited for the answer
        await writer.drain()
