"""The browsers of a process: few at a time, and the sessions of log-ins kept until the site ends them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

from connectors.sdk.network.guard import Guard
from connectors.sdk.pages.browser import Browser, LogIn, Pages
from hub.extraction.capturing.browser import browsing, new_context
from hub.extraction.capturing.visit import Visitor

if TYPE_CHECKING:
    from playwright.async_api import StorageState

# A browser takes hundreds of megabytes.
MOST_BROWSERS = 2
MOST_SESSIONS = 500


class _Session(msgspec.Struct, frozen=True):
    """What a site gave to a log-in, for this very log-in and in the memory of this process alone."""

    log_in: LogIn
    state: StorageState


class Browsers:
    """Opens guarded browsers for captures and connectors."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._places = asyncio.Semaphore(MOST_BROWSERS)
        self._sessions: dict[UUID, _Session] = {}

    def of(self, connection: UUID | None) -> Browser:
        """Return the browser as a connector sees it, which keeps the session of one connection."""
        return _Lent(self, connection)

    def forget(self, connection: UUID) -> None:
        """Drop the session of a connection that was changed or removed."""
        self._sessions.pop(connection, None)

    @asynccontextmanager
    async def open(self, log_in: LogIn | None = None, connection: UUID | None = None) -> AsyncIterator[Visitor]:
        """Lend a browser, signed in when a log-in is given; a session that is kept is used until it is refused."""
        async with self._places, browsing(self._guard) as (browser, proxy):
            kept = self._kept(log_in, connection)
            context = await new_context(browser, kept.state if kept else None)
            visitor = Visitor(context, proxy, log_in)
            if kept is None:
                await visitor.sign_in()
            try:
                yield visitor
            finally:
                if connection is not None and log_in is not None and log_in.needs_browser and not visitor.refused:
                    await self._keep(connection, log_in, visitor)

    def _kept(self, log_in: LogIn | None, connection: UUID | None) -> _Session | None:
        held = self._sessions.get(connection) if connection is not None else None
        return held if held is not None and held.log_in == log_in else None

    async def _keep(self, connection: UUID, log_in: LogIn, visitor: Visitor) -> None:
        state = await visitor.state()
        if state is None:
            return
        if len(self._sessions) >= MOST_SESSIONS:
            self._sessions.clear()
        self._sessions[connection] = _Session(log_in, state)


class _Lent:
    """The browsers with the connection whose session they keep."""

    def __init__(self, browsers: Browsers, connection: UUID | None) -> None:
        self._browsers = browsers
        self._connection = connection

    def open(self, log_in: LogIn | None = None) -> AbstractAsyncContextManager[Pages]:
        """Open a browser that ends with the block."""
        return self._browsers.open(log_in, self._connection)
