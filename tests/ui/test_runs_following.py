"""Following up on runs: replaying many, dead letters with owner and end, triggers, deliveries, evidence on the page."""

import secrets
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import expect

from tests.peers.web import Answer, WebPeer, web_peer
from tests.ui.documents import POSTING
from tests.ui.hub import Session

FEED = """
apiVersion: patchdeck/v1
kind: Recipe
metadata: {name: silent-feed, title: Silent feed}
spec:
  trigger: {uses: rss.new_entry, with: {url: "http://127.0.0.1:1/feed", every: 1h}}
  steps: [{id: keep, uses: set, with: {fields: {n: 1}}}]
"""


@pytest.fixture
async def shop() -> AsyncIterator[WebPeer]:
    """A service that refuses."""
    async with web_peer() as peer:
        peer.always(Answer(status=422, text="no"))
        yield peer


@pytest.fixture
async def letters(owner: Session, shop: WebPeer) -> dict[str, str]:
    """Three dead letters of a recipe."""
    recipe = await owner.recipe(POSTING.format(name=f"following-{secrets.token_hex(3)}", url=f"{shop.base}/orders"))
    await owner.send(recipe, [{"number": f"F-{number}"} for number in (1, 2, 3)])
    page = await owner.page(f"/recipes/{recipe['id']}")
    await expect(page.get_by_text("3 dead").first).to_be_visible()
    await page.close()
    return recipe


async def test_all_that_match_are_replayed_after_a_preview_and_followed(
    owner: Session, shop: WebPeer, letters: dict[str, str]
):
    page = await owner.page(f"/dead-letters?recipe={letters['id']}")
    await expect(page.get_by_text("answered 422").first).to_be_visible()
    shop.always(Answer(json={"ok": True}))
    await page.get_by_test_id("replay-all").click()
    await expect(page.get_by_test_id("replay-count")).to_have_text("3 items go again.")
    await page.get_by_text("On the newest version").click()
    # The hub has heard of it and counts anew: until then nothing goes
    await expect(page.get_by_role("radio", name="On the newest version")).to_be_checked()
    await expect(page.get_by_test_id("replay-count")).to_have_text("3 items go again.")
    await page.get_by_test_id("dialog-confirm").click()
    await expect(page.get_by_test_id("replay-state")).to_have_text("Done")
    await expect(page.get_by_test_id("replayed-delivered")).to_contain_text("3")
    await page.get_by_test_id("to-runs").click()
    await expect(page.locator(".pd-row", has_text="following").first).to_contain_text("Done")
    await page.close()


async def test_chosen_dead_letters_get_an_owner_and_leave_the_list_with_a_reason(
    owner: Session, letters: dict[str, str]
):
    page = await owner.page(f"/dead-letters?recipe={letters['id']}&q=F-2")
    await page.get_by_role("checkbox", name="Choose F-2").click()
    await page.get_by_test_id("assign").click()
    await page.get_by_test_id("owner").click()
    await page.get_by_role("option", name="Mara Lindqvist").click()
    await page.get_by_test_id("dialog-confirm").click()
    await expect(page.locator(".pd-row", has_text="F-2")).to_contain_text("Mara Lindqvist")
    await page.goto(f"{owner.base}/dead-letters?recipe={letters['id']}&owner=me")
    await expect(page.locator(".pd-row", has_text="F-")).to_have_count(1)
    await page.get_by_role("checkbox", name="Choose F-2").click()
    await page.get_by_test_id("resolve").click()
    await page.get_by_test_id("reason").fill("Booked by hand.")
    await page.get_by_test_id("dialog-confirm").click()
    await expect(page.get_by_text("No dead letter matches")).to_be_visible()
    await page.goto(f"{owner.base}/dead-letters?recipe={letters['id']}&closed=resolved")
    await expect(page.get_by_text("Resolved: Booked by hand.")).to_be_visible()
    await page.close()


async def test_an_item_tells_its_log_and_its_deliveries_are_listed_by_target(owner: Session, letters: dict[str, str]):
    page = await owner.page(f"/dead-letters?recipe={letters['id']}&q=F-3")
    await page.locator(".pd-row", has_text="F-3").locator("a.pd-cover").click()
    await expect(page.get_by_test_id("log")).to_contain_text("Try 1 failed after")
    await page.get_by_test_id("note").fill("They know <i>it</i>.")
    await page.get_by_test_id("keep-note").click()
    await expect(page.get_by_text("The note is kept.")).to_be_visible()
    await page.reload()
    await expect(page.get_by_test_id("note")).to_have_value("They know <i>it</i>.")
    await page.goto(f"{owner.base}/deliveries?target=http.send&state=trouble&recipe={letters['id']}")
    await expect(page.locator(".pd-cols-ledger", has_text="HTTP: Send a request")).to_have_count(3)
    csv = await page.get_by_test_id("csv").get_attribute("href")
    answer = await owner.browser.request.get(f"{owner.base}{csv}")
    assert (await answer.text()).count("http.send") == 3
    await page.close()


async def test_a_failing_trigger_stands_first_and_is_asked_and_paused(owner: Session):
    await owner.recipe(FEED)
    page = await owner.page("/triggers")
    feed = page.locator(".pd-row", has_text="Silent feed")
    await feed.get_by_role("button", name="Ask now").click()
    await expect(feed).to_contain_text("Failing")
    await expect(feed).to_contain_text("cannot be reached")
    await expect(page.locator(".pd-row-link").first).to_contain_text("Failing")
    await page.reload()
    await feed.get_by_role("button", name="Pause").click()
    await expect(feed).to_contain_text("Paused")
    await expect(feed.get_by_role("button", name="Resume")).to_be_visible()
    await page.close()


async def test_a_viewer_is_offered_nothing_that_replays(viewer: Session, letters: dict[str, str]):
    page = await viewer.page(f"/dead-letters?recipe={letters['id']}")
    await expect(page.get_by_text("answered 422").first).to_be_visible()
    await expect(page.get_by_role("checkbox")).to_have_count(0)
    await expect(page.get_by_role("button", name="Replay")).to_have_count(0)
    await page.close()
