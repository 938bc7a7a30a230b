"""Opening a page and waiting until it has settled, and what the page itself was answered meanwhile."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from playwright.async_api import Page, Response

OPEN_MS, QUIET_MS = 30_000, 5_000


class MainAnswers:
    """What the page itself, not what is embedded in it, was answered last, and which host failed."""

    def __init__(self, page: Page) -> None:
        self.last: Response | None = None
        self.failed = ""
        self._page = page
        page.on("response", self._answered)
        page.on("requestfailed", self._failed)

    def _answered(self, answer: Response) -> None:
        if answer.request.is_navigation_request() and answer.frame == self._page.main_frame:
            self.last = answer

    def _failed(self, request: Any) -> None:
        if request.is_navigation_request() and request.frame == self._page.main_frame:
            self.failed = urlsplit(request.url).hostname or ""


async def open_page(page: Page, url: str) -> None:
    """Open an address and let the page settle; one that never does is taken as it is."""
    await page.goto(url, wait_until="domcontentloaded", timeout=OPEN_MS)
    await settle(page)


async def settle(page: Page) -> None:
    """Wait until the page asks for nothing more, a while at most."""
    from playwright.async_api import TimeoutError as TooLateError

    with suppress(TooLateError):
        await page.wait_for_load_state("networkidle", timeout=QUIET_MS)
