"""Signing in, out, and the links that let people in."""

from playwright.async_api import Page, expect

from tests.ui.hub import PASSWORD, RunningHub, Session


async def test_the_setup_link_makes_an_owner_with_a_workspace(owner: Session):
    page = await owner.page("/")
    await expect(page.get_by_text("Nordwind").first).to_be_visible()
    await expect(page.get_by_text("Owner").first).to_be_visible()
    await page.close()


async def test_the_setup_link_works_once(owner: Session, hub: RunningHub, stranger: Page):
    await stranger.goto(hub.setup_link)
    await expect(stranger.get_by_text("This link does not work any more")).to_be_visible()


async def test_a_page_asks_strangers_to_sign_in_and_brings_them_back(owner: Session, stranger: Page):
    await stranger.goto(f"{owner.base}/schemas")
    await expect(stranger).to_have_url(f"{owner.base}/sign-in?next=/schemas")
    await stranger.get_by_test_id("email").fill("mara@example.test")
    await stranger.get_by_test_id("password").fill(PASSWORD)
    await stranger.get_by_test_id("submit").click()
    await expect(stranger).to_have_url(f"{owner.base}/schemas")


async def test_a_wrong_password_is_refused_in_words(owner: Session, stranger: Page):
    await stranger.goto(f"{owner.base}/sign-in")
    await stranger.get_by_test_id("email").fill("mara@example.test")
    await stranger.get_by_test_id("password").fill("not the password")
    await stranger.get_by_test_id("submit").click()
    await expect(stranger.get_by_role("alert")).to_have_text("E-mail address or password is wrong.")


async def test_signing_in_never_leads_to_another_site(owner: Session, stranger: Page):
    await stranger.goto(f"{owner.base}/sign-in?next=//evil.example/")
    await expect(stranger.locator("form")).to_have_attribute("data-next", "/")


async def test_signing_out_ends_the_session(owner: Session, stranger: Page):
    await stranger.goto(f"{owner.base}/sign-in")
    await stranger.get_by_test_id("email").fill("mara@example.test")
    await stranger.get_by_test_id("password").fill(PASSWORD)
    await stranger.get_by_test_id("submit").click()
    await stranger.get_by_test_id("person").click()
    await stranger.get_by_test_id("sign-out").click()
    await expect(stranger).to_have_url(f"{owner.base}/sign-in")
    await stranger.goto(f"{owner.base}/")
    await expect(stranger).to_have_url(f"{owner.base}/sign-in?next=/")


async def test_a_click_after_the_session_has_ended_does_nothing(owner: Session, stranger: Page):
    recipe = await owner.recipe(PAUSABLE)
    await stranger.goto(f"{owner.base}/sign-in?next=/recipes/pausable")
    await stranger.get_by_test_id("email").fill("mara@example.test")
    await stranger.get_by_test_id("password").fill(PASSWORD)
    await stranger.get_by_test_id("submit").click()
    await stranger.get_by_test_id("more").click()
    await expect(stranger.get_by_test_id("switch")).to_be_visible()
    await stranger.evaluate(PRESSED_AFTERWARDS)
    await expect(stranger).to_have_url(f"{owner.base}/sign-in?next=/recipes/pausable")
    assert (await owner.call("GET", f"/recipes/{recipe['id']}"))["state"] == "live"


# At once, as the page itself finds out soon
PRESSED_AFTERWARDS = """async () => {
  await pd.call("POST", "/api/v1/auth/sign-out");
  document.querySelector("[data-testid=switch]").click();
}"""
PAUSABLE = """
apiVersion: patchdeck/v1
kind: Recipe
metadata: {name: pausable}
spec:
  trigger: {uses: webhook.received}
  steps: [{id: a, uses: set, with: {fields: {x: 1}}}]
"""
