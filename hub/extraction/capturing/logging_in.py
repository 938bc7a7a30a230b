"""A stored log-in put to use in the browser: cookies for its hosts, or a form filled in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from connectors.sdk import SettingsError
from connectors.sdk.proxy import Proxy
from hub.extraction.capturing.pages import LogIn
from hub.extraction.capturing.visit import open_page, settle
from hub.extraction.reading import ReadingError

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page

FIELD_MS, DONE_MS = 5_000, 8_000
_USERNAME = "form:has(input[type=password]) input:is([type=email], [type=text], [type=tel], :not([type]))"
_HEADERS = (
    "A log-in by headers cannot be used in a browser, which would show them to other sites too. "
    "Capture the page without rendering, or use cookies or a log-in page."
)


async def log_in_to(context: BrowserContext, log_in: LogIn, proxy: Proxy) -> None:
    """Sign the browser in; nothing of the log-in goes to a host that it does not name."""
    try:
        if log_in.header_values():
            raise ReadingError(_HEADERS)
        await context.add_cookies(_cookies(log_in))
    except SettingsError as error:
        raise ReadingError(error.message) from error
    if log_in.login_url:
        await _fill_in(await context.new_page(), log_in, proxy)


def _cookies(log_in: LogIn) -> list[Any]:
    return [
        {"name": name, "value": value, "domain": host.removeprefix("*"), "path": "/"}
        for name, value in log_in.cookie_values().items()
        for host in log_in.hosts
    ]


async def _fill_in(page: Page, log_in: LogIn, proxy: Proxy) -> None:
    from playwright.async_api import Error

    where = urlsplit(log_in.login_url).hostname or ""
    try:
        await open_page(page, log_in.login_url)
        there = urlsplit(page.url).hostname or ""
        if there in proxy.refused:
            raise ReadingError(proxy.refused[there])
        if not log_in.covers(there):
            raise ReadingError(f"The log-in page leads to {there}, which is none of the connection's hosts.")
        await page.locator(log_in.username_selector or _USERNAME).first.fill(log_in.username, timeout=FIELD_MS)
        password = page.locator(log_in.password_selector).first
        await password.fill(log_in.password.reveal() if log_in.password else "", timeout=FIELD_MS)
        if log_in.submit_selector:
            await page.locator(log_in.submit_selector).first.click(timeout=FIELD_MS)
        else:
            await password.press("Enter", timeout=FIELD_MS)
        await _await_success(page, log_in)
    except Error:
        message = f"Signing in at {where} did not succeed. Check the connection."
        # What Playwright says may hold what was typed, so it is not told on.
        raise ReadingError(proxy.refused.get(where, message)) from None
    finally:
        await page.close(run_before_unload=False)


async def _await_success(page: Page, log_in: LogIn) -> None:
    if log_in.signed_in_selector:
        await page.wait_for_selector(log_in.signed_in_selector, state="attached", timeout=DONE_MS)
        return
    password = page.locator(log_in.password_selector).first
    await password.wait_for(state="hidden", timeout=DONE_MS)
    # It is gone while any page loads, the form with a complaint too.
    await settle(page)
    await password.wait_for(state="hidden", timeout=FIELD_MS)
