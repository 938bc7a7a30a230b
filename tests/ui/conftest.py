"""A real hub, a real Chromium, an owner made through the set-up page, and people in other roles."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.ui.hub import PASSWORD, PATIENCE, RunningHub, Session, new_context, running

# The one without windows takes a fifth of the other's processor time.
CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="package")
async def hub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningHub]:
    """`patchdeck up` on a fresh directory."""
    async with running(tmp_path_factory.mktemp("hub")) as found:
        yield found


@pytest.fixture(scope="package")
async def chromium() -> AsyncIterator[Browser]:
    """A browser without a window."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed; tests/setup.sh installs it.")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield browser
        await browser.close()


@pytest.fixture(scope="package")
async def owner(hub: RunningHub, chromium: Browser) -> AsyncIterator[Session]:
    """The owner, who has come in by the one-time link."""
    context = await new_context(chromium)
    page = await context.new_page()
    await page.goto(hub.setup_link)
    await page.get_by_test_id("name").fill("Mara Lindqvist")
    await page.get_by_test_id("email").fill("mara@example.test")
    await page.get_by_test_id("password").fill(PASSWORD)
    await page.get_by_test_id("workspace").fill("Nordwind")
    await page.get_by_test_id("submit").click()
    await page.wait_for_url(f"{hub.base}/")
    await page.close()
    yield Session(hub.base, context)
    await context.close()


@pytest.fixture(scope="package")
async def viewer(owner: Session, chromium: Browser) -> AsyncIterator[Session]:
    """Somebody who may only look, come in by invitation."""
    link = await owner.call("POST", "/members/invitations", {"email": "vera@example.test", "role": "viewer"})
    context = await new_context(chromium)
    page = await context.new_page()
    await page.goto(link["url"])
    await page.get_by_test_id("name").fill("Vera Ost")
    await page.get_by_test_id("password").fill(PASSWORD)
    await page.get_by_test_id("submit").click()
    await page.wait_for_url(f"{owner.base}/")
    await page.close()
    yield Session(owner.base, context)
    await context.close()


@pytest.fixture
async def stranger(hub: RunningHub, chromium: Browser) -> AsyncIterator[Page]:
    """A tab of somebody who is not signed in."""
    context = await new_context(chromium)
    yield await context.new_page()
    await context.close()


@pytest.fixture(scope="session")
def screenshots() -> Path:
    """The folder of the pictures, which the workers fill together."""
    folder = Path(__file__).parent / "screenshots"
    folder.mkdir(exist_ok=True)
    return folder
