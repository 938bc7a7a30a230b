"""MCP as one ASGI application; the SDK is loaded when the first assistant comes, as most hubs have none."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Any

from hub.errors import UnavailableError
from hub.mcp.access import Gate

_log = logging.getLogger(__name__)


class McpApplication:
    """Serves `/mcp` and the metadata of its authentication."""

    def __init__(self, services: object, public_url: str, issuer: str | None = None) -> None:
        known: Any = services
        self._services = services
        self._gate = Gate(self._answer, known.accounts, public_url, issuer)
        self._wanted, self._settled, self._ended = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._application: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request."""
        await self._gate(scope, receive, send)

    @asynccontextmanager
    async def lifespan(self) -> AsyncIterator[None]:
        """Keep the SDK's tasks going from the first request to the end."""
        serving = asyncio.get_running_loop().create_task(self._serve())
        try:
            yield
        finally:
            self._ended.set()
            self._wanted.set()
            await serving

    async def _answer(self, scope: Any, receive: Any, send: Any) -> None:
        self._wanted.set()
        await self._settled.wait()
        if self._application is None:
            raise UnavailableError("The hub is ending, or its MCP server could not be loaded.", retry_after=5)
        await self._application(scope, receive, send)

    async def _serve(self) -> None:
        """Load the SDK once it is wanted; its tasks are opened and closed in this one."""
        try:
            await self._wanted.wait()
            if self._ended.is_set():
                return
            module = await asyncio.to_thread(import_module, "hub.mcp.server")
            manager = module.create_manager(self._services)
            async with manager.run():
                self._application = manager.asgi_app
                self._settled.set()
                await self._ended.wait()
        except Exception:  # noqa: BLE001  # the hub's other faces go on without this one
            _log.exception("the MCP server could not be loaded, or broke")
        finally:
            self._application = None
            self._settled.set()
