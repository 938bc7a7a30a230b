"""What services ask of the durable engine; `temporal` implements it."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import Protocol
from uuid import UUID


class Engine(Protocol):
    """Starts durable work; a failure is a ConnectionError and loses nothing, the sweep starts it again."""

    def start(self, run: UUID, stages: int, long: Sequence[int] = ()) -> Awaitable[None]:
        """Start a run, or leave it alone when it is running; `long` names stages that may take minutes."""
        ...

    def cancel(self, run: UUID) -> Awaitable[None]:
        """Stop a run's workflow."""
        ...

    def schedule(self, shard: int) -> Awaitable[None]:
        """See to it that a shard's scheduler runs, and wake it."""
        ...

    def ready(self) -> Awaitable[None]:
        """Raise ConnectionError when the engine does not answer."""
        ...
