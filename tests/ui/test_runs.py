"""Watching runs, replaying what failed, planning, applying, undoing."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import FilePayload, expect

from tests.peers.web import Answer, Exchange, Request, WebPeer, web_peer
from tests.ui.documents import ORDERS, POSTING
from tests.ui.hub import Session

# Until a busy machine has read a document
READING = 120_000


@pytest.fixture
async def shop() -> AsyncIterator[WebPeer]:
    """A service that refuses at first."""
    async with web_peer() as peer:
        peer.always(Answer(status=422, text="no"))
        yield peer


async def test_a_recipe_shows_a_run_as_soon_as_an_event_comes_in(owner: Session):
    recipe = await owner.recipe(ORDERS.format(name="watching", title="Watching"))
    page = await owner.page(f"/recipes/{recipe['id']}")
    await expect(page.get_by_text("It has not run yet")).to_be_visible()
    await owner.send(recipe, [{"number": f"W-{number}", "total": number} for number in (5, 50)])
    await expect(page.get_by_text("2 items · 1 delivered · 1 filtered")).to_be_visible()
    await page.get_by_text("2 items · 1 delivered · 1 filtered").locator("xpath=../..").locator("a").click()
    await expect(page.get_by_test_id("run-state")).to_have_text("Done")
    await expect(page.get_by_test_id("count-delivered")).to_contain_text("1")
    await page.get_by_test_id("tab-ledger").click()
    await expect(page.get_by_test_id("receipts")).to_have_count(0)
    await expect(page.get_by_text("number W-50")).to_be_visible()
    await expect(page.locator("h1")).to_have_text("Watching")
    await page.goto(f"{owner.base}/runs")
    await expect(page.locator(".pd-row", has_text="Watching")).to_contain_text("2 items")
    await page.close()


async def test_a_dead_letter_says_why_and_goes_again_when_replayed(owner: Session, shop: WebPeer):
    recipe = await owner.recipe(POSTING.format(name="telling", url=f"{shop.base}/orders"))
    page = await owner.page("/dead-letters")
    await owner.send(recipe, {"number": "D-1"})
    await _until_dead(owner, recipe["id"])
    await page.reload()
    await page.locator(".pd-row", has_text="telling").locator("a.pd-cover").click()
    await expect(page.get_by_text("Stopped at Tell the shop")).to_be_visible()
    await expect(page.get_by_test_id("step-send")).to_contain_text("Failed")
    shop.play([Exchange(Request(method="POST", path="/orders"), Answer(json={"ok": True}))])
    await page.get_by_test_id("replay-item").click()
    await page.get_by_test_id("dialog-confirm").click()
    await expect(page.get_by_test_id("step-send")).to_contain_text("Done")
    await expect(page.get_by_text("Delivered").first).to_be_visible()
    assert [one.path for one in shop.asked][-1] == "/orders"
    await page.close()


async def test_a_plan_shows_its_writes_and_apply_makes_exactly_them(owner: Session):
    recipe = await owner.recipe(ORDERS.format(name="planned", title="Planned"))
    page = await owner.page(f"/recipes/{recipe['id']}")
    await page.get_by_test_id("plan").click()
    await page.get_by_test_id("sample-json").fill('{"body": {"number": "P-1", "total": 75}}')
    await page.get_by_test_id("dialog-confirm").click()
    await expect(page.get_by_text("Nothing has been written yet.")).to_be_visible()
    await expect(page.locator(".pd-new", has_text="P-1")).to_be_visible()
    await page.get_by_test_id("apply-plan").click()
    await page.get_by_test_id("dialog-confirm").click()
    await expect(page.get_by_test_id("run-state")).to_have_text("Done")
    await expect(page.get_by_test_id("count-delivered")).to_contain_text("1")
    rows = await owner.call("GET", "/datasets/planned/records")
    assert [row["values"]["number"] for row in rows["items"]] == ["P-1"]
    await page.close()


async def test_a_run_is_undone_after_asking(owner: Session):
    recipe = await owner.recipe(ORDERS.format(name="undone", title="Undone"))
    await owner.send(recipe, {"number": "U-1", "total": 75})
    page = await owner.page(f"/recipes/{recipe['id']}")
    await page.get_by_text("1 item · 1 delivered").locator("xpath=../..").locator("a").click()
    await page.get_by_test_id("undo-run").click()
    await page.get_by_test_id("dialog-confirm").click()
    await expect(page.get_by_text("undoes this run")).to_be_visible()
    await expect(page.get_by_test_id("run-state")).to_have_text("Done")
    assert (await owner.call("GET", "/datasets/undone/records"))["items"] == []
    await page.close()


async def test_a_test_event_is_awaited_and_shown(owner: Session):
    recipe = await owner.recipe(ORDERS.format(name="listening", title="Listening"))
    page = await owner.page(f"/recipes/{recipe['id']}")
    await page.get_by_test_id("listen").click()
    address = await page.get_by_test_id("test-hook-url").inner_text()
    answer = await owner.browser.request.post(address, data={"number": "T-1", "total": 50})
    assert answer.status == 202
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(page.get_by_text("A test event came in")).to_be_visible()
    await page.get_by_test_id("plan-with").click()
    await expect(page.locator(".pd-new", has_text="T-1")).to_be_visible()
    await expect(page.get_by_test_id("step-keep")).to_contain_text("Planned")
    await page.close()


async def test_a_file_is_uploaded_read_and_shown_with_evidence(owner: Session):
    page = await owner.page("/recipes/new")
    await page.get_by_test_id("example-invoices").click()
    await page.get_by_test_id("new-name").fill("reading")
    await page.get_by_test_id("dialog-confirm").click()
    await page.get_by_test_id("editor-publish").click()
    await page.get_by_test_id("dialog-confirm").click()
    await page.get_by_test_id("run-now").click()
    invoice = FilePayload(name="invoice.txt", mimeType="text/plain", buffer=INVOICE.encode())
    await page.locator("input[type=file]").set_input_files(invoice)
    await expect(page.get_by_text("invoice.txt is ready.")).to_be_visible()
    await page.get_by_test_id("dialog-confirm").click()
    await expect(page.get_by_test_id("step-book")).to_contain_text("Done", timeout=READING)
    await page.get_by_test_id("step-read").click()
    await expect(page.locator(".pd-evidence")).to_contain_text("INV-2026-17")
    await expect(page.locator(".pd-evidence")).to_contain_text("characters")
    await expect(page.get_by_test_id("document")).to_contain_text("Brightwater Timber Ltd")
    await page.close()


async def _until_dead(owner: Session, recipe: str) -> None:
    page = await owner.page(f"/recipes/{recipe}")
    await expect(page.get_by_text("1 dead").first).to_be_visible()
    await page.close()


INVOICE = """INVOICE

Supplier: Brightwater Timber Ltd
Invoice number: INV-2026-17
Invoice date: 2026-05-04
Currency: EUR

Net: 100.00
Tax: 18.00
Total: 118.00
"""
