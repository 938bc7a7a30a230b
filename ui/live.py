"""Parts of a page that follow what happens: looked at again and again, drawn again only when it differs."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

import msgspec
from nicegui import ui

from hub.errors import HubError, UnauthorizedError
from hub.outages import GONE
from ui.pieces import div
from ui.redraw import redrawn
from ui.visit import to_sign_in

T = TypeVar("T")
# What may be gone by the next look
PASSING: tuple[type[Exception], ...] = (HubError, *GONE)
SOON = 0.7
LATER = 4.0
# Rings that follow each other closely are made one; what the last of them meant is seen by one more look.
LOOKS_AFTER_RING = 2


def after_load(act: Callable[[], object]) -> None:
    """Do something once the browser has the page; a timer set before would send the page half built."""
    client, slot, done = ui.context.client, ui.context.slot, [False]

    def begin() -> None:
        if not done[0]:
            done[0] = True
            with slot:
                ui.timer(0, act, once=True)

    if client.has_socket_connection:
        begin()
    else:
        client.on_connect(begin)


def look_every(pace: float, look: Callable[[], Awaitable[object]]) -> ui.timer:
    """Look again and again while a browser is there to see it; a page is kept for a while when its browser is gone."""
    client = ui.context.client

    async def looked() -> None:
        if client.has_socket_connection:
            await look()

    return ui.timer(pace, looked)


class Live(Generic[T]):
    """A box whose content follows a value."""

    def __init__(
        self,
        look: Callable[[], Awaitable[T]],
        draw: Callable[[T], object],
        busy: Callable[[T], bool] = lambda _: False,
        classes: str = "",
        rings: Callable[[], int] | None = None,
    ) -> None:
        """Follow `look`: often while `busy`, else now and then, and at once when the number of `rings` has grown."""
        self._look = look
        self._draw = draw
        self._busy = busy
        self._shown = b""
        self._busy_now = False
        self._parent = ui.context.slot
        self._box = div(classes)
        self._timer: ui.timer | None = None
        self._rings = rings
        self._heard = rings() if rings else 0
        self._due = LOOKS_AFTER_RING
        self._looked = time.monotonic()

    async def start(self) -> None:
        """Draw for the first time, then follow."""
        value = await self._look()
        self._show(value)
        after_load(lambda: self._follow(value))

    def _follow(self, value: T) -> None:
        with self._parent:
            self._timer = look_every(self._pace(value), self.refresh if self._rings is None else self._listen)

    async def _listen(self) -> None:
        """Look again when something has happened, something is going on, or it was long ago."""
        rung = self._rings() if self._rings else 0
        if rung != self._heard:
            self._heard, self._due = rung, LOOKS_AFTER_RING
        if self._due > 0 or self._busy_now or time.monotonic() - self._looked >= LATER:
            self._due -= 1
            await self.refresh()

    async def refresh(self) -> None:
        """Look again now; a failed look leaves what is there, the next one may succeed; an ended session ends it."""
        try:
            value = await self._look()
        except UnauthorizedError:
            with self._box:
                to_sign_in(ui.context.client.request.url.path)
            return
        except PASSING:
            return
        self._show(value)
        if self._timer is not None:
            self._timer.interval = self._pace(value)

    def _show(self, value: T) -> None:
        seen = msgspec.json.encode(value)
        if seen == self._shown:
            return
        self._shown = seen
        with redrawn(self._box):
            self._draw(value)

    def _pace(self, value: T) -> float:
        self._looked, self._busy_now = time.monotonic(), self._busy(value)
        return SOON if self._busy_now or self._rings else LATER
