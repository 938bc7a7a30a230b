"""A server that answers as it is told, as hubs do that are busy, restarting, of another version, or no hubs at all."""

from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import msgspec
from aiohttp import web

DATASET = (
    b'{"id": "dst_1", "name": "d", "title": "", "key": [], "columns": [], "rows": 0, '
    b'"changed_at": null, "created_at": "2026-11-21T00:00:00Z"}'
)


class Says(msgspec.Struct, frozen=True, kw_only=True):
    """One answer, or a connection that is cut."""

    status: int = 200
    body: bytes = DATASET
    headers: Mapping[str, str] = {}
    cut: bool = False


class MoodyHub:
    """Answers with a dataset unless told otherwise; `keys` are the idempotency keys in order of arrival."""

    def __init__(self) -> None:
        self.url = ""
        self.keys: list[str | None] = []
        self.paths: list[str] = []
        self._next: deque[Says] = deque()

    def says(self, *answers: Says) -> None:
        """Give these answers next, one each."""
        self._next.extend(answers)

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        await request.read()
        self.keys.append(request.headers.get("idempotency-key"))
        self.paths.append(request.raw_path)
        said = self._next.popleft() if self._next else Says()
        if said.cut and request.transport is not None:
            request.transport.abort()
        return web.Response(status=said.status, body=said.body, headers=dict(said.headers))


@asynccontextmanager
async def served() -> AsyncIterator[MoodyHub]:
    """Serve it on a free port of loopback."""
    hub = MoodyHub()
    runner = web.ServerRunner(web.Server(hub.answer), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    hub.url = "http://{}:{}".format(*runner.addresses[0][:2])
    try:
        yield hub
    finally:
        await runner.cleanup()
