"""What chat services send, worked off: several conversations at once, each in order, and what fails tried again."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Sequence

from hub.identities import Update, Updates
from hub.outages import AWAY

AT_ONCE = 16
LOOK_AGAIN = 0.5
# Long before an update that is worked on would be taken for one that was left behind
HOLD_EVERY = 60.0
BROKEN = "Something went wrong here. Try again; if it stays, the hub's log tells more."

log = logging.getLogger(__name__)


class Inbox:
    """Works off what was taken down; `answer` does one update, `apologise` tells its writer that it was given up.

    `final` are failures that no second try mends, such as a reader who has blocked the bot.
    """

    def __init__(
        self,
        updates: Updates,
        answer: Callable[[Update], Awaitable[None]],
        apologise: Callable[[Update], Awaitable[None]],
        final: tuple[type[Exception], ...] = (),
    ) -> None:
        self._updates = updates
        self._answer = answer
        self._apologise = apologise
        self._final = final
        self._wake = asyncio.Event()
        self._busy: dict[asyncio.Task[None], Update] = {}
        self._held_at = time.monotonic()

    def wake(self) -> None:
        """Look at once: something was taken down."""
        self._wake.set()

    async def forever(self) -> None:
        """Work until cancelled; what is in hand then is tried again later."""
        try:
            while True:
                await self._round()
        finally:
            for task in self._busy:
                task.cancel()
            await asyncio.gather(*self._busy, return_exceptions=True)

    async def _round(self) -> None:
        taken: Sequence[Update] = []
        self._wake.clear()
        try:
            await self._hold()
            taken = await self._updates.take(AT_ONCE - len(self._busy)) if len(self._busy) < AT_ONCE else []
        except AWAY as error:
            log.warning("updates wait for the database: %s", error)
        for update in taken:
            task = asyncio.create_task(self._work_off(update))
            self._busy[task] = update
            task.add_done_callback(self._done)
        if not taken:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_AGAIN):
                    await self._wake.wait()

    async def _hold(self) -> None:
        """Say of what is in hand that it is still worked on: an extraction may take long."""
        if self._busy and time.monotonic() - self._held_at >= HOLD_EVERY:
            await self._updates.hold(list(self._busy.values()))
            self._held_at = time.monotonic()

    def _done(self, task: asyncio.Task[None]) -> None:
        del self._busy[task]
        self._wake.set()

    async def _work_off(self, update: Update) -> None:
        try:
            await self._answer(update)
            await self._updates.settle(update)
        except self._final as error:
            log.info("update %s cannot be answered: %s", update.number, type(error).__name__)
            await self._updates.settle(update)
        except Exception:  # one message that trips us up must not stop the others
            log.exception("update %s failed", update.number)
            with contextlib.suppress(*AWAY):
                await self._updates.put_back(update)
            if update.last_try:
                await self._apologise(update)
