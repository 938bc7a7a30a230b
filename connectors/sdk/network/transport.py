"""The transport under vendor SDKs on httpx: guarded connections, and answers that end where they grow too large."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import httpcore2
import httpx2

from connectors.sdk.errors import ConnectorError

if TYPE_CHECKING:
    from connectors.sdk.network.guard import Guard

LARGEST_ANSWER = 25 * 1024 * 1024
AS_IT_IS = "identity"
PACKED = "gzip"
# With the head and the end that gzip puts around what is packed
_GZIP = 16 + zlib.MAX_WBITS
_PIECE = 256 * 1024


class GuardedTransport(httpx2.AsyncHTTPTransport):
    """The ordinary transport on guarded connections, with `hosts` to these only, and encrypted outside own networks.

    An answer comes packed in no other way than gzip, and not at all where a request wants it as it is; it is unpacked
    here, so that what is measured is what was inside.
    """

    def __init__(self, guard: Guard, hosts: Iterable[str] | None = None) -> None:
        super().__init__(trust_env=False)
        self._guard, self._confined = guard, hosts is not None
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=httpx2.create_ssl_context(trust_env=False),
            max_connections=64,
            max_keepalive_connections=16,
            keepalive_expiry=15.0,
            network_backend=_Backend(guard, hosts),
        )

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request; its answer is measured while it is read."""
        if self._confined and request.url.scheme == "http":
            try:
                await self._guard.require_inner(request.url.host, request.url.port or 80)
            except ConnectorError as error:
                raise httpx2.ConnectError(error.message) from error
        if request.headers.get("accept-encoding") != AS_IT_IS:
            request.headers["accept-encoding"] = PACKED
        response = await super().handle_async_request(request)
        packed = response.headers.pop("content-encoding", AS_IT_IS).lower()
        if packed not in {AS_IT_IS, request.headers["accept-encoding"]}:
            await response.aclose()
            raise httpx2.ReadError("The answer is compressed, which was not asked for.")
        response.stream = _Measured(response.stream, packed=packed == PACKED)
        return response


class _Measured(httpx2.AsyncByteStream):
    """A body, unpacked, that ends with an error where it grows too large."""

    def __init__(self, inner: Any, *, packed: bool) -> None:
        self._inner = inner
        self._unpacking = zlib.decompressobj(_GZIP) if packed else None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for received in self._inner:
            for piece in self._unpacked(received):
                size += len(piece)
                if size > LARGEST_ANSWER:
                    raise httpx2.ReadError(f"The answer has more than {LARGEST_ANSWER // 1024 // 1024} MB.")
                yield piece

    def _unpacked(self, received: bytes) -> Iterator[bytes]:
        if self._unpacking is None:
            yield received
            return
        try:
            while received:
                yield self._unpacking.decompress(received, _PIECE)
                received = self._unpacking.unconsumed_tail
        except zlib.error as error:
            raise httpx2.ReadError("The answer is compressed in a way that cannot be unpacked.") from error

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Backend(httpcore2.AsyncNetworkBackend):
    """Connects to the address that was checked; TLS keeps the name."""

    def __init__(self, guard: Guard, hosts: Iterable[str] | None) -> None:
        self._guard = guard
        self._reachable = None if hosts is None else frozenset(host.casefold() for host in hosts)
        self._inner = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        if self._reachable is not None and host.casefold() not in self._reachable:
            raise httpcore2.ConnectError(f"The connection may not be used for {host}.")
        try:
            addresses = await self._guard.addresses(host, port)
        except ConnectorError as error:
            raise httpcore2.ConnectError(error.message) from error
        return await self._inner.connect_tcp(addresses[0], port, timeout, local_address, socket_options)

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)
