"""Pages as Chromium draws them; it reaches the network through our guarded proxy and in no other way."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.sdk import SettingsError, TemporaryError
from connectors.sdk.network.guard import Guard
from connectors.sdk.network.proxy import Proxy

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, BrowserType, Playwright, StorageState

INSTALL = "pip install 'patchdeck[browser]' && playwright install chromium"
MISSING = f"Pages are drawn by Chromium, which is not installed. Run: {INSTALL}"
FAILED = (
    "Chromium could not be started. Its sandbox needs user namespaces, which some containers withhold. "
    f"If it is broken, run: {INSTALL}"
)
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SLOW = "Chromium did not start within a minute: the machine is busy. It is tried again."
_START_MS, _END_SECONDS = 60_000, 5.0
# Whatever does not ask the proxy is switched off; names are looked up by the proxy alone.
_ARGUMENTS = (
    "--disable-quic",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-gpu",
    "--no-pings",
)


@asynccontextmanager
async def browsing(guard: Guard) -> AsyncIterator[tuple[Browser, Proxy]]:
    """Lend a browser of its own behind a proxy of its own; it ends with the block, whatever a page does."""
    if find_spec("playwright") is None:
        raise SettingsError(MISSING)
    from playwright.async_api import async_playwright

    async with Proxy(guard) as proxy, async_playwright() as playwright:
        browser = await _opened(playwright, proxy)
        try:
            yield browser, proxy
        finally:
            await _end(browser)


async def new_context(browser: Browser, state: StorageState | None) -> BrowserContext:
    """Return a window of its own, with the session that was kept when there is one."""
    return await browser.new_context(accept_downloads=False, service_workers="block", storage_state=state)


async def _opened(playwright: Playwright, proxy: Proxy) -> Browser:
    from playwright.async_api import Error
    from playwright.async_api import TimeoutError as TooLateError

    try:
        return await playwright.chromium.launch(
            executable_path=_program(playwright.chromium),
            # As root Chromium cannot have its sandbox.
            chromium_sandbox=os.geteuid() != 0,
            args=_ARGUMENTS,
            proxy={
                "server": proxy.address,
                "username": proxy.username,
                "password": proxy.password,
                # Without this Chromium goes to loopback by itself.
                "bypass": "<-loopback>",
            },
            # Ours holds the hub's secrets.
            env={"PATH": os.environ.get("PATH", ""), "HOME": "/nonexistent", "LANG": "C.UTF-8"},
            timeout=_START_MS,
        )
    except TooLateError as error:
        raise TemporaryError(SLOW) from error
    except Error as error:
        raise SettingsError(FAILED) from error


def _program(chromium: BrowserType) -> str:
    """The browser that Playwright installed, else the system's."""
    if Path(chromium.executable_path).exists():
        return chromium.executable_path
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is None:
        raise SettingsError(MISSING)
    return found


async def _end(browser: Browser) -> None:
    from playwright.async_api import Error

    try:
        async with asyncio.timeout(_END_SECONDS):
            await browser.close()
    except (Error, TimeoutError):
        return  # Playwright's own end, which follows, kills it
