"""Every page, light and wide, dark and narrow: it loads, asks nobody else, fits, and is photographed."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, Request, expect

from tests.ui.accessibility import violations
from tests.ui.documents import ORDERS
from tests.ui.hub import WIDE, Session, new_context

SAMPLE = Path(__file__).parents[2] / "hub/demo/samples/rechnung-elektro-de.pdf"
REVIEWED = """
apiVersion: patchdeck/v1
kind: Recipe
metadata: {name: reviewed, title: Reviewed invoices}
spec:
  trigger: {uses: manual.submitted}
  steps:
    - {id: read, uses: extract, with: {schema: invoice, source: "{{ trigger.file }}", engine: local}}
    - {id: check, uses: review, with: {always: true}}
"""
# Reading a document takes seconds, on a busy machine many
READING = 180_000
# Pictures and editors that are not there yet
WAITING = ".pd-doc-waits, .pd-editor:not(:has([role=textbox][aria-label]))"
NARROW = {"width": 390, "height": 844}
LOOKS = [("light", WIDE), ("dark", NARROW)]
PAGES = {
    "home": "/", "recipes": "/recipes", "new-recipe": "/recipes/new", "recipe": "/recipes/shown",
    "import-recipe": "/recipes/import", "past": "/recipes/shown/past",
    "editor": "/recipes/shown?tab=editor", "versions": "/recipes/shown?tab=versions",
    "canvas": "/recipes/shown/canvas?anyway=1", "list": "/recipes/shown/list",
    "drawn-versions": "/recipes/shown/compare",
    "recipe-runs": "/recipes/shown?tab=runs", "runs": "/runs", "filtered-runs": "/runs?state=running",
    "run": "/runs/{run}", "item": "/items/{item}", "replay": "/replays/{replay}",
    "dead-letters": "/dead-letters", "triggers": "/triggers", "deliveries": "/deliveries", "replays": "/replays",
    "datasets": "/datasets", "dataset": "/datasets/shown",
    "dataset-charts": "/datasets/shown?tab=charts", "webhooks": "/webhooks",
    "webhook": "/webhooks/{webhook}", "tour": "/tour", "help": "/help",
    "guide": "/help/canvas", "schemas": "/schemas",
    "schema": "/schemas/invoice", "new-schema": "/schemas/new", "import-schema": "/schemas/new?from=import",
    "empty-schema": "/schemas/new?from=empty", "schema-versions": "/schemas/invoice?tab=versions",
    "golden": "/schemas/invoice?tab=golden", "extractions": "/extractions", "extract": "/extractions/new",
    "extraction": "/extractions/{extraction}", "compare": "/extractions/compare?first={extraction}&second={again}",
    "reading": "/readings/{reading}",
    "templates": "/templates", "batches": "/batches", "batch": "/batches/{batch}", "reviews": "/reviews",
    "review": "/reviews/{review}", "approvals": "/approvals", "quality": "/quality",
    "confidence": "/quality?tab=confidence", "layouts": "/quality?tab=layouts",
    "models": "/settings?tab=models", "privacy": "/settings?tab=privacy", "chat": "/settings?tab=chat",
    "connections": "/connections", "connection": "/connections/{connection}",
    "granted": "/connections/granted?state=unknown&code=none",
    "new-connection": "/connections/new/postgres", "connectors": "/connectors", "connector": "/connectors/email",
    "new-sheets": "/connections/new/google_sheets", "new-sftp": "/connections/new/sftp",
    "connector-mongodb": "/connectors/mongodb",
    "members": "/settings", "keys": "/settings?tab=keys", "account": "/settings?tab=account", "audit": "/audit",
    "sign-in": "/sign-in", "reset": "/reset",
}  # fmt: skip


class Watched:
    """A tab in one look, what it complained about and whom it asked."""

    def __init__(self, base: str, look: str, page: Page, places: dict[str, str]) -> None:
        self.base = base
        self.places = places
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


@pytest.fixture(scope="module")
async def places(shown: Session) -> dict[str, str]:
    """The ids of an extraction that was corrected, of another of its document, of a batch and of a review."""
    file = await shown.store("rechnung.pdf", SAMPLE.read_bytes())
    made = await shown.call("POST", "/extractions", {"schema": "invoice", "file": file})
    changes = [{"path": "supplier.name", "value": "Lindner Elektrotechnik"}]
    await shown.call("PATCH", f"/extractions/{made['id']}", {"changes": changes})
    await shown.call("POST", f"/extractions/{made['id']}/verdict", {"verdict": "correct"})
    again = await shown.call("POST", f"/extractions/{made['id']}/repeat", {"settings": {"engine": "local"}})
    batch = await shown.call("POST", "/batches", {"schema": "invoice", "files": [file]})
    recipe = await shown.recipe(REVIEWED)
    content = {"file": {"file": file, "name": "rechnung.pdf", "media_type": "application/pdf"}, "name": "rechnung.pdf"}
    await shown.call("POST", f"/recipes/{recipe['id']}/runs", {"content": content})
    seen = await _followed(shown)
    page = await shown.page("/reviews")
    review = page.locator("a.pd-cover").first
    await expect(review).to_be_visible(timeout=READING)
    address = await review.get_attribute("href") or ""
    await page.close()
    return {
        "extraction": made["id"], "again": again["id"], "reading": made["reading"], "batch": batch["id"],
        "review": address.rpartition("/")[2], **seen,
    }  # fmt: skip


async def _followed(shown: Session) -> dict[str, str]:
    """The ids of a run, its newest item, a replay of it, a webhook, and a connection that waits for access."""
    await shown.call("POST", "/recipes/shown/comparisons")
    (run,) = (await shown.call("GET", "/runs?recipe=shown"))["items"]
    item = (await shown.call("GET", f"/runs/{run['id']}/items"))["items"][0]["id"]
    replay = await shown.call("POST", "/items/replay", {"items": [item]})
    hook = await shown.call("POST", "/webhooks", {"url": "http://127.0.0.1:9/on-call", "kinds": ["batch.*"]})
    granted = {
        "hosts": ["127.0.0.1"], "kind": "oauth", "client_id": "patchdeck", "secret": "s", "scopes": ["orders"],
        "authorize_url": "http://127.0.0.1:9/authorize", "token_url": "http://127.0.0.1:9/token",
    }  # fmt: skip
    connection = await shown.call("POST", "/connections", {"name": "shop", "connector": "http", "settings": granted})
    return {
        "run": run["id"], "item": item, "replay": replay["id"], "webhook": hook["id"], "connection": connection["id"],
    }  # fmt: skip


@pytest.fixture(scope="module", params=LOOKS, ids=lambda look: f"{look[0]}-{look[1]['width']}")
async def look(request, shown: Session, places: dict[str, str], chromium: Browser) -> AsyncIterator[Watched]:
    """The same owner in a browser of another look."""
    theme, size = request.param
    state = await shown.browser.storage_state()
    context = await new_context(chromium, viewport=size, color_scheme=theme, storage_state=state)
    yield Watched(shown.base, f"{theme}-{size['width']}", await context.new_page(), places)
    await context.close()


@pytest.mark.parametrize("name", PAGES)
async def test_page(name: str, look: Watched, screenshots: Path):
    look.complaints.clear()
    look.asked.clear()
    await look.page.goto(look.base + PAGES[name].format(**look.places))
    await expect(look.page.locator("h1")).to_be_visible()
    await expect(look.page.locator(WAITING)).to_have_count(0)
    await look.page.screenshot(path=screenshots / f"{name}-{look.look}.png")
    assert look.complaints == []
    assert [url for url in look.asked if not url.startswith((look.base, "data:", "blob:"))] == []
    assert await look.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert await look.page.evaluate(_UNNAMED) == []
    assert await violations(look.page) == []


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
    assert "script-src-attr 'none'" in policy
    assert "connect-src 'self'" in policy
    assert not {"data:", "blob:", "https:", "*"} & set(policy.replace(";", " ").split())
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["cache-control"] == "no-store"


async def test_the_choice_of_light_or_dark_stays(owner: Session):
    page = await owner.page("/schemas")
    await page.get_by_test_id("theme").click()
    await page.get_by_test_id("theme-dark").click()
    await expect(page.locator("body")).to_have_class("desktop no-touch body--dark")
    await page.wait_for_function("document.cookie.includes('patchdeck_theme=dark')")
    await page.reload()
    await expect(page.locator("body")).to_have_class("desktop no-touch body--dark")
    await page.get_by_test_id("theme").click()
    await page.get_by_test_id("theme-system").click()
    await page.wait_for_function("document.cookie.includes('patchdeck_theme=system')")
    await page.close()


# Buttons, links and fields that nothing names, for those who cannot see them
_UNNAMED = """
[...document.querySelectorAll("button, a[href], input:not([type=hidden]):not([type=file]), [role=button]")]
  .filter((one) => one.offsetParent && !one.textContent.trim() && !one.labels?.length)
  .filter((one) => !one.getAttribute("aria-label") && !one.getAttribute("aria-labelledby") && !one.closest("label"))
  .map((one) => one.outerHTML.slice(0, 160))
"""
