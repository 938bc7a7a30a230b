"""The outer ASGI application: sends each request to the API, the webhooks, the probes or the pages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Lifespan = Callable[[], AbstractAsyncContextManager[Any]]


class Dispatcher:
    """Routes by path prefix; the lifespans of all parts open and close together, in order."""

    def __init__(self, parts: Mapping[str, Any], pages: Any, lifespans: Sequence[Lifespan] = ()) -> None:
        """Take ASGI applications by prefix (`/api`, `/hooks`, `/readyz` …) and one for everything else."""
        self._parts: Mapping[str, Application] = dict(parts)
        self._pages: Application = pages
        self._lifespans = lifespans

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, websocket or the lifespan."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        path: str = scope["path"]
        await self._parts.get("/" + path[1:].partition("/")[0], self._pages)(scope, receive, send)

    @asynccontextmanager
    async def lifespan(self) -> AsyncIterator[None]:
        """Open every part's lifespan; what was opened is closed again in reverse, also after a failure."""
        async with AsyncExitStack() as stack:
            for part in self._lifespans:
                await stack.enter_async_context(part())
            yield

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        started = False
        try:
            async with self.lifespan():
                started = True
                await send({"type": "lifespan.startup.complete"})
                await receive()
        except BaseException as error:
            moment = "shutdown" if started else "startup"
            await send({"type": f"lifespan.{moment}.failed", "message": f"{type(error).__name__}: {error}"})
            raise
        await send({"type": "lifespan.shutdown.complete"})
