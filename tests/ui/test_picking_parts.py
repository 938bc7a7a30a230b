"""Picking the part of a page that a recipe watches, in a list or on a picture of what a browser draws of it."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, expect

from tests.peers.site import Site, site_peer
from tests.ui.accessibility import violations
from tests.ui.hub import Session

# Until a browser has been started and has drawn a page
DRAWN = 120_000
SHOP = """<!DOCTYPE html><html><head><title>Shop</title></head><body><nav id="top">Home Prices Contact</nav>
<main><h1>Nails</h1></main><script>setTimeout(() => document.querySelector('main').insertAdjacentHTML('beforeend',
'<p class="price">4.00 EUR</p><table id="stock"><tr><td>Stock</td><td>12</td></tr></table>'))</script></body>"""


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with site_peer() as running:
        yield running


@pytest.fixture
async def watching(owner: Session, site: Site) -> AsyncIterator[Page]:
    """The canvas of a recipe that watches a page, with its trigger chosen."""
    site.page("/shop", SHOP)
    trigger = {"uses": "web.page_changed", "with": {"url": site.url("/shop", host="127.0.0.1"), "rendered": True}}
    steps = [{"id": "note", "uses": "set", "with": {"fields": {"text": "{{ trigger.after }}"}}}]
    document = {"apiVersion": "patchdeck/v1", "kind": "Recipe", "metadata": {"name": "picked"}}
    made = await owner.recipe(json.dumps({**document, "spec": {"trigger": trigger, "steps": steps}}))
    page = await owner.page(f"/recipes/{made['id']}/canvas")
    await expect(page.locator("[data-testid=canvas][data-ready=true]")).to_be_visible()
    await page.get_by_test_id("box-trigger").click()
    await expect(page.get_by_test_id("field-url")).to_have_value(site.url("/shop", host="127.0.0.1"))
    yield page
    await page.close()


async def test_a_part_is_found_by_its_words_and_taken_by_the_keyboard(watching: Page):
    await watching.get_by_test_id("choose-selector").focus()
    await watching.keyboard.press("Enter")
    await expect(watching.get_by_test_id("choose-selector-list")).to_be_visible()
    await expect(watching.get_by_test_id("choice-p.price")).to_contain_text("4.00 EUR", timeout=DRAWN)
    await expect(watching.get_by_test_id("choice-#stock")).to_contain_text("Stock | 12")
    await watching.get_by_test_id("choose-selector-search").fill("eur")
    await expect(watching.get_by_test_id("choice-#stock")).to_have_count(0)
    await watching.get_by_test_id("choice-p.price").focus()
    await watching.keyboard.press("Enter")
    await expect(watching.get_by_test_id("field-selector")).to_have_value("p.price")


async def test_a_page_that_cannot_be_opened_says_why(watching: Page):
    await watching.get_by_test_id("field-url").fill("http://127.0.0.1:9/")
    await watching.get_by_test_id("choose-selector").click()
    failed = watching.get_by_test_id("choose-selector-failed")
    await expect(failed).to_contain_text("127.0.0.1 cannot be reached", timeout=DRAWN)


async def test_a_part_is_picked_on_the_picture_by_the_mouse(watching: Page, site: Site):
    await watching.get_by_test_id("pick-selector").click()
    price, row = watching.get_by_test_id("box-p.price"), watching.get_by_test_id("part-p.price")
    await expect(price).to_be_visible(timeout=DRAWN)
    await price.hover()
    await expect(row).to_have_class(re.compile("pd-parts-on"))
    await expect(price).to_have_accessible_name(re.compile(r"^Part \d+: 4.00 EUR$"))
    number = await row.get_attribute("data-number")
    assert await price.get_attribute("data-number") == number
    await watching.get_by_test_id("part-#stock").hover()
    await expect(watching.get_by_test_id("box-#stock")).to_have_class(re.compile("pd-parts-on"))
    image = watching.get_by_test_id("parts-picture").get_by_role("img")
    assert await image.evaluate("async image => (await image.decode(), image.naturalWidth)") == 1280
    # The page itself is never part of ours: one picture of our own is all that came of it
    assert (await image.get_attribute("src") or "").startswith("/api/v1/choices/pictures/pic_")
    await price.click()
    await expect(watching.get_by_test_id("field-selector")).to_have_value("p.price")


async def test_a_part_is_picked_on_the_picture_by_the_keyboard(watching: Page):
    await watching.get_by_test_id("pick-selector").focus()
    await watching.keyboard.press("Enter")
    await expect(watching.get_by_test_id("box-#stock")).to_be_visible(timeout=DRAWN)
    await watching.get_by_test_id("find-part").press("Tab")
    await watching.keyboard.press("Home")
    await expect(watching.get_by_test_id("part-#top")).to_be_focused()
    await expect(watching.get_by_test_id("box-#top")).to_have_class(re.compile("pd-parts-on"))
    await watching.keyboard.press("Tab")
    await expect(watching.get_by_test_id("box-#top")).to_be_focused()
    await watching.keyboard.press("End")
    await watching.keyboard.press("ArrowUp")
    await watching.keyboard.press("ArrowUp")
    await expect(watching.get_by_test_id("box-#stock")).to_be_focused()
    await watching.keyboard.press("ArrowUp")
    await expect(watching.get_by_test_id("box-p.price")).to_be_focused()
    await expect(watching.get_by_test_id("part-p.price")).to_have_class(re.compile("pd-parts-on"))
    await watching.keyboard.press("Enter")
    await expect(watching.get_by_test_id("field-selector")).to_have_value("p.price")


async def test_a_page_that_cannot_be_drawn_says_why_and_what_to_do(watching: Page, site: Site):
    await watching.get_by_test_id("field-url").fill(site.url("/gone", host="127.0.0.1"))
    await watching.get_by_test_id("pick-selector").click()
    await expect(watching.get_by_test_id("pick-failed")).to_contain_text("Check the address.", timeout=DRAWN)
    await watching.get_by_test_id("dialog-cancel").click()
    # Which gives the keyboard back to the button
    await expect(watching.get_by_role("dialog")).to_have_count(0)
    await watching.get_by_test_id("field-url").fill(site.url("/shop", host="127.0.0.1"))
    await watching.get_by_test_id("pick-selector").click()
    await expect(watching.get_by_test_id("find-part")).to_be_visible(timeout=DRAWN)
    await watching.get_by_test_id("find-part").fill("eur")
    await expect(watching.get_by_test_id("box-#stock")).to_be_hidden()
    await watching.get_by_test_id("part-p.price").click()
    await expect(watching.get_by_test_id("field-selector")).to_have_value("p.price")


async def test_the_dialog_has_no_barrier_and_fits_a_phone(watching: Page):
    await watching.set_viewport_size({"width": 390, "height": 844})
    await watching.goto(watching.url.replace("/canvas", "/list"))
    await expect(watching.locator("[data-ready=true]")).to_be_visible()
    await watching.get_by_test_id("row-trigger").click()
    await watching.get_by_test_id("pick-selector").click()
    await expect(watching.get_by_test_id("box-p.price")).to_be_visible(timeout=DRAWN)
    rows, picture = watching.get_by_test_id("parts"), watching.get_by_test_id("parts-picture")
    first, second = await rows.bounding_box(), await picture.bounding_box()
    assert first is not None
    assert second is not None
    assert first["y"] + first["height"] <= second["y"]
    assert second["x"] + second["width"] <= 390
    assert [one for one in await violations(watching) if "pd-parts" in one or "part" in one] == []
