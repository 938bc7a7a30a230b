"""A page that stays open while the hub is stopped and started again."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.ui.documents import ORDERS
from tests.ui.hub import PASSWORD, Session, new_context, running


@pytest.mark.xdist_group("alone")
async def test_an_open_canvas_outlives_a_restart_of_the_hub_with_its_draft(tmp_path: Path, chromium: Browser):
    context = await new_context(chromium)
    page = await context.new_page()
    async with running(tmp_path / "hub") as hub:
        await page.goto(hub.setup_link)
        for field, value in (("name", "Mara"), ("email", "mara@example.test"), ("password", PASSWORD)):
            await page.get_by_test_id(field).fill(value)
        await page.get_by_test_id("workspace").fill("Nordwind")
        await page.get_by_test_id("submit").click()
        await page.wait_for_url(f"{hub.base}/")
        owner = Session(hub.base, context)
        recipe = await owner.recipe(ORDERS.format(name="outliving", title="Outliving"))
        await page.goto(f"{hub.base}/recipes/{recipe['id']}/canvas")
        await page.get_by_test_id("box-keep").click()
        await page.get_by_test_id("step-title").fill("Taken over")
        await page.get_by_test_id("panel-save").click()
        await expect(page.get_by_test_id("box-keep")).to_contain_text("Taken over")
    async with running(tmp_path / "hub", int(hub.base.rpartition(":")[2])):
        steps = (await owner.call("GET", "/recipes/outliving"))["document"]["spec"]["steps"]
        assert steps[1]["title"] == "Taken over"
        await expect(page.get_by_test_id("box-keep")).to_contain_text("Taken over")
        # What others do appears by itself, and what is done here is kept
        theirs = ORDERS.format(name="outliving", title="Outliving").replace("Keep the order", "Back again")
        await owner.call("PUT", "/recipes/outliving", text=theirs)
        await expect(page.get_by_test_id("box-keep")).to_contain_text("Back again")
        await page.get_by_test_id("box-large").click()
        await page.get_by_test_id("step-title").fill("Large ones")
        await page.get_by_test_id("panel-save").click()
        await expect(page.get_by_test_id("save-status")).to_have_text("Saved, revision 4")
        steps = (await owner.call("GET", "/recipes/outliving"))["document"]["spec"]["steps"]
        assert [step["title"] for step in steps] == ["Large ones", "Back again"]
    await context.close()
