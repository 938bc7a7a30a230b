"""Home, the first-run tour, the guide and outbound webhooks in the browser."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import expect

from tests.subscriptions.receiver import Receiver, Says, served
from tests.ui.hub import Session

# Reading a document and the first run take seconds, on a busy machine many
READING = 180_000


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with served() as found:
        yield found


async def test_the_tour_ends_with_the_members_own_recipe_running(owner: Session):
    await owner.call("POST", "/tour/restart")
    page = await owner.page("/tour")
    await expect(page.get_by_text("Step 1 of 5")).to_be_visible()
    await page.get_by_test_id("tour-source-manual").check()
    await page.get_by_test_id("tour-next").click()
    await expect(page.get_by_text("Step 2 of 5")).to_be_visible()
    await page.get_by_test_id("tour-skip").click()
    await page.get_by_test_id("tour-table").fill("tour-bills")
    await page.get_by_text("Step 3 of 5").click()
    await page.get_by_test_id("tour-later").click()
    await page.goto(f"{owner.base}/tour")
    await expect(page.get_by_text("Step 3 of 5")).to_be_visible()
    await page.get_by_test_id("tour-next").click()
    await page.get_by_test_id("tour-sample").click()
    await expect(page.get_by_text("This is what was read")).to_be_visible(timeout=READING)
    await page.get_by_test_id("tour-publish").click()
    await expect(page.get_by_text("The record that went out")).to_be_visible(timeout=READING)
    await expect(page.get_by_text("HT-20417").first).to_be_visible()
    rows = (await owner.call("GET", "/datasets/tour-bills/records"))["items"]
    assert rows[0]["values"]["number"] == "HT-20417"
    await page.get_by_test_id("tour-end").click()
    await expect(page.get_by_role("heading", name="Volumes")).to_be_visible()
    await page.close()


async def test_home_tells_volumes_with_their_figures(owner: Session):
    page = await owner.page("/")
    await page.get_by_test_id("volumes-span").get_by_text("24 hours").click()
    await expect(page.get_by_role("img", name="Items in over time", exact=False)).to_be_visible()
    await page.get_by_text("The figures as a table").click()
    await expect(page.locator(".pd-grid-table tbody tr")).to_have_count(24)
    await page.close()


async def test_the_guide_is_searched_and_leads_from_each_page_to_its_part(owner: Session):
    page = await owner.page("/datasets")
    await page.get_by_test_id("help").click()
    await expect(page.get_by_role("heading", name="Datasets")).to_be_visible()
    await page.get_by_test_id("help-search").fill("undo")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("places in the guide say", exact=False)).to_be_visible()
    await page.locator("a", has_text="Webhooks to your programs").first.click()
    await expect(page.locator("article h1")).to_be_visible()
    await page.close()


async def test_a_webhook_is_made_tried_disabled_and_enabled(owner: Session, receiver: Receiver):
    page = await owner.page("/webhooks")
    await page.get_by_test_id("new-webhook").click()
    await page.get_by_test_id("webhook-url").fill(receiver.url)
    await page.get_by_test_id("webhook-about").fill("On call")
    await page.get_by_test_id("family-run").click()
    await page.get_by_test_id("dialog-confirm").click()
    secret = await page.get_by_test_id("once").inner_text()
    receiver.secrets.add(secret)
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("heading", name="On call")).to_be_visible()
    assert secret not in await page.content()
    await page.get_by_test_id("test-webhook").click()
    await expect(page.get_by_text("204", exact=True)).to_be_visible()
    await page.keyboard.press("Escape")
    # Also to what is told of other tests' runs meanwhile
    receiver.always(Says(status=410, body=b"<b>gone</b>"))
    await page.get_by_test_id("test-webhook").click()
    await expect(page.get_by_text("<b>gone</b>")).to_be_visible()
    await page.keyboard.press("Escape")
    await page.reload()
    await expect(page.get_by_text("Nothing is sent: the receiver does not take messages")).to_be_visible()
    receiver.always(Says())
    await page.get_by_test_id("resume").click()
    await expect(page.get_by_text("Active", exact=True)).to_be_visible()
    await page.close()


async def test_viewers_see_no_webhooks(viewer: Session):
    page = await viewer.page("/webhooks")
    await expect(page.get_by_text("Webhooks are for admins")).to_be_visible()
    await page.close()
