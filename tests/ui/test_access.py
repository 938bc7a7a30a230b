"""Connecting by signing in at a service: there and back in a real browser, saying no, and disconnecting."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, expect

from tests.peers.oauth import OAuthPeer, oauth_peer
from tests.ui.hub import Session


@pytest.fixture
async def peer() -> AsyncIterator[OAuthPeer]:
    async with oauth_peer() as running:
        yield running


@pytest.fixture
async def page(owner: Session, peer: OAuthPeer) -> AsyncIterator[Page]:
    """The page of a connection that nobody has connected yet."""
    given = {"name": f"orders {peer.address[-5:]}", "connector": "http", "settings": peer.connection()}
    added = await owner.call("POST", "/connections", given)
    opened = await owner.page(f"/connections/{added['id']}")
    yield opened
    await opened.close()


async def test_connects_and_disconnects(page: Page, peer: OAuthPeer) -> None:
    await expect(page.get_by_text("Not connected yet")).to_be_visible()
    await expect(page.get_by_text("/connections/granted")).to_be_visible()
    await expect(page.get_by_role("heading", name="How to connect")).to_be_visible()
    await page.get_by_test_id("connect").click()
    await expect(page.get_by_text("Connect again")).to_be_visible()
    await expect(page.get_by_role("heading", name="How to connect")).to_have_count(0)
    assert peer.token_requests == ["authorization_code"]
    assert "code=" not in page.url
    await page.get_by_test_id("give-up").click()
    await page.get_by_role("dialog").get_by_role("button", name="Disconnect").click()
    await expect(page.get_by_text("Not connected yet")).to_be_visible()


async def test_saying_no_connects_nothing(page: Page, peer: OAuthPeer) -> None:
    peer.agrees = False
    await page.get_by_test_id("connect").click()
    await expect(page.get_by_text("You did not agree at the service")).to_be_visible()
    await page.get_by_test_id("to-connections").click()
    await expect(page).to_have_url(re.compile(r"/connections$"))


async def test_a_way_back_that_nobody_began_is_refused(owner: Session) -> None:
    page = await owner.page("/connections/granted?state=%3Cscript%3E&code=stolen")
    await expect(page.get_by_text("This way back is not known")).to_be_visible()
    await page.close()
