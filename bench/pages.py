"""How long pages take with a hundred thousand runs in the tables, in a real browser."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from bench import recipes
from bench.crowd import RUNS, crowd
from bench.figures import Row
from bench.hub import Hub
from hub.cli.local import lend_database, load_config
from hub.ids import show

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext

CHROMIUM = "/usr/bin/chromium"
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
LOADS = 5
LIMIT = 1000.0
# Until a page that follows looks only now and then
QUIET = 3.0
_SET = {"id": "keep", "uses": "set", "with": {"fields": {"n": "{{ trigger.body.n }}"}}}
PAGES = {
    "home": "/",
    "recipes": "/recipes",
    "runs": "/runs",
    "runs with dead letters": "/runs?state=dead",
    "runs of one recipe in a week": "/runs?recipe={recipe}&since=week",
    "runs by a text": "/runs?q=Order",
    "runs by a text that nothing has": "/runs?q=nowhere-at-all",
    "run": "/runs/{run}",
    "dead letters": "/dead-letters",
    "triggers": "/triggers",
    "deliveries": "/deliveries",
    "deliveries that failed": "/deliveries?state=trouble",
}


def measure(hub: Hub, folder: Path) -> list[Row]:
    """Fill the hub's workspace, then load each page several times; the slowest but the first load counts."""
    with lend_database(load_config(data_dir=folder / "data")) as lent:
        run = asyncio.run(crowd(lent.url))
    password = (folder / "password").read_text()
    hook = hub.publish(recipes.recipe("followed", {"uses": "webhook.received"}, [_SET]))
    times = asyncio.run(_all(hub, password, run, hook))
    return [Row(f"{name}, {RUNS:,} runs", "ms", took, LIMIT) for name, took in times.items()]


async def _all(hub: Hub, password: str, run: UUID, hook: str) -> dict[str, float]:
    from playwright.async_api import async_playwright

    shown = show("run", run)
    recipe = hub.ask("GET", f"/runs/{shown}")["recipe"]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        context = await _signed_in(browser, hub, password)
        found = {}
        for name, path in PAGES.items():
            address = f"{hub.url}{path.format(run=shown, recipe=recipe)}"
            took = [await _load(context, address) for _ in range(LOADS + 1)]
            found[f"page {name}, answer in the browser"] = max(took[1:])
        found["from an event to its run on the open list"] = await _followed(context, hub, hook)
        await browser.close()
        return found


async def _signed_in(browser: Browser, hub: Hub, password: str) -> BrowserContext:
    context = await browser.new_context()
    page = await context.new_page()
    await page.goto(f"{hub.url}/sign-in")
    await page.get_by_test_id("email").fill("bench@example.test")
    await page.get_by_test_id("password").fill(password)
    await page.get_by_test_id("submit").click()
    await page.wait_for_url(f"{hub.url}/")
    await page.close()
    return context


async def _followed(context: BrowserContext, hub: Hub, hook: str) -> float:
    """Return the milliseconds from an event to its run on the list of runs that is open in the browser."""
    from playwright.async_api import expect

    recipe = hub.ask("GET", "/recipes/followed")["id"]
    page = await context.new_page()
    await page.goto(f"{hub.url}/runs?recipe={recipe}")
    rows, took = page.locator(".pd-row-link"), []
    for number in range(LOADS):
        await asyncio.sleep(QUIET)
        began = time.monotonic()
        await context.request.post(hook, data={"n": number})
        await expect(rows).to_have_count(number + 1)
        took.append((time.monotonic() - began) * 1000)
    await page.close()
    return max(took)


async def _load(context: BrowserContext, address: str) -> float:
    """Return the milliseconds from asking for a page to having its content."""
    page = await context.new_page()
    began = time.monotonic()
    answer = await page.goto(address, wait_until="commit")
    assert answer is not None
    await answer.finished()
    took = (time.monotonic() - began) * 1000
    assert answer.ok, f"{address}: {answer.status}"
    await page.close()
    return took
