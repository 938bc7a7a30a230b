"""Where the benchmark's recipes deliver: a server that remembers every request's Idempotency-Key and arrival.

`GET /deliveries` answers them all, `DELETE /deliveries` forgets them; any other request is a delivery of a JSON object
with `id` and `sent` (nanoseconds of the machine's monotonic clock), answered late by `--delay` seconds.
"""

import argparse
import asyncio
import socket
import time
from typing import Any, cast

import msgspec
import uvloop

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


class Delivery(msgspec.Struct, array_like=True):
    """One request: the event's id, its idempotency key, when it was sent to the hub and when it came here (ns)."""

    event: str
    key: str
    sent: int
    arrived: int


class Body(msgspec.Struct):
    """What the recipes post."""

    id: str | int = ""
    sent: int | str = 0


class Connection(asyncio.Protocol):
    """One connection from the hub, kept open over many requests."""

    def __init__(self, deliveries: list[Delivery], delay: float) -> None:
        self._deliveries = deliveries
        self._delay = delay
        self._decoder = msgspec.json.Decoder(Body)
        self._pending = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's class is not derived from it

    def data_received(self, data: bytes) -> None:
        """Answer every request that is complete."""
        self._pending += data
        while (end := self._pending.find(b"\r\n\r\n")) >= 0:
            head = self._pending[:end]
            length = int(header(head, b"content-length") or 0)
            if len(self._pending) < end + 4 + length:
                return
            body, self._pending = self._pending[end + 4 : end + 4 + length], self._pending[end + 4 + length :]
            self._answer(head, body)

    def _answer(self, head: bytes, body: bytes) -> None:
        assert self._transport is not None
        if head.startswith(b"GET"):
            content = msgspec.json.encode(self._deliveries)
            self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(content), content))
        elif head.startswith(b"DELETE"):
            self._deliveries.clear()
            self._transport.write(OK)
        else:
            self._take(head, body)
            self._answer_delivery(self._transport)

    def _answer_delivery(self, transport: asyncio.Transport) -> None:
        if self._delay:
            asyncio.get_running_loop().call_later(self._delay, _write, transport)
        else:
            transport.write(OK)

    def _take(self, head: bytes, body: bytes) -> None:
        arrived = time.monotonic_ns()
        content = self._decoder.decode(body)
        key = (header(head, b"idempotency-key") or b"").decode()
        self._deliveries.append(Delivery(str(content.id), key, int(content.sent), arrived))


def _write(transport: asyncio.Transport) -> None:
    if not transport.is_closing():
        transport.write(OK)


def header(head: bytes, name: bytes) -> bytes | None:
    """Return a header's value."""
    start = head.lower().find(b"\r\n" + name + b":")
    if start < 0:
        return None
    start += len(name) + 3
    end = head.find(b"\r\n", start)
    return head[start : end if end >= 0 else None].strip()


async def serve(listener: socket.socket, delay: float) -> None:
    """Answer until ended from outside."""
    deliveries: list[Delivery] = []
    loop = asyncio.get_running_loop()
    server: Any = await loop.create_server(lambda: Connection(deliveries, delay), sock=listener)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--delay", type=float, default=0.0)
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    print(listener.getsockname()[1], flush=True)
    uvloop.run(serve(listener, parser.parse_args().delay))
