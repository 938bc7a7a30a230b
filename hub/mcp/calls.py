"""One call of a tool: who calls, how far it is, and what has to be asked of a person."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from hub.errors import InvalidError, Problem

TICK = 2.0

Tell = Callable[[float, float | None, str], Awaitable[None]]


class InputRequiredError(InvalidError):
    """An argument is missing that a person may know; clients that can ask do, others are told what to give."""

    title = "Input required"

    def __init__(self, name: str, question: str, choices: Sequence[str] = ()) -> None:
        told = f" One of: {', '.join(choices)}." if choices else ""
        super().__init__(f"{question}{told}", errors=[Problem(name, "Give this argument.")])
        self.name = name
        self.question = question
        self.choices = tuple(choices)


class Call:
    """What a tool knows of its call besides the member and the arguments."""

    def __init__(self, tell: Tell, every: float = TICK) -> None:
        self._tell = tell
        self._every = every

    @contextlib.asynccontextmanager
    async def waiting(self, what: str) -> AsyncIterator[None]:
        """Tell every few seconds, to clients that asked for progress, that work is still going on."""
        ticking = asyncio.get_running_loop().create_task(self._tick(what))
        try:
            yield
        finally:
            ticking.cancel()
            await asyncio.gather(ticking, return_exceptions=True)

    async def _tick(self, what: str) -> None:
        started = time.monotonic()
        while True:
            await asyncio.sleep(self._every)
            passed = round(time.monotonic() - started, 1)
            await self._tell(passed, None, f"{what}, {passed:.0f} s so far")
