"""Who is told when recipes have something to do."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable
from typing import Protocol
from uuid import UUID


class Alarm(Protocol):
    """Who is told that something is due or may go on; a miss costs seconds, as sweeps look after everything."""

    def schedule(self, shard: int) -> Awaitable[None]:
        """See to it that a shard's scheduler runs, and wake it."""
        ...


class Nudge(Protocol):
    """Who starts runs for items that wait."""

    def nudge(self, recipes: Iterable[UUID]) -> None:
        """Look after these recipes soon."""
        ...
