"""What a chat service posts to us, read whole and no further than it may be long."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


async def read_body(receive: Receive, limit: int) -> bytes | None:
    """Return the body of a request; None when it has more bytes than `limit`."""
    parts = bytearray()
    while True:
        message = await receive()
        parts += message.get("body", b"")
        if len(parts) > limit:
            return None
        if not message.get("more_body"):
            return bytes(parts)
