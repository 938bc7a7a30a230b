"""The way to a provider's server: guarded, without redirects, and with an end to how much it may answer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING

from connectors.sdk.network.dial import guarded_httpx_client
from connectors.sdk.network.guard import Guard

if TYPE_CHECKING:
    import httpx2

# Far more than any answer has; a server that sends more means no good.
MOST_BYTES = 16 * 1024 * 1024


def wire(guard: Guard) -> Callable[[], httpx2.AsyncClient]:
    """Return what opens a client for one extraction."""

    def client() -> httpx2.AsyncClient:
        # Packed answers are not asked for: what they unpack to has no end.
        return guarded_httpx_client(
            guard,
            follow_redirects=False,
            headers={"accept-encoding": "identity"},
            event_hooks={"response": [_limit]},
        )

    return client


async def _limit(response: httpx2.Response) -> None:
    import httpx2

    if response.headers.get("content-encoding", "identity") != "identity":
        raise httpx2.DecodingError("The server packs its answers though it was asked not to.")
    inner = response.stream

    class Limited(httpx2.AsyncByteStream):
        """Reads on until the limit."""

        async def __aiter__(self) -> AsyncIterator[bytes]:
            taken = 0
            async for part in inner:  # type: ignore[union-attr]  # an asynchronous client's streams are asynchronous
                taken += len(part)
                if taken > MOST_BYTES:
                    raise httpx2.ReadError(f"The server's answer is longer than {MOST_BYTES // 1024**2} MB.")
                yield part

        async def aclose(self) -> None:
            await inner.aclose()  # type: ignore[union-attr]  # as above

    response.stream = Limited()
