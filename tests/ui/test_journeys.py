"""Whole ways through the product: from nothing to a recipe that runs, fails, is mended and delivers."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.async_api import Page, expect

from tests.peers.web import Answer, WebPeer, web_peer
from tests.ui.hub import RunningHub, Session
from tests.ui.newcomer import Newcomer

FEW = 30
# Until a folder was looked into and a document was read, on a busy machine
READING = 180_000
# A receipt: no invoice number, and a date that is not quite sure
UNSURE = Path(__file__).parents[2] / "hub/demo/samples/kassenbon-baeckerei-de.pdf"


@pytest.fixture
async def shop() -> AsyncIterator[WebPeer]:
    """A service that takes what is sent to it."""
    async with web_peer() as peer:
        peer.always(Answer(json={"ok": True}))
        yield peer


async def test_a_recipe_drawn_by_mouse_runs_breaks_is_mended_and_delivers_once(owner: Session, shop: WebPeer):
    page = await _drawing(owner, "by-mouse")
    await _build(page, f"{shop.base}/orders")
    await _try(page)
    await page.get_by_role("button", name="Publish").click()
    await page.get_by_test_id("dialog-confirm").click()
    await expect(page.get_by_test_id("save-status")).to_have_text("Saved, the same as version 1")
    recipe = await owner.call("GET", "/recipes/by-mouse")
    await owner.send(recipe, {"number": "a-1"})
    await expect(page.get_by_test_id("count-send")).to_have_text("1")
    shop.always(Answer(status=422, text="no"))
    await owner.send(recipe, {"number": "a-2"})
    await expect(page.get_by_test_id("box-send")).to_contain_text("answered 422")
    await page.get_by_role("link", name="Dead letters").click()
    await page.locator(".pd-row", has_text="by-mouse").locator("a.pd-cover").click()
    await expect(page.get_by_text("answered 422").first).to_be_visible()
    shop.always(Answer(json={"ok": True}))
    await page.get_by_test_id("replay-item").click()
    await page.get_by_test_id("dialog-confirm").click()
    await expect(page.get_by_test_id("step-send")).to_contain_text("Done")
    assert [one.body for one in shop.asked] == [b"A-1", b"A-2", b"A-2"]
    keys = [one.headers["Idempotency-Key"] for one in shop.asked]
    assert keys[1] == keys[2] != keys[0]
    await page.close()


async def test_a_newcomer_builds_the_invoice_recipe_in_few_actions_and_the_row_is_there(
    owner: Session, hub: RunningHub
):
    (hub.folder / "inbox").mkdir()
    page = await owner.page("/")
    newcomer = Newcomer(page)
    await _build_invoices(newcomer, hub.folder)
    await expect(page.get_by_text("Saved, the same as version 1")).to_be_visible()
    # There at once and as a whole
    shutil.copy(UNSURE, hub.folder)
    (hub.folder / UNSURE.name).rename(hub.folder / "inbox" / "bakery.pdf")
    await expect(page.get_by_label("1 waiting here")).to_be_visible(timeout=READING)
    await newcomer.click("link", "Reviews", exact=False)
    await newcomer.click("link", "bakery.pdf")
    await expect(page.get_by_text("83% sure").first).to_be_attached()
    await newcomer.click("button", "Accept")
    await expect(page.get_by_text("Accepted. The run goes on.")).to_be_visible()
    await newcomer.click("link", "Runs")
    await expect(page.locator(".pd-row", has_text="bakery-bills").first).to_contain_text("Done")
    assert newcomer.actions <= FEW
    header, row = load_workbook(hub.folder / "bills.xlsx").worksheets[0].values
    found = dict(zip(header, row, strict=True))
    assert found["currency"] == "EUR"
    await page.close()


async def _build_invoices(newcomer: Newcomer, folder: Path) -> None:
    """Build "new PDF in a folder -> invoice -> review below 0.9 -> spreadsheet" and publish it."""
    await newcomer.click("link", "New recipe")
    await newcomer.click("button", "Draw it", exact=False)
    await newcomer.fill("textbox", "Name", "bakery-bills")
    await newcomer.click("button", "Create the draft")
    await newcomer.click("group", "Submitted by hand, Manual")
    await newcomer.click("button", "Change the trigger")
    await newcomer.fill("textbox", "Search: mail, table, wait …", "pdf folder")
    await newcomer.click("button", "Folder: File added", exact=False)
    await newcomer.click("button", "Choose Directory from what there is")
    await newcomer.click("button", f"{folder}/inbox")
    await newcomer.fill("textbox", "Files", "*.pdf")
    await _add(newcomer, "invoice", "Extract", "Extract")
    await _add(newcomer, "review", "Review", "Review")
    await newcomer.fill("spinbutton", "Ask below", "0.9")
    await _add(newcomer, "spreadsheet", "Files: Write an XLSX file", "Write an XLSX file")
    await newcomer.click("button", "Choose Directory from what there is")
    await newcomer.click("button", str(folder))
    await newcomer.fill("textbox", "File", "bills")
    await newcomer.click("button", "Publish")
    await expect(newcomer.page.get_by_role("dialog")).to_be_visible()
    await newcomer.click("button", "Publish")


async def _add(newcomer: Newcomer, word: str, step: str, titled: str) -> None:
    await newcomer.click("button", "Add a step")
    await newcomer.fill("combobox", "Put a step in here", word)
    await newcomer.click("option", step, exact=False)
    await expect(newcomer.page.get_by_test_id("panel-title")).to_have_text(titled)


async def _drawing(owner: Session, name: str) -> Page:
    page = await owner.page("/recipes/new")
    await page.get_by_test_id("example-drawn").click()
    await page.get_by_test_id("new-name").fill(name)
    await page.get_by_test_id("dialog-confirm").click()
    await page.wait_for_url("**/canvas")
    return page


async def _build(page: Page, address: str) -> None:
    """Draw webhook -> set -> send a request."""
    await page.get_by_test_id("box-trigger").click()
    await page.get_by_test_id("panel-trigger").click()
    await page.get_by_test_id("palette-search").fill("webhook")
    await page.get_by_test_id("offer-webhook.received").click()
    await page.get_by_test_id("palette-set").drag_to(page.get_by_test_id("add-after-trigger"))
    await page.get_by_test_id("add-fields").click()
    await page.get_by_test_id("fields-name-0").fill("number")
    await page.get_by_test_id("fields-value-0").fill("{{ trigger.body.number | upcase }}")
    await page.get_by_test_id("add-after-set").click()
    await page.get_by_test_id("choose-http.send").click()
    await expect(page.get_by_test_id("panel-title")).to_have_text("Send a request")
    await page.get_by_test_id("field-url").fill(address)
    await page.get_by_test_id("field-text").fill("{{ set.number }}")


async def _try(page: Page) -> None:
    """Try a step with a sample that is given by hand."""
    await page.get_by_test_id("box-set").click()
    await expect(page.get_by_test_id("panel-title")).to_have_text("Set")
    await expect(page.get_by_test_id("fields-name-0")).to_be_visible()
    await page.get_by_test_id("choose-sample").click()
    await page.get_by_test_id("try-give").click()
    await page.get_by_test_id("given-sample").fill('{"body": {"number": "a-0"}}')
    await page.get_by_test_id("dialog-confirm").click()
    await page.get_by_test_id("try-step").click()
    await expect(page.get_by_test_id("try")).to_contain_text("A-0")
