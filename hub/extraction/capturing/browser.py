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

from connectors.sdk.guard import Guard
from connectors.sdk.proxy import Proxy
from hub.extraction.capturing.logging_in import log_in_to
from hub.extraction.capturing.pages import LogIn
from hub.extraction.capturing.visit import Visitor
from hub.extraction.reading import ReadingError

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, BrowserType, Playwright

INSTALL = "pip install 'patchdeck[browser]' && playwright install chromium"
MISSING = f"Pages are drawn by Chromium, which is not installed. Run: {INSTALL}"
FAILED = (
    "Chromium could not be started. Its sandbox needs user namespaces, which some containers withhold. "
    f"If it is broken, run: {INSTALL}"
)
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_START_SECONDS, _END_SECONDS = 30_000, 5.0
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
async def browsing(guard: Guard, log_in: LogIn | None) -> AsyncIterator[Visitor]:
    """Lend a browser of its own, signed in when a log-in is given; it ends with the block, whatever a page does."""
    if find_spec("playwright") is None:
        raise ReadingError(MISSING)
    from playwright.async_api import async_playwright

    async with Proxy(guard) as proxy, async_playwright() as playwright:
        context = await _opened(playwright, proxy)
        try:
            if log_in is not None:
                await log_in_to(context, log_in, proxy)
            yield Visitor(context, proxy)
        finally:
            await _end(context)


async def _opened(playwright: Playwright, proxy: Proxy) -> BrowserContext:
    from playwright.async_api import Error

    try:
        browser = await playwright.chromium.launch(
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
            timeout=_START_SECONDS,
        )
    except Error as error:
        raise ReadingError(FAILED) from error
    return await browser.new_context(accept_downloads=False, service_workers="block")


def _program(chromium: BrowserType) -> str:
    """The browser that Playwright installed, else the system's."""
    if Path(chromium.executable_path).exists():
        return chromium.executable_path
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is None:
        raise ReadingError(MISSING)
    return found


async def _end(context: BrowserContext) -> None:
    from playwright.async_api import Error

    try:
        async with asyncio.timeout(_END_SECONDS):
            if context.browser is not None:
                await context.browser.close()
    except (Error, TimeoutError):
        return  # Playwright's own end, which follows, kills it
