"""A service that takes deliveries over HTTP: it records them, and fails as it is told."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from aiohttp import web


class Says(msgspec.Struct, frozen=True, kw_only=True):
    """One answer: after a delay or an event a status and a body, or a connection cut before any answer."""

    status: int = 200
    json: Any = None
    headers: Mapping[str, str] = {}
    delay: float = 0.0
    after: asyncio.Event | None = None
    cut: bool = False


class Got(msgspec.Struct, frozen=True):
    """One request that came in."""

    path: str
    key: str | None
    body: Any
    at: float


class Sink:
    """Answers 200 unless told otherwise; `got` holds every request in order of arrival, also those that failed."""

    def __init__(self) -> None:
        self.url = ""
        self.got: list[Got] = []
        self.busy = 0
        self.busiest = 0
        self._next: deque[Says] = deque()
        self._for_body: dict[Any, deque[Says]] = {}
        self._always = Says()

    @property
    def bodies(self) -> list[Any]:
        """What came in."""
        return [one.body for one in self.got]

    @property
    def keys(self) -> set[str | None]:
        """The different idempotency keys."""
        return {one.key for one in self.got}

    def says(self, *answers: Says) -> None:
        """Give these answers next, one each."""
        self._next.extend(answers)

    def says_to(self, body: Any, *answers: Says) -> None:
        """Give these answers to the next requests with this body."""
        self._for_body.setdefault(_frozen(body), deque()).extend(answers)

    def always(self, answer: Says) -> None:
        """Give this answer to everything else."""
        self._always = answer

    async def came(self, count: int) -> None:
        """Wait until so many requests have come in."""
        async with asyncio.timeout(60):
            while len(self.got) < count:
                await asyncio.sleep(0.01)

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Record one request and answer it."""
        content = await request.read()
        body = msgspec.json.decode(content) if content else None
        at = asyncio.get_running_loop().time()
        self.got.append(Got(request.path, request.headers.get("Idempotency-Key"), body, at))
        said = self._choose(body)
        self.busy += 1
        self.busiest = max(self.busiest, self.busy)
        try:
            await asyncio.sleep(said.delay)
            if said.after:
                await said.after.wait()
        finally:
            self.busy -= 1
        if said.cut and request.transport is not None:
            request.transport.abort()
        return web.json_response(said.json, status=said.status, headers=dict(said.headers))

    def _choose(self, body: Any) -> Says:
        for waiting in (self._for_body.get(_frozen(body)), self._next):
            if waiting:
                return waiting.popleft()
        return self._always


@asynccontextmanager
async def served() -> AsyncIterator[Sink]:
    """Serve a sink on a free port of loopback."""
    sink = Sink()
    runner = web.ServerRunner(web.Server(sink.answer), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sink.url = "http://{}:{}".format(*runner.addresses[0][:2])
    try:
        yield sink
    finally:
        await runner.cleanup()


def _frozen(body: Any) -> bytes:
    return msgspec.json.encode(body, order="deterministic")
