"""Manners towards sites that are read page by page: one request at a time, pauses, and being away when asked to be."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from connectors.sdk.errors import TemporaryError

LONGEST_WAIT = 60.0
ROBOTS_KEPT = 3600.0
MOST_HOSTS = 2000


class _Host:
    """One host: whose turn it is, and from when on it may be asked again."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.ready = 0.0


class Courtesy:
    """What this process keeps of hosts; another process of the hub has its own."""

    def __init__(self) -> None:
        self._hosts: dict[str, _Host] = {}
        self._robots: dict[str, tuple[float, bytes]] = {}

    @asynccontextmanager
    async def turn(self, host: str, pause: float = 0.0) -> AsyncIterator[None]:
        """Hold a host for one request and leave it alone for `pause` seconds afterwards.

        A `TemporaryError` inside the block that says when to come back holds for all that ask this host.
        """
        held = self._known(host)
        async with held.lock:
            wait = held.ready - time.monotonic()
            if wait > LONGEST_WAIT:
                raise TemporaryError(f"{host} has asked to be left alone for a while.", retry_after=wait)
            await asyncio.sleep(max(wait, 0.0))
            try:
                yield
            except TemporaryError as error:
                pause = max(pause, error.retry_after or 0.0)
                raise
            finally:
                held.ready = time.monotonic() + pause

    def robots(self, origin: str) -> bytes | None:
        """Return what an origin's robots.txt said within the last hour."""
        until, text = self._robots.get(origin, (0.0, b""))
        return text if until > time.monotonic() else None

    def keep_robots(self, origin: str, text: bytes) -> None:
        """Remember what an origin's robots.txt says."""
        if len(self._robots) >= MOST_HOSTS:
            self._robots.clear()
        self._robots[origin] = (time.monotonic() + ROBOTS_KEPT, text)

    def _known(self, host: str) -> _Host:
        if len(self._hosts) >= MOST_HOSTS:
            now = time.monotonic()
            self._hosts = {name: one for name, one in self._hosts.items() if one.lock.locked() or one.ready > now}
        return self._hosts.setdefault(host.casefold(), _Host())
