"""One connection of the process that hears PostgreSQL's NOTIFY and wakes whoever waits for a channel."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from typing import Any

import asyncpg

from hub.database import DB

RECONNECT = 1.0


class Bell:
    """Rings for (channel, payload); after a lost connection it rings for everything, as something may be missed."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[str, str], set[asyncio.Event]] = defaultdict(set)
        self._calls: dict[str, set[Callable[[str | None], None]]] = defaultdict(set)

    def on(self, channel: str, call: Callable[[str | None], None]) -> None:
        """Have a function called with each payload of a channel, and with None when some may have been missed."""
        self._calls[channel].add(call)

    async def wait(self, channel: str, payload: str, seconds: float) -> bool:
        """Wait for a ring; False when the time has passed without one."""
        event, waiting = asyncio.Event(), self._waiting[channel, payload]
        waiting.add(event)
        try:
            async with asyncio.timeout(seconds):
                return await event.wait()
        except TimeoutError:
            return False
        finally:
            waiting.discard(event)
            if not waiting:
                self._waiting.pop((channel, payload), None)

    @contextlib.asynccontextmanager
    async def listening(self, *channels: str) -> AsyncIterator[None]:
        """Hear these channels while the block runs, over reconnects."""
        listener = asyncio.create_task(self._listen(channels), name="bell")
        try:
            yield
        finally:
            listener.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await listener

    async def _listen(self, channels: tuple[str, ...]) -> None:
        while True:
            try:
                await self._hear(channels)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await asyncio.sleep(RECONNECT)

    async def _hear(self, channels: tuple[str, ...]) -> None:
        connection = await asyncpg.connect(**DB.config)
        try:
            lost = asyncio.Event()
            connection.add_termination_listener(lambda _: lost.set())
            for channel in channels:
                await connection.add_listener(channel, self._ring)
            self._ring_all()
            await lost.wait()
        finally:
            connection.terminate()
        raise ConnectionError

    def _ring(self, _: Any, __: int, channel: str, payload: object) -> None:
        for event in self._waiting.get((channel, str(payload)), ()):
            event.set()
        for call in self._calls[channel]:
            call(str(payload))

    def _ring_all(self) -> None:
        for events in self._waiting.values():
            for event in events:
                event.set()
        for calls in self._calls.values():
            for call in calls:
                call(None)
