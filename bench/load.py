"""The load generator: posts numbered events to one webhook and prints what became of them as JSON.

Open loop (`--rate`): one event at each tick, whether or not earlier ones were answered. Closed loop: every connection
posts its next event as soon as the last was answered. With `--retry` an event that was not accepted is posted again
under the same `webhook-id` until it is, as a careful sender would.
"""

import argparse
import asyncio
import random
import sys
import time
from collections.abc import Iterator
from typing import cast
from urllib.parse import urlsplit

import msgspec
import uvloop

PAUSE = 0.25


class Outcome(msgspec.Struct):
    """How the posting went; times are nanoseconds of the machine's monotonic clock."""

    posted: int
    started: int = 0
    ended: int = 0
    accepted: list[str] = msgspec.field(default_factory=list)
    refused: dict[str, int] = msgspec.field(default_factory=dict)
    tries: int = 0
    latencies: list[float] = msgspec.field(default_factory=list)


class Options(msgspec.Struct):
    """What to post, how often and how."""

    url: str
    count: int
    rate: float = 0.0
    connections: int = 50
    prefix: str = "e"
    rows: int = 0
    retry: bool = False


class Generator:
    """Posts the events of one set of options and counts."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.outcome = Outcome(posted=options.count)
        parts = urlsplit(options.url)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 80
        self._head = f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\n"
        self._idle: list[Channel] = []
        self._rest = iter(range(options.count))

    async def run(self) -> Outcome:
        """Post everything and return what happened."""
        self.outcome.started = time.monotonic_ns()
        if self.options.rate:
            await self._at_rate()
        else:
            await asyncio.gather(*(self._drain(self._rest) for _ in range(self.options.connections)))
        self.outcome.ended = time.monotonic_ns()
        return self.outcome

    async def _at_rate(self) -> None:
        started = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for number in self._rest:
                await asyncio.sleep(max(0.0, started + number / self.options.rate - time.monotonic()))
                group.create_task(self._post(number))

    async def _drain(self, numbers: Iterator[int]) -> None:
        for number in numbers:
            await self._post(number)

    async def _post(self, number: int) -> None:
        event = f"{self.options.prefix}-{number}"
        request = self._request(number, event)
        while not await self._try(event, request) and self.options.retry:
            await asyncio.sleep(PAUSE * random.uniform(0.5, 1.5))

    async def _try(self, event: str, request: bytes) -> bool:
        self.outcome.tries += 1
        began = time.monotonic_ns()
        try:
            channel = self._idle.pop() if self._idle else await open_channel(self._host, self._port)
            status = await channel.ask(request)
        except (OSError, TimeoutError) as error:
            return self._refuse(type(error).__name__)
        self._idle.append(channel)
        if status != 202:
            return self._refuse(str(status))
        self.outcome.latencies.append((time.monotonic_ns() - began) / 1e6)
        self.outcome.accepted.append(event)
        return True

    def _refuse(self, reason: str) -> bool:
        self.outcome.refused[reason] = self.outcome.refused.get(reason, 0) + 1
        return False

    def _request(self, number: int, event: str) -> bytes:
        content = {
            "id": event,
            "sent": time.monotonic_ns(),
            "total": number % 100 + 1,
            "customer": f"Customer {number}",
        }
        if self.options.rows:
            content["rows"] = [
                {"number": f"{event}-{row}", "customer": f"Customer {row}", "total": row + 0.5}
                for row in range(self.options.rows)
            ]
        body = msgspec.json.encode(content)
        return f"{self._head}webhook-id: {event}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


class Channel(asyncio.Protocol):
    """One connection: a request at a time, answered by its status."""

    def __init__(self) -> None:
        self._received = b""
        self._answer: asyncio.Future[int] | None = None
        self._transport: asyncio.Transport | None = None
        self._lost = False

    async def ask(self, request: bytes) -> int:
        """Send one request and return the answer's status."""
        if self._lost or self._transport is None:
            raise ConnectionResetError
        self._received = b""
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        async with asyncio.timeout(30):
            return await self._answer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way out."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's class is not derived from it

    def data_received(self, data: bytes) -> None:
        """Take the status once head and body are here."""
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        if not found or self._answer is None or self._answer.done():
            return
        length = next((line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), b":0")
        if len(body) >= int(length.split(b":")[1]):
            self._answer.set_result(int(head[9:12]))

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail what waits for an answer."""
        self._lost = True
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionResetError())


async def open_channel(host: str, port: int) -> Channel:
    """Connect."""
    _, channel = await asyncio.get_running_loop().create_connection(Channel, host, port)
    return channel


def read_options() -> Options:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--rate", type=float, default=0.0)
    parser.add_argument("--connections", type=int, default=50)
    parser.add_argument("--prefix", default="e")
    parser.add_argument("--rows", type=int, default=0)
    parser.add_argument("--retry", action="store_true")
    return msgspec.convert(vars(parser.parse_args()), Options)


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(uvloop.run(Generator(read_options()).run())))
