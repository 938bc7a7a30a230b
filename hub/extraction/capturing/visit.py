"""One page in the browser: opened, waited for, and taken as it then stands."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from connectors.sdk.proxy import Proxy
from hub.extraction.capturing.pages import LARGEST, PAGES, Captured, Wanted
from hub.extraction.reading import ReadingError

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page, Response

# All of a capture, of which opening a page and waiting for something on it may take a part each.
SECONDS = 60.0
OPEN_MS, QUIET_MS, WAIT_MS = 30_000, 5_000, 10_000
_LENGTH = "document.documentElement ? document.documentElement.outerHTML.length : 0"


class Visitor:
    """Opens pages in one browser, one after the other."""

    def __init__(self, context: BrowserContext, proxy: Proxy) -> None:
        self._context = context
        self._proxy = proxy

    async def capture(self, wanted: Wanted) -> Captured:
        """Return the page as it stands once it has settled."""
        from playwright.async_api import Error
        from playwright.async_api import TimeoutError as TooLateError

        page = await self._context.new_page()
        main = MainAnswers(page)
        host = urlsplit(wanted.url).hostname or ""
        try:
            async with asyncio.timeout(SECONDS):
                await open_page(page, wanted.url)
                self._check(main)
                if wanted.wait_for:
                    await page.wait_for_selector(wanted.wait_for, state="attached", timeout=WAIT_MS)
                return await self._taken(page, main)
        except TooLateError as error:
            message = f"Nothing that matches {wanted.wait_for} came onto the page." if main.last else _late(host)
            raise ReadingError(message) from error
        except TimeoutError as error:
            raise ReadingError(_late(host)) from error
        except Error as error:
            raise self._reason(main, host, error.message) from error
        finally:
            with suppress(Error, TimeoutError):
                async with asyncio.timeout(OPEN_MS / 1000):
                    await page.close(run_before_unload=False)

    async def _taken(self, page: Page, main: MainAnswers) -> Captured:
        length: Any = await page.evaluate(_LENGTH)
        if self._proxy.exhausted or not isinstance(length, int) or length > LARGEST:
            raise ReadingError("The page holds more than can be kept. Capture a smaller one.")
        content = (await page.content()).encode()
        # A script may have led the browser elsewhere meanwhile.
        self._check(main)
        return Captured(url=page.url, content=content, media_type="text/html", rendered=True)

    def _check(self, main: MainAnswers) -> None:
        """Refuse a page that is none: an address that may not be reached, an error, a download."""
        answer = main.last
        if answer is None:
            raise ReadingError("The browser got no answer. Check the address.")
        host = urlsplit(answer.url).hostname or ""
        if host in self._proxy.refused:
            raise ReadingError(self._proxy.refused[host])
        if answer.status >= 400:
            raise ReadingError(f"{host} answered with status {answer.status}. Check the address.")
        kind = answer.headers.get("content-type", "text/html").partition(";")[0].strip().lower()
        if kind not in PAGES:
            raise ReadingError(f"This is no page but {kind}. Capture it without rendering.")

    def _reason(self, main: MainAnswers, host: str, message: str) -> ReadingError:
        failed = next((name for name in (main.failed, host) if name in self._proxy.refused), None)
        if failed:
            return ReadingError(self._proxy.refused[failed])
        if "Download is starting" in message:
            return ReadingError("This is a download and no page. Capture it without rendering.")
        if "Unexpected token" in message or "not a valid selector" in message:
            return ReadingError("What to wait for is not a CSS selector.")
        return ReadingError(f"The browser could not open the page at {host}.")


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


def _late(host: str) -> str:
    return f"The page at {host} did not open in time. Try again later."
