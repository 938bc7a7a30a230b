"""Every page, light and wide, dark and narrow: it loads, asks nobody else, fits, and is photographed."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, Request, expect

from tests.ui.documents import ORDERS
from tests.ui.hub import Session

WIDE = {"width": 1440, "height": 900}
NARROW = {"width": 390, "height": 844}
LOOKS = [("light", WIDE), ("dark", NARROW)]
PAGES = {
    "home": "/", "recipes": "/recipes", "new-recipe": "/recipes/new", "recipe": "/recipes/shown",
    "editor": "/recipes/shown?tab=editor", "versions": "/recipes/shown?tab=versions",
    "recipe-runs": "/recipes/shown?tab=runs", "runs": "/runs", "filtered-runs": "/runs?state=running",
    "dead-letters": "/dead-letters", "datasets": "/datasets", "dataset": "/datasets/shown", "schemas": "/schemas",
    "schema": "/schemas/invoice", "extractions": "/extractions", "connections": "/connections",
    "new-connection": "/connections/new/postgres", "connectors": "/connectors", "connector": "/connectors/email",
    "members": "/settings", "keys": "/settings?tab=keys", "account": "/settings?tab=account", "audit": "/audit",
    "sign-in": "/sign-in", "reset": "/reset",
}  # fmt: skip


class Watched:
    """A tab in one look, what it complained about and whom it asked."""

    def __init__(self, base: str, look: str, page: Page) -> None:
        self.base = base
        self.look = look
        self.page = page
        page.on("console", self.hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self.note)
        self.complaints: list[str] = []
        self.asked: list[str] = []

    def hear(self, message: ConsoleMessage) -> None:
        """Keep a warning or an error."""
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def note(self, request: Request) -> None:
        """Keep the address of a request."""
        self.asked.append(request.url)


@pytest.fixture(scope="module")
async def shown(owner: Session) -> Session:
    """The owner, with a recipe that has run."""
    recipe = await owner.recipe(ORDERS.format(name="shown", title="Shown to everyone"))
    await owner.send(recipe, [{"number": f"S-{number}", "total": number} for number in range(5, 30)])
    page = await owner.page(f"/recipes/{recipe['id']}")
    await expect(page.get_by_text("25 items · 20 delivered · 5 filtered")).to_be_visible()
    await page.close()
    return owner


@pytest.fixture(scope="module", params=LOOKS, ids=lambda look: f"{look[0]}-{look[1]['width']}")
async def look(request, shown: Session, chromium: Browser) -> AsyncIterator[Watched]:
    """The same owner in a browser of another look."""
    theme, size = request.param
    state = await shown.browser.storage_state()
    context = await chromium.new_context(viewport=size, color_scheme=theme, storage_state=state)
    yield Watched(shown.base, f"{theme}-{size['width']}", await context.new_page())
    await context.close()


@pytest.mark.parametrize("name", PAGES)
async def test_page(name: str, look: Watched, screenshots: Path):
    look.complaints.clear()
    look.asked.clear()
    await look.page.goto(f"{look.base}{PAGES[name]}")
    await expect(look.page.locator("h1")).to_be_visible()
    await look.page.screenshot(path=screenshots / f"{name}-{look.look}.png")
    assert look.complaints == []
    assert [url for url in look.asked if not url.startswith((look.base, "data:", "blob:"))] == []
    assert await look.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert await look.page.evaluate(_UNNAMED) == []


async def test_an_address_that_leads_nowhere_says_so(owner: Session):
    page = await owner.page("/nowhere")
    await expect(page.get_by_text("There is no page here")).to_be_visible()
    await page.close()


@pytest.mark.parametrize(
    "path", ["/recipes/rcp_00000000000000000000000000", "/runs/run_x", "/datasets/none", "/items/itm_x"]
)
async def test_what_is_not_there_is_told_in_the_page(path: str, owner: Session):
    page = await owner.page(path)
    await expect(page.get_by_text("This is not here")).to_be_visible()
    await page.close()


async def test_every_answer_says_what_the_browser_may_load(owner: Session):
    answer = await owner.browser.request.get(f"{owner.base}/recipes")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "connect-src 'self'" in policy
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["cache-control"] == "no-store"


async def test_the_choice_of_light_or_dark_stays(owner: Session):
    page = await owner.page("/schemas")
    await page.get_by_test_id("theme").click()
    await page.get_by_test_id("theme-dark").click()
    await expect(page.locator("body")).to_have_class("desktop no-touch body--dark")
    await page.reload()
    await expect(page.locator("body")).to_have_class("desktop no-touch body--dark")
    await page.get_by_test_id("theme").click()
    await page.get_by_test_id("theme-system").click()
    await page.close()


# Buttons, links and fields that nothing names, for those who cannot see them
_UNNAMED = """
[...document.querySelectorAll("button, a[href], input:not([type=hidden]):not([type=file]), [role=button]")]
  .filter((one) => one.offsetParent && !one.textContent.trim() && !one.labels?.length)
  .filter((one) => !one.getAttribute("aria-label") && !one.getAttribute("aria-labelledby") && !one.closest("label"))
  .map((one) => one.outerHTML.slice(0, 160))
"""
