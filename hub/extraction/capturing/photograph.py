"""A picture of a page in the browser, and where on it parts of the page stand."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any

import msgspec

from connectors.sdk import SettingsError
from connectors.sdk.pages.browser import Box, Drawn, Photo
from hub.extraction.capturing.pages import LARGEST

if TYPE_CHECKING:
    from playwright.async_api import CDPSession, FloatRect, Page, Response

WIDTH, MOST_HEIGHT = 1280, 6_000
QUALITY = 80
PICTURE_MS = 20_000
SMALLEST = 4
_HEIGHT = "Math.max(document.documentElement?.scrollHeight ?? 0, document.body?.scrollHeight ?? 0)"
# A browser puts rows into a body of their table that the HTML need not name
_PLACES = """((selectors) => selectors.map((selector) => {
  const ways = [selector, selector.replaceAll("> tr:", "> tbody > tr:")];
  const found = ways.map((way) => document.querySelector(way)).find(Boolean);
  if (!found?.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return null;
  const box = found.getBoundingClientRect();
  return [box.left + scrollX, box.top + scrollY, box.width, box.height];
}))"""


class Photographer:
    """Looks at a page out of a world of its own, where no script of the page can change what it is told."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._session: CDPSession | None = None

    async def without_scripts(self) -> None:
        """Let the page that is opened next run none."""
        await (await self._browser()).send("Emulation.setScriptExecutionDisabled", {"value": True})

    async def take(self, selectors: Sequence[str]) -> Photo:
        """Return the picture, and where it shows the first element of each selector."""
        session = await self._browser()
        tree = await session.send("Page.getFrameTree")
        world = await session.send("Page.createIsolatedWorld", {"frameId": tree["frameTree"]["frame"]["id"]})
        context = world["executionContextId"]
        height = max(min(int(await _asked(session, context, _HEIGHT)), MOST_HEIGHT), 1)
        clip: FloatRect = {"x": 0, "y": 0, "width": WIDTH, "height": height}
        image = await self._page.screenshot(
            type="jpeg",
            quality=QUALITY,
            full_page=True,
            clip=clip,
            animations="disabled",
            scale="css",
            timeout=PICTURE_MS,
        )
        told = await _asked(session, context, f"{_PLACES}({msgspec.json.encode(selectors).decode()})")
        found = msgspec.convert(told, list[tuple[float, float, float, float] | None])
        return Photo(image=image, width=WIDTH, height=height, boxes=[_box(one, height) for one in found])

    async def _browser(self) -> CDPSession:
        if self._session is None:
            self._session = await self._page.context.new_cdp_session(self._page)
        return self._session


async def sent(answer: Response) -> Drawn:
    """Return the page as the server sent it."""
    content = await answer.body()
    if len(content) > LARGEST:
        raise SettingsError("The page holds more than can be kept. Read a smaller one.")
    return Drawn(answer.url, content, answer.headers.get("content-type", ""))


async def _asked(session: CDPSession, context: int, expression: str) -> Any:
    asked = {"expression": expression, "contextId": context, "returnByValue": True}
    return (await session.send("Runtime.evaluate", asked))["result"].get("value", 0)


def _box(place: tuple[float, float, float, float] | None, height: int) -> Box | None:
    """Return what of a place lies in the picture; None when too little to be seen."""
    if place is None or not all(isfinite(one) for one in place):
        return None
    left, top = max(round(place[0]), 0), max(round(place[1]), 0)
    right, bottom = min(round(place[0] + place[2]), WIDTH), min(round(place[1] + place[3]), height)
    return (left, top, right - left, bottom - top) if min(right - left, bottom - top) >= SMALLEST else None
