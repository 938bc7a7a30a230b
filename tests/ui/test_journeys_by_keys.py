"""The same way through the product without a mouse: in the list, by keyboard alone."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, expect

from tests.peers.web import Answer, WebPeer, web_peer
from tests.ui.hub import Session
from tests.ui.typist import Typist


@pytest.fixture
async def shop() -> AsyncIterator[WebPeer]:
    """A service that takes what is sent to it."""
    async with web_peer() as peer:
        peer.always(Answer(json={"ok": True}))
        yield peer


async def test_a_recipe_is_built_tried_published_mended_and_replayed_by_keyboard_alone(owner: Session, shop: WebPeer):
    page = await owner.page("/recipes/new")
    typist = Typist(page)
    await _begin(page, typist)
    await _add(page, typist, "set", "set", "http.send")
    await typist.press("add-fields")
    await typist.write("fields-name-0", "number", by="Shift+Tab")
    await typist.write("fields-value-0", "{{ trigger.body.number | upcase }}")
    await _add(page, typist, "http.send", "send a request", "email.send")
    await typist.write("field-url", f"{shop.base}/orders")
    await typist.write("field-text", "{{ set.number }}")
    await _try(page, typist)
    await typist.press("canvas-publish", by="Shift+Tab")
    await typist.press("dialog-confirm")
    await expect(page.get_by_test_id("save-status")).to_have_text("Saved, the same as version 1")
    recipe = await owner.call("GET", "/recipes/by-keys")
    await owner.send(recipe, {"number": "k-1"})
    await expect(page.get_by_test_id("row-send")).to_contain_text("1 went through")
    shop.always(Answer(status=422, text="no"))
    await owner.send(recipe, {"number": "k-2"})
    await expect(page.get_by_test_id("row-send")).to_contain_text("1 failed here")
    await typist.follow("nav-dead_letters", "**/dead-letters")
    letter = await page.locator(".pd-row", has_text="by-keys").locator("a").get_attribute("data-testid")
    await typist.follow(str(letter), "**/items/**")
    await expect(page.get_by_text("answered 422").first).to_be_visible()
    shop.always(Answer(json={"ok": True}))
    await typist.press("replay-item")
    await typist.press("dialog-confirm")
    await expect(page.get_by_test_id("step-send")).to_contain_text("Done")
    assert [one.body for one in shop.asked] == [b"K-1", b"K-2", b"K-2"]
    await page.close()


async def _begin(page: Page, typist: Typist) -> None:
    """Make a recipe that a webhook starts, and open its list."""
    await typist.press("example-drawn")
    await typist.write("new-name", "by-keys")
    await typist.follow("dialog-confirm", "**/canvas")
    await expect(page.locator("[data-ready=true]")).to_be_visible()
    await typist.follow("to-list", "**/list")
    await expect(page.locator("[data-ready=true]")).to_be_visible()
    await typist.press("row-trigger")
    await typist.press("panel-trigger")
    await expect(page.get_by_test_id("palette-search")).to_be_focused()
    await typist.put("webhook")
    await expect(page.get_by_test_id("offer-web.page_changed")).to_be_hidden()
    await typist.press("offer-webhook.received")
    await expect(page.get_by_test_id("row-trigger")).to_contain_text("Webhook")


async def _add(page: Page, typist: Typist, uses: str, words: str, other: str) -> None:
    """Add a step after the chosen one, once the others are out of the way; the keyboard is then on the new one."""
    await expect(page.get_by_test_id("palette-search")).to_have_count(0)
    await typist.press("do-list_after", by="Shift+Tab")
    await expect(page.get_by_test_id("palette-search")).to_be_focused()
    await typist.put(words)
    await expect(page.get_by_test_id(f"offer-{other}")).to_be_hidden()
    await typist.press(f"offer-{uses}")
    await expect(page.get_by_test_id(f"row-{uses.rpartition('.')[2]}")).to_be_focused()


async def _try(page: Page, typist: Typist) -> None:
    """Try the step that is chosen with a sample given by hand."""
    await typist.press("choose-sample", by="Shift+Tab")
    await typist.press("try-give")
    await typist.write("given-sample", '{"body": {"number": "k-0"}}')
    await typist.press("dialog-confirm")
    await expect(page.get_by_test_id("choose-sample")).to_contain_text("By hand")
    await typist.press("try-step")
    await expect(page.get_by_test_id("tried")).to_contain_text("Done")
