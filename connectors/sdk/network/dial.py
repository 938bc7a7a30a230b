"""The guarded way out for vendor SDKs on httpx, and what their errors mean."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from connectors.sdk.errors import ConnectorError

if TYPE_CHECKING:
    import httpx2

    from connectors.sdk.network.guard import Guard


def is_unreachable(error: BaseException) -> bool:
    """Tell whether a vendor SDK on httpx could not connect at all, so that nothing was sent."""
    import httpx2

    return isinstance(error, httpx2.ConnectError)


def refusal_in(error: BaseException) -> ConnectorError | None:
    """Return what our own guard said, where a vendor SDK on httpx has made its own error of it."""
    inner: BaseException | None = error
    while inner is not None and not isinstance(inner, ConnectorError):
        inner = inner.__cause__ or inner.__context__
    return inner


def guarded_httpx_client(guard: Guard, hosts: Iterable[str] | None = None, **options: Any) -> httpx2.AsyncClient:
    """Return an httpx client for a vendor SDK whose every connection goes through the guard; reads no environment.

    With `hosts` it reaches only these.
    """
    import httpx2

    from connectors.sdk.network.transport import GuardedTransport

    return httpx2.AsyncClient(transport=GuardedTransport(guard, hosts), trust_env=False, **options)
