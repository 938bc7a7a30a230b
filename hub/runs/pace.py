"""Pace: how fast a connection may be used, over all workers, and the pauses that its service asks for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from uuid import UUID

from hub.connections import OpenConnection
from hub.database import execute, fetch_one

PATIENCE = 5.0
SLOWED = "RateLimit"
REASON = "The service takes no more requests for the moment."


class DeferredError(Exception):
    """It would take too long to wait here: come back after `pause` seconds; this was no try."""

    def __init__(self, pause: float) -> None:
        super().__init__(REASON)
        self.pause = pause


class Pace:
    """Reserves the time of requests in the connection's row, in one statement for a whole window of them."""

    def __init__(self) -> None:
        self._blocked: dict[UUID, float] = {}

    def window(self, opened: OpenConnection | None, wanted: int) -> int:
        """Return how many requests may go at once: a second's worth at most."""
        if opened is None or opened.rate_limit is None:
            return wanted
        return max(1, min(wanted, int(opened.rate_limit)))

    async def wait(self, opened: OpenConnection | None, count: int = 1) -> None:
        """Wait until so many requests may go; raises DeferredError when that takes long."""
        if opened is None:
            return
        pause = self._pause_of(opened)
        if pause <= PATIENCE and opened.rate_limit is not None:
            pause = max(pause, await _reserve(opened.id, count / opened.rate_limit))
        if pause > PATIENCE:
            raise DeferredError(pause)
        if pause > 0:
            await asyncio.sleep(pause)

    async def heed(self, opened: OpenConnection | None, asked: Iterable[float | None]) -> None:
        """Let every worker leave a connection alone for as long as its service has asked."""
        pause = max((one for one in asked if one), default=0.0)
        if opened is None or not pause:
            return
        self._blocked[opened.id] = time.monotonic() + pause
        await execute(_BLOCK, opened.id, pause)

    def _pause_of(self, opened: OpenConnection) -> float:
        """Return how long the service still wants to be left alone, as far as this worker knows."""
        until = self._blocked.get(opened.id)
        here = until - time.monotonic() if until is not None else 0.0
        if here <= 0:
            self._blocked.pop(opened.id, None)
        return max(here, opened.blocked_for if opened.rate_limit is None else 0.0)


async def _reserve(connection: UUID, seconds: float) -> float:
    """Take the next free time of a connection unless it is too far away; returns how far away it is."""
    row = await fetch_one(_RESERVE, connection, seconds, PATIENCE)
    return max(float(row["pause"]), 0.0) if row else 0.0


_RESERVE = """
with taken as (
    update connections set blocked_until = greatest(coalesce(blocked_until, now()), now()) + $2 * interval '1 second'
    where id = $1 and coalesce(blocked_until, now()) <= now() + $3 * interval '1 second'
    returning blocked_until - $2 * interval '1 second' as start
)
select extract(epoch from coalesce((select start from taken), c.blocked_until, now()) - now()) as pause
from connections c where c.id = $1"""
_BLOCK = """
update connections set blocked_until = greatest(coalesce(blocked_until, now()), now() + $2 * interval '1 second')
where id = $1"""
