"""Building and changing recipes on the canvas, by mouse and by keys."""

import time
from typing import Any

from playwright.async_api import Locator, Page, expect

from tests.ui.documents import ORDERS
from tests.ui.hub import Session


async def test_a_recipe_is_built_by_mouse_published_and_runs(owner: Session):
    page = await owner.page("/recipes/new")
    await page.get_by_test_id("example-drawn").click()
    await page.get_by_test_id("new-name").fill("drawn")
    await page.get_by_test_id("dialog-confirm").click()
    await page.wait_for_url("**/canvas")
    await page.get_by_test_id("box-trigger").click()
    await page.get_by_test_id("panel-trigger").click()
    await page.get_by_test_id("palette-search").fill("webhook")
    await page.get_by_test_id("offer-webhook.received").click()
    await expect(page.get_by_test_id("box-trigger")).to_contain_text("Webhook")
    await page.get_by_test_id("add-after-trigger").click()
    await page.get_by_test_id("choose-dataset.write_rows").click()
    await expect(page.get_by_test_id("panel-title")).to_contain_text("write_rows")
    await page.get_by_test_id("field-dataset").fill("drawn")
    await page.get_by_test_id("insert-trigger-write_rows").click()
    await page.get_by_test_id("chooser-search").fill("set fields")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("box-set")).to_be_visible()
    await page.get_by_test_id("canvas-publish").click()
    await page.get_by_test_id("dialog-confirm").click()
    await page.wait_for_url("**/recipes/rcp_*")
    recipe = await owner.call("GET", "/recipes/drawn")
    assert [step["id"] for step in recipe["document"]["spec"]["steps"]] == ["set", "write_rows"]
    await owner.send(recipe, {"number": "A-1", "total": 12})
    await page.goto(f"{owner.base}/recipes/{recipe['id']}/canvas")
    await expect(page.get_by_test_id("count-write_rows")).to_have_text("1")
    await page.close()


async def _canvas(session: Session, document: str) -> Page:
    made: dict[str, Any] = await session.call("POST", "/recipes", text=document)
    page = await session.page(f"/recipes/{made['id']}/canvas")
    await expect(page.locator("[data-testid=canvas][data-ready=true]")).to_be_visible()
    return page
