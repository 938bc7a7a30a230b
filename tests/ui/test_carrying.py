"""Bringing a flow along from another tool, and comparing a draft with the past, in the browser."""

from pathlib import Path

from playwright.async_api import expect

from tests.ui.documents import ORDERS
from tests.ui.hub import Session

EXPORTS = Path(__file__).parents[1] / "foreign/exports"


async def test_an_export_is_shown_with_its_honest_list_and_becomes_drafts(owner: Session):
    page = await owner.page("/recipes/new")
    await page.get_by_test_id("import-recipe").click()
    await page.wait_for_url("**/recipes/import")
    await page.get_by_test_id("import-file").set_input_files(EXPORTS / "zapfile.json")
    await expect(page.get_by_text("2 recipes from Zapier")).to_be_visible()
    await expect(page.get_by_text("Ran a program.").first).to_be_visible()
    await expect(page.get_by_text("Secret left out")).to_be_visible()
    assert "secret-secret" not in await page.content()
    assert "lead-to-crm" not in [one["name"] for one in (await owner.call("GET", "/recipes"))["items"]]
    await page.get_by_test_id("make-drafts").click()
    await page.wait_for_url("**/recipes")
    await expect(page.get_by_text("Lead to CRM")).to_be_visible()
    made = await owner.call("GET", "/recipes/lead-to-crm")
    assert (made["state"], made["version"], len(made["problems"]) > 0) == ("draft", None, True)
    await page.close()


async def test_a_file_that_is_no_export_is_refused_with_a_sentence(owner: Session):
    page = await owner.page("/recipes/import")
    await page.get_by_test_id("import-file").set_input_files(
        {"name": "x.json", "mimeType": "application/json", "buffer": b"<b>no</b>"}
    )
    await expect(page.get_by_text("This is not JSON")).to_be_visible()
    await expect(page.get_by_test_id("make-drafts")).to_have_count(0)
    await page.close()


async def test_a_draft_is_compared_with_the_past_from_the_publish_dialog(owner: Session):
    recipe = await owner.recipe(ORDERS.format(name="past", title="Compared orders"))
    await owner.send(recipe, [{"number": f"P-{number}", "total": number} for number in (20, 30)])
    await expect((waiting := await owner.page(f"/recipes/{recipe['id']}")).get_by_text("2 delivered")).to_be_visible()
    await waiting.close()
    changed = ORDERS.format(name="past", title="Compared orders").replace('total }}"}', 'total | plus: 7 }}"}')
    await owner.call("PUT", f"/recipes/{recipe['id']}", text=changed)
    page = await owner.page(f"/recipes/{recipe['id']}")
    await page.get_by_test_id("publish").click()
    await page.get_by_test_id("to-past").click()
    await page.get_by_test_id("start-comparison").click()
    await expect(page.get_by_text("2 items differ")).to_be_visible()
    await expect(page.get_by_text("2 of 2 items")).to_be_visible()
    await expect(page.locator(".pd-old").first).to_have_text("30")
    await expect(page.locator(".pd-new").first).to_have_text("37")
    rows = await owner.call("GET", "/datasets/past/records")
    assert sorted(row["values"]["total"] for row in rows["items"]) == [20, 30]
    await page.close()
