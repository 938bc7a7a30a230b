"""A place to drop files: each goes to the hub by itself, and nothing is made of some while others are on their way."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import events, ui

from hub.text import say

LARGEST = 100 * 1024 * 1024
_SAID = ("drop", "choose", "kinds", "too_large", "empty", "failed", "close")


class Dropping:
    """Tells of each file that the hub has, and of how many it does not have yet."""

    def __init__(
        self, mark: str, stored: Callable[[str], Awaitable[object]], show: Callable[[], object] | None = None
    ) -> None:
        """Draw the place; `show` is called whenever `coming` has changed."""
        self.coming = 0
        self._stored = stored
        self._show = show
        place = ui.element("pd-drop").mark(mark)
        place.props["content"] = {
            "address": "/api/v1/files/",
            "most": LARGEST,
            "say": {key: say(f"upload.{key}", most=LARGEST // 2**20) for key in _SAID},
        }
        place.on("sending", lambda: self._come(1), args=[])
        place.on("missed", lambda: self._come(-1), args=[])
        place.on("stored", self._take, js_handler="(e) => emit(e.detail.id)")

    async def _take(self, event: events.GenericEventArguments) -> None:
        await self._stored(str(event.args))
        self._come(-1)

    def _come(self, more: int) -> None:
        self.coming += more
        if self._show:
            self._show()
