"""Pages in the browser: opened, waited for, and taken as they then stand; signed in again where a session ended."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from connectors.sdk import ConnectorError, CredentialsError, SettingsError, TemporaryError
from connectors.sdk.network.answers import seconds_until
from connectors.sdk.network.proxy import Proxy
from connectors.sdk.pages.browser import Drawn, Finder, LogIn, Photo
from hub.extraction.capturing.logging_in import log_in_to
from hub.extraction.capturing.opening import OPEN_MS, MainAnswers, open_page
from hub.extraction.capturing.pages import LARGEST, PAGES
from hub.extraction.capturing.photograph import Photographer, sent

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page, StorageState

T = TypeVar("T")

# All of a visit, of which opening a page and waiting for something on it may take a part each.
SECONDS = 60.0
WAIT_MS, LOOK_MS = 20_000, 2_000
_LENGTH = "document.documentElement ? document.documentElement.outerHTML.length : 0"
_SIGN_IN = frozenset({401, 403})

_Take = Callable[["Page", MainAnswers], Awaitable[T]]


class Visitor:
    """Opens pages in one browser, one after the other; `refused` once the site let nobody in."""

    def __init__(self, context: BrowserContext, proxy: Proxy, log_in: LogIn | None) -> None:
        self._context = context
        self._proxy = proxy
        self._log_in = log_in
        self._fresh = False
        self.refused = False

    async def sign_in(self) -> None:
        """Begin a session anew."""
        if self._log_in is None:
            return
        self.refused = True
        await self._context.clear_cookies()
        await log_in_to(self._context, self._log_in, self._proxy)
        self._fresh, self.refused = True, False

    async def state(self) -> StorageState | None:
        """Return the session as it is now; None when the browser is gone."""
        from playwright.async_api import Error

        try:
            return await self._context.storage_state()
        except Error:
            return None

    async def draw(self, url: str, wait_for: str = "") -> Drawn:
        """Return the page as it stands once it has settled."""
        return await self._signed_in(url, wait_for, self._taken)

    async def photograph(self, url: str, find: Finder, wait_for: str = "", *, scripts: bool = True) -> Photo:
        """Return a picture of the page, and where what is found stands on it."""

        async def take(page: Page, main: MainAnswers) -> Photo:
            drawn = await self._taken(page, main)
            if not scripts and main.last:
                drawn = await sent(main.last)
            return await Photographer(page).take(await find(drawn))

        return await self._signed_in(url, wait_for, take, scripts=scripts)

    async def _signed_in(self, url: str, wait_for: str, take: _Take[T], *, scripts: bool = True) -> T:
        """Return what is taken of the page; a session that has ended is renewed once."""
        taken = await self._visit(url, wait_for, take, scripts=scripts)
        if taken is None:
            await self.sign_in()
            taken = await self._visit(url, wait_for, take, scripts=scripts)
        if taken is None:
            self.refused = True
            host = urlsplit(url).hostname
            raise CredentialsError(f"{host} asks to sign in right after signing in. Check the connection.")
        return taken

    async def _visit(self, url: str, wait_for: str, take: _Take[T], *, scripts: bool) -> T | None:
        """Return what is taken of the page, None where it asks to sign in instead."""
        from playwright.async_api import Error
        from playwright.async_api import TimeoutError as TooLateError

        page = await self._context.new_page()
        main = MainAnswers(page)
        host = urlsplit(url).hostname or ""
        try:
            async with asyncio.timeout(SECONDS):
                if not scripts:
                    await Photographer(page).without_scripts()
                await open_page(page, url)
                if await self._asks_to_sign_in(page, main):
                    return None
                self._check(main)
                if wait_for:
                    await page.wait_for_selector(wait_for, state="attached", timeout=WAIT_MS)
                return await take(page, main)
        except TooLateError as error:
            if main.last and wait_for:
                raise SettingsError(f"Nothing that matches {wait_for} came onto the page.") from error
            raise _late(host) from error
        except TimeoutError as error:
            raise _late(host) from error
        except Error as error:
            raise self._reason(main, host, error.message) from error
        finally:
            with suppress(Error, TimeoutError):
                async with asyncio.timeout(OPEN_MS / 1000):
                    await page.close(run_before_unload=False)

    async def _asks_to_sign_in(self, page: Page, main: MainAnswers) -> bool:
        """Tell whether a session has ended; right after signing in only the log-in page itself says so."""
        log_in = self._log_in
        if log_in is None or not log_in.needs_browser or main.last is None:
            return False
        asked = await page.locator(log_in.password_selector).first.is_visible(timeout=LOOK_MS)
        if self._fresh:
            return asked and bool(log_in.login_url) and _bare(page.url) == _bare(log_in.login_url)
        signs = log_in.signed_in_selector
        return asked or main.last.status in _SIGN_IN or bool(signs and not await page.locator(signs).count())

    async def _taken(self, page: Page, main: MainAnswers) -> Drawn:
        length: Any = await page.evaluate(_LENGTH)
        if self._proxy.exhausted or not isinstance(length, int) or length > LARGEST:
            raise SettingsError("The page holds more than can be kept. Read a smaller one.")
        content = (await page.content()).encode()
        # A script may have led the browser elsewhere meanwhile.
        self._check(main)
        return Drawn(page.url, content)

    def _check(self, main: MainAnswers) -> None:
        """Refuse a page that is none: an address that may not be reached, an error, a download."""
        answer = main.last
        if answer is None:
            raise TemporaryError("The browser got no answer. Check the address.")
        host = urlsplit(answer.url).hostname or ""
        if host in self._proxy.refused:
            raise SettingsError(self._proxy.refused[host])
        if answer.status >= 400:
            raise _failure(host, answer.status, answer.headers.get("retry-after"))
        kind = answer.headers.get("content-type", "text/html").partition(";")[0].strip().lower()
        if kind not in PAGES:
            raise SettingsError(f"This is no page but {kind}. Read it without rendering.")

    def _reason(self, main: MainAnswers, host: str, message: str) -> ConnectorError:
        failed = next((name for name in (main.failed, host) if name in self._proxy.refused), None)
        if failed:
            return SettingsError(self._proxy.refused[failed])
        if "ERR_TOO_MANY_REDIRECTS" in message:
            return SettingsError(f"{host} redirects in a circle. Check the address; it may want to be signed in to.")
        if "ERR_UNSAFE_PORT" in message:
            return SettingsError("Browsers open no pages at this port, which belongs to another service.")
        if "Download is starting" in message:
            return SettingsError("This is a download and no page. Read it without rendering.")
        if "Unexpected token" in message or "not a valid selector" in message:
            return SettingsError("What to wait for is not a CSS selector.")
        return TemporaryError(f"The browser could not open the page at {host}.")


def _failure(host: str, status: int, retry_after: str | None) -> ConnectorError:
    if status in _SIGN_IN:
        return CredentialsError(f"{host} answered with status {status}. Check the log-in.")
    if status == 429 or status >= 500:
        return TemporaryError(f"{host} answered with status {status}.", retry_after=seconds_until(retry_after))
    return SettingsError(f"{host} answered with status {status}. Check the address.")


def _bare(url: str) -> tuple[str | None, str]:
    parts = urlsplit(url)
    return parts.hostname, parts.path.rstrip("/")


def _late(host: str) -> TemporaryError:
    return TemporaryError(f"The page at {host} did not open in time. Try again later.")
