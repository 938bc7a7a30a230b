"""Picking the part of a page that a recipe watches, out of what a browser draws of it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, expect

from tests.peers.site import Site, site_peer
from tests.ui.hub import Session

SHOP = """<!DOCTYPE html><html><head><title>Shop</title></head><body><nav id="top">Home Prices Contact</nav>
<main><h1>Nails</h1></main><script>setTimeout(() => document.querySelector('main').insertAdjacentHTML('beforeend',
'<p class="price">4.00 EUR</p><table id="stock"><tr><td>Stock</td><td>12</td></tr></table>'), 200)</script></body>"""


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
    await expect(watching.get_by_test_id("choice-p.price")).to_contain_text("4.00 EUR")
    await expect(watching.get_by_test_id("choice-#stock")).to_contain_text("Stock | 12")
    await watching.get_by_test_id("choose-selector-search").fill("eur")
    await expect(watching.get_by_test_id("choice-#stock")).to_have_count(0)
    await watching.get_by_test_id("choice-p.price").focus()
    await watching.keyboard.press("Enter")
    await expect(watching.get_by_test_id("field-selector")).to_have_value("p.price")


async def test_a_page_that_cannot_be_opened_says_why(watching: Page):
    await watching.get_by_test_id("field-url").fill("http://127.0.0.1:9/")
    await watching.get_by_test_id("choose-selector").click()
    await expect(watching.get_by_test_id("choose-selector-failed")).to_contain_text("127.0.0.1 cannot be reached")
