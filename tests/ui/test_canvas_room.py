"""The room that a drawing has: what makes way for it, and what is brought into sight."""

from playwright.async_api import expect

from tests.ui.documents import LONG
from tests.ui.hub import Session


async def test_the_navigation_makes_room_for_a_drawing_until_somebody_wants_its_names(owner: Session):
    page = await owner.page("/recipes/new")
    recipes = page.get_by_test_id("nav-recipes")
    await expect(recipes).to_have_css("justify-content", "normal")
    await page.get_by_test_id("example-drawn").click()
    await page.get_by_test_id("new-name").fill("roomy")
    await page.get_by_test_id("dialog-confirm").click()
    await page.wait_for_url("**/canvas")
    await expect(recipes).to_have_css("justify-content", "center")
    await expect(recipes).to_have_accessible_name("Recipes")
    await expect(page.get_by_text("What shall happen?")).to_be_visible()
    await page.get_by_role("button", name="Show the names").click()
    await expect(recipes).to_have_css("justify-content", "normal")
    await page.wait_for_function("document.cookie.includes('patchdeck_navigation=wide')")
    await page.reload()
    await expect(page.get_by_role("button", name="Icons only")).to_be_visible()
    await page.context.clear_cookies(name="patchdeck_navigation")
    await page.close()


async def test_a_step_that_is_put_in_out_of_sight_comes_into_sight(owner: Session):
    fewer = "\n".join(LONG.replace("name: long", "name: farther").splitlines()[:30])
    made = await owner.call("POST", "/recipes", text=fewer)
    page = await owner.page(f"/recipes/{made['id']}/canvas")
    await expect(page.locator("[data-testid=canvas][data-ready=true]")).to_be_visible()
    await page.get_by_test_id("canvas-search").fill("wait")
    await page.get_by_test_id("canvas-search").press("Enter")
    await expect(page.get_by_test_id("box-wait")).to_be_in_viewport(ratio=1)
    await expect(page.get_by_test_id("box-wait")).to_contain_text("Go on later")
    await page.close()
