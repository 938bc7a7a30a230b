"""Connecting a service as a newcomer does, and finding services and steps among many."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.ui.documents import ORDERS
from tests.ui.hub import Session

KEY = '{\n  "type": "service_account",\n  "private_key": "-----BEGIN\\nabc"\n}'


async def test_what_the_service_wants_first_is_there_before_saving(owner: Session):
    page = await owner.page("/connections/new/google_sheets")
    address = page.get_by_text(re.compile(r"^http\S+/connections/granted$"))
    await expect(address).to_have_text(f"{owner.base}/connections/granted")
    await expect(page.get_by_test_id("copy-redirect")).to_be_visible()
    await expect(page.get_by_role("article")).to_contain_text("redirect address")
    await page.close()


async def test_a_form_asks_in_words_for_what_the_chosen_way_needs(owner: Session):
    page = await owner.page("/connections/new/google_sheets")
    await expect(page.get_by_label("Client id", exact=True)).to_be_visible()
    await _choose_service_account(page)
    await expect(page.get_by_label("Client id", exact=True)).to_be_hidden()
    await expect(page.locator("#content").get_by_text("An account of a Google Cloud project")).to_be_visible()
    await page.close()


async def test_the_lines_of_a_key_are_kept_covered_and_sealed(owner: Session):
    page = await owner.page("/connections/new/google_sheets")
    await page.get_by_test_id("connection-name").fill("lines of a key")
    await _choose_service_account(page)
    key = page.get_by_test_id("field-key")
    await key.fill(KEY)
    await expect(key).to_have_value(KEY)
    await expect(key).to_have_css("-webkit-text-security", "disc")
    await page.get_by_test_id("show-key").click()
    await expect(key).to_have_css("-webkit-text-security", "none")
    await page.get_by_test_id("save-connection").click()
    await page.wait_for_url("**/connections/con_*")
    await expect(page.get_by_text("Set and kept sealed")).to_have_count(1)
    await expect(page.get_by_label("Client id", exact=True)).to_be_hidden()
    await expect(page.get_by_test_id("field-key")).to_have_value("")
    await page.close()


async def test_a_connection_that_waits_for_a_person_is_not_called_refused(owner: Session):
    page = await owner.page("/connections/new/google_drive")
    await page.get_by_test_id("connection-name").fill("waits for a person")
    await page.get_by_test_id("field-client_id").fill("1234.apps.googleusercontent.com")
    await page.get_by_test_id("field-client_secret").fill("s")
    await page.get_by_test_id("save-connection").click()
    await expect(page.get_by_test_id("connect")).to_be_visible()
    await expect(page.get_by_text("Connect it")).to_be_visible()
    await expect(page.get_by_test_id("test-connection")).to_have_count(0)
    await page.close()


@pytest.mark.parametrize(
    ("typed", "found", "gone"),
    [
        ("invoice mails", "gmail", "postgres"),
        ("spreadsheet", "google_sheets", "postgres"),
        ("twitter", "x", "mastodon"),
        ("SFTP", "sftp", "dropbox"),
    ],
)
async def test_services_are_found_by_what_people_call_them(owner: Session, typed: str, found: str, gone: str):
    page = await owner.page("/connectors")
    await page.get_by_test_id("connector-search").fill(typed)
    await expect(page.locator(f"a[href='/connectors/{gone}']")).to_be_hidden()
    await expect(page.locator(f"a[href='/connectors/{found}']")).to_be_visible()
    await page.close()


async def test_the_palette_folds_by_groups_and_remembers_which_are_open(owner: Session):
    made = await owner.call("POST", "/recipes", text=ORDERS.format(name="folding", title="Folding"))
    page = await owner.page(f"/recipes/{made['id']}/canvas")
    await expect(page.get_by_test_id("palette-filter")).to_be_visible()
    await expect(page.get_by_test_id("palette-sftp.write_file")).to_have_count(0)
    await page.get_by_test_id("palette-group Files").press("Enter")
    await expect(page.get_by_test_id("palette-sftp.write_file")).to_be_visible()
    await page.reload()
    await expect(page.get_by_test_id("palette-sftp.write_file")).to_be_visible()
    await page.get_by_test_id("canvas-search").fill("ssh documents")
    await expect(page.get_by_test_id("palette-filter")).to_have_count(0)
    await expect(page.get_by_test_id("palette-sftp.write_file")).to_contain_text("SFTP: Write a file")
    await page.close()


async def _choose_service_account(page: Page) -> None:
    await page.get_by_test_id("field-kind").click()
    await page.get_by_role("option", name="Service account").click()
