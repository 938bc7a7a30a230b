"""Guarded ways out for what does not speak HTTP through us: database and mail drivers, and vendor SDKs on httpx."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec

from connectors.sdk.errors import ConnectorError

if TYPE_CHECKING:
    import httpx2

    from connectors.sdk.guard import Guard


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """A checked address to connect to; `server_name` is what a TLS certificate must be made out to."""

    host: str
    port: int
    server_name: str


def is_unreachable(error: BaseException) -> bool:
    """Tell whether a vendor SDK on httpx could not connect at all, so that nothing was sent."""
    import httpx2

    return isinstance(error, httpx2.ConnectError)


def guarded_httpx_client(guard: Guard, hosts: Iterable[str] | None = None, **options: Any) -> httpx2.AsyncClient:
    """Return an httpx client for a vendor SDK whose every connection goes through the guard; reads no environment.

    With `hosts` it reaches only these.
    """
    import httpcore2
    import httpx2

    reachable = None if hosts is None else frozenset(host.casefold() for host in hosts)

    class Backend(httpcore2.AsyncNetworkBackend):
        """Connects to the address that was checked; TLS keeps the name."""

        def __init__(self) -> None:
            self._inner = httpcore2.AnyIOBackend()

        async def connect_tcp(
            self,
            host: str,
            port: int,
            timeout: float | None = None,
            local_address: str | None = None,
            socket_options: Iterable[Any] | None = None,
        ) -> httpcore2.AsyncNetworkStream:
            if reachable is not None and host.casefold() not in reachable:
                raise httpcore2.ConnectError(f"The connection may not be used for {host}.")
            try:
                addresses = await guard.addresses(host, port)
            except ConnectorError as error:
                raise httpcore2.ConnectError(error.message) from error
            return await self._inner.connect_tcp(addresses[0], port, timeout, local_address, socket_options)

        async def sleep(self, seconds: float) -> None:
            await self._inner.sleep(seconds)

    class Transport(httpx2.AsyncHTTPTransport):
        """The ordinary transport on guarded connections."""

        def __init__(self) -> None:
            super().__init__(trust_env=False)
            self._pool = httpcore2.AsyncConnectionPool(
                ssl_context=httpx2.create_ssl_context(trust_env=False),
                max_connections=64,
                max_keepalive_connections=16,
                keepalive_expiry=15.0,
                network_backend=Backend(),
            )

    return httpx2.AsyncClient(transport=Transport(), trust_env=False, **options)
