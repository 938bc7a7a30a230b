"""A stored log-in put to use in the browser: cookies for its hosts, a form filled in, or steps followed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from connectors.sdk import CredentialsError, SettingsError
from connectors.sdk.network.proxy import Proxy
from connectors.sdk.pages.browser import LogIn, LogInStep
from hub.extraction.capturing.opening import open_page, settle

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page

FIELD_MS, DONE_MS = 15_000, 30_000
_USERNAME = "form:has(input[type=password]) input:is([type=email], [type=text], [type=tel], :not([type]))"
_HEADERS = (
    "A log-in by headers cannot be used in a browser, which would show them to other sites too. "
    "Read the page without rendering, or use cookies or a log-in page."
)


async def log_in_to(context: BrowserContext, log_in: LogIn, proxy: Proxy) -> None:
    """Sign the browser in; nothing of the log-in goes to a host that it does not name."""
    if log_in.header_values():
        raise SettingsError(_HEADERS)
    await context.add_cookies(_cookies(log_in))
    if log_in.needs_browser:
        await _SigningIn(await context.new_page(), log_in, proxy).perform()


class _SigningIn:
    """One way through the pages that ask who somebody is."""

    def __init__(self, page: Page, log_in: LogIn, proxy: Proxy) -> None:
        self._page = page
        self._log_in = log_in
        self._proxy = proxy
        self._where = urlsplit(log_in.login_url).hostname or ""
        self._at = ""

    async def perform(self) -> None:
        """Sign in and wait for the sign of success."""
        from playwright.async_api import Error

        try:
            if self._log_in.steps:
                await self._follow()
            else:
                await self._fill_in()
            await self._await_success()
        except Error:
            message = f"Signing in at {self._where} did not succeed{self._at}. Check the connection."
            refused = self._proxy.refused.get(self._where)
            # What Playwright says may hold what was typed, so it is not told on.
            raise (SettingsError(refused) if refused else CredentialsError(message)) from None
        finally:
            await self._page.close(run_before_unload=False)

    async def _fill_in(self) -> None:
        log_in, page = self._log_in, self._page
        await open_page(page, log_in.login_url)
        self._check_host()
        await page.locator(log_in.username_selector or _USERNAME).first.fill(log_in.username, timeout=FIELD_MS)
        password = page.locator(log_in.password_selector).first
        await password.fill(self._secret(), timeout=FIELD_MS)
        if log_in.submit_selector:
            await page.locator(log_in.submit_selector).first.click(timeout=FIELD_MS)
        else:
            await password.press("Enter", timeout=FIELD_MS)

    async def _follow(self) -> None:
        for number, step in enumerate(self._log_in.steps, 1):
            self._at = f" at step {number}, {step.do} {step.selector or step.url}"
            await self._step(step)
        self._at = ""

    async def _step(self, step: LogInStep) -> None:
        page = self._page
        if step.do == "open":
            self._where = urlsplit(step.url).hostname or ""
            await open_page(page, step.url)
            self._check_host()
        elif step.do == "fill":
            values = {"username": self._log_in.username, "password": self._secret(), "text": step.text}
            # What is pressed may have led elsewhere
            self._check_host()
            await page.locator(step.selector).first.fill(values[step.value], timeout=FIELD_MS)
        elif step.do == "press":
            await page.locator(step.selector).first.click(timeout=FIELD_MS)
            await settle(page)
        else:
            await page.wait_for_selector(step.selector, timeout=DONE_MS)

    def _check_host(self) -> None:
        there = urlsplit(self._page.url).hostname or ""
        if there in self._proxy.refused:
            raise SettingsError(self._proxy.refused[there])
        if not self._log_in.covers(there):
            raise SettingsError(f"The log-in page leads to {there}, which is none of the connection's hosts.")

    async def _await_success(self) -> None:
        if self._log_in.signed_in_selector:
            await self._page.wait_for_selector(self._log_in.signed_in_selector, state="attached", timeout=DONE_MS)
            return
        password = self._page.locator(self._log_in.password_selector).first
        await settle(self._page)
        await password.wait_for(state="hidden", timeout=FIELD_MS)
        # It is gone while any page loads, the form with a complaint too.
        await settle(self._page)
        await password.wait_for(state="hidden", timeout=FIELD_MS)

    def _secret(self) -> str:
        return self._log_in.password.reveal() if self._log_in.password else ""


def _cookies(log_in: LogIn) -> list[Any]:
    return [
        {"name": name, "value": value, "domain": host.removeprefix("*"), "path": "/"}
        for name, value in log_in.cookie_values().items()
        for host in log_in.hosts
    ]
