"""Fifty signed-in browsers on one process: how long pages take to load meanwhile, and how much memory it takes."""

from __future__ import annotations

import asyncio
import itertools
import statistics
import time

from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from bench.figures import Row
from bench.hub import EMAIL, Hub
from bench.measure import memory_by_part
from bench.peers import Sink
from bench.recipes import to_sink

CHROMIUM = "/usr/bin/chromium"
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]
BROWSERS = 50
LOADS = 100
# People who load a page at the same moment
AT_ONCE = 2
PAGES = ("/", "/recipes", "/runs", "/extractions", "/datasets", "/connections", "/settings")


def measure(hub: Hub, sink: Sink) -> list[Row]:
    """Sign in fifty times, keep a page open in each, and load pages in turn."""
    hub.publish(to_sink("watched", sink.url))
    times = asyncio.run(_browse(hub))
    parts = memory_by_part(hub.pid)
    web = max(parts.items(), key=lambda part: part[1])
    return [
        Row(f"page load p95 with {BROWSERS} signed-in browsers", "s", statistics.quantiles(times, n=20)[-1], 2),
        Row(f"page load p50 with {BROWSERS} signed-in browsers", "s", statistics.median(times), 2),
        Row(f"memory with {BROWSERS} browsers, PSS of {web[0]}", "MB", web[1], 1500),
    ]


async def _browse(hub: Hub) -> list[float]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        open_pages = [await _signed_in(chromium, hub, number) for number in range(BROWSERS)]
        turns = asyncio.Semaphore(AT_ONCE)
        visits = zip(range(LOADS), itertools.cycle(open_pages), itertools.cycle(PAGES), strict=False)
        times = await asyncio.gather(*(_load(page, hub.url + path, turns) for _, page, path in visits))
        await chromium.close()
    return list(times)


async def _signed_in(chromium: Browser, hub: Hub, number: int) -> Page:
    context: BrowserContext = await chromium.new_context()
    page = await context.new_page()
    await page.goto(f"{hub.url}/sign-in")
    await page.get_by_test_id("email").fill(EMAIL)
    await page.get_by_test_id("password").fill(hub.password)
    await page.get_by_test_id("submit").click()
    await page.wait_for_url(f"{hub.url}/")
    await page.goto(hub.url + PAGES[number % len(PAGES)])
    return page


async def _load(page: Page, address: str, turns: asyncio.Semaphore) -> float:
    async with turns:
        began = time.monotonic()
        await page.goto(address)
        await page.locator("main").wait_for(state="visible")
        return time.monotonic() - began
