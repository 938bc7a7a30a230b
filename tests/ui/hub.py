"""A hub as users run it, and the browser's and the API's way to it."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
from playwright.async_api import Browser, BrowserContext, Page

from hub.supervisor.ports import free_port
from tests.platform.commands import environment

PASSWORD = "violet harbor stone 42"
START_LIMIT = 180
# Only what hangs takes as long: a busy machine may take a while
PATIENCE = 60_000
# A connection that is kept may be ended by the hub, as idle, just when the next question is sent over it
CLOSED = {"Connection": "close"}
WIDE = {"width": 1440, "height": 900}
# The three services are offered; tests of signing in with them are in tests/api
SIGN_IN = {
    f"{service}_SIGN_IN_{part}": "patchdeck"
    for service in ("GOOGLE", "MICROSOFT", "GITHUB")
    for part in ("ID", "SECRET")
}


class RunningHub(msgspec.Struct, frozen=True):
    """Where a hub is, the one-time link it printed when new, and the directory that recipes may watch and write."""

    base: str
    setup_link: str
    folder: Path


class Session(msgspec.Struct, frozen=True):
    """A signed-in browser and what it may ask the API."""

    base: str
    browser: BrowserContext

    async def call(self, method: str, path: str, data: Any = None, text: str | None = None) -> Any:
        """Ask the API as the browser would; returns the answer's JSON."""
        cookies = {one["name"]: one["value"] for one in await self.browser.cookies()}
        kind = "application/json" if text is None else "application/yaml"
        headers = {"X-CSRF-Token": cookies["patchdeck_csrf"], "Content-Type": kind, **CLOSED}
        body = text if text is not None else None if data is None else msgspec.json.encode(data)
        answer = await self.browser.request.fetch(
            f"{self.base}/api/v1{path}", method=method, headers=headers, data=body
        )
        assert answer.ok, f"{method} {path}: {answer.status} {await answer.text()}"
        return await answer.json() if await answer.body() else None

    async def store(self, name: str, content: bytes) -> str:
        """Store a file; returns its id."""
        cookies = {one["name"]: one["value"] for one in await self.browser.cookies()}
        headers = {"X-CSRF-Token": cookies["patchdeck_csrf"], "Content-Type": "application/octet-stream", **CLOSED}
        address = f"{self.base}/api/v1/files/?name={quote(name)}"
        answer = await self.browser.request.post(address, headers=headers, data=content)
        assert answer.ok, await answer.text()
        found: str = (await answer.json())["id"]
        return found

    async def recipe(self, document: str) -> dict[str, Any]:
        """Store and publish a recipe; returns it."""
        applied = await self.call("POST", "/recipes/apply?publish=true", text=document)
        found: dict[str, Any] = applied["recipe"]
        return found

    async def send(self, recipe: dict[str, Any], event: Any) -> None:
        """Post an event to a recipe's webhook."""
        answer = await self.browser.request.post(recipe["hook_url"], data=event, headers=CLOSED)
        assert answer.status == 202, await answer.text()

    async def page(self, path: str) -> Page:
        """Open a page in a new tab."""
        tab = await self.browser.new_page()
        await tab.goto(f"{self.base}{path}")
        return tab


async def new_context(browser: Browser, **looks: Any) -> BrowserContext:
    """Return another person's browser, which waits as long as all of them."""
    # As set by people whom movement disturbs: pictures of movement cost a busy machine more than all else
    context = await browser.new_context(**{"viewport": WIDE, "reduced_motion": "reduce", **looks})
    context.set_default_timeout(PATIENCE)
    return context


@asynccontextmanager
async def running(data_dir: Path, port: int = 0) -> AsyncIterator[RunningHub]:
    """Start `patchdeck up` and wait until it is ready; ends it and all its parts."""
    port = port or free_port()
    folder = data_dir.with_name(f"{data_dir.name}-folder")
    folder.mkdir(exist_ok=True)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "hub", "up", "--data-dir", str(data_dir), "--port", str(port),
        # The service that grants access in tests has no certificate
        env={**environment(ALLOW_NETWORKS="127.0.0.0/8", LOG_LEVEL="warning", FOLDER_ROOTS=str(folder), **SIGN_IN),
             "OAUTHLIB_INSECURE_TRANSPORT": "1"},
        cwd="/",
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(START_LIMIT):
            link = await _link(process)
        yield RunningHub(f"http://127.0.0.1:{port}", link, folder)
    finally:
        process.terminate()
        await process.communicate()


async def _link(process: asyncio.subprocess.Process) -> str:
    """Read lines until the hub is ready; return the set-up link among them, which only a new hub prints."""
    assert process.stdout is not None
    said = ""
    while "Patchdeck is ready:" not in said:
        line = await process.stdout.readline()
        assert line, f"The hub ended: {said}"
        said += line.decode()
    found = re.search(r"http\S+/setup/\S+", said)
    return found.group() if found else ""
