"""Many documents at once, locked ones, texts, pages of the web, and what is refused before it is sent."""

import asyncio
import re

from playwright.async_api import FilePayload, Page, Route, expect

from tests.peers.web import Answer, web_peer
from tests.ui.hub import Session
from tests.ui.scans import locked, scan

READING = 120_000
RESULT = re.compile(r"/extractions/ext_\w+$")
WORD = "open sesame 7"


async def test_many_documents_are_extracted_in_the_background_with_progress(owner: Session):
    page = await owner.page("/extractions/new")
    files = [_file(f"many-{number}.txt", _invoice(number)) for number in range(4)]
    await page.get_by_test_id("choose-files").set_input_files(files)
    await expect(page.get_by_test_id("extract")).to_have_text("Extract 4 documents")
    await page.get_by_test_id("extract").click()
    await page.wait_for_url(re.compile(r"/batches/bat_\w+$"))
    await expect(page.get_by_text("4 of 4 done, 0 failed")).to_be_visible(timeout=READING)
    await expect(page.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "4")
    await page.get_by_role("link", name="many-2.txt").click()
    await expect(page.get_by_test_id("input-number").locator(".pd-input")).to_have_value("INV-2")
    await page.close()


async def test_a_file_that_cannot_be_read_says_why_and_the_others_go_on(owner: Session):
    page = await owner.page("/extractions/new")
    broken = _file("broken.pdf", b"%PDF-1.7 this ends too early")
    arriving = asyncio.Event()

    async def late(route: Route) -> None:
        await arriving.wait()
        await route.continue_()

    await page.route("**/files/?name=sound.txt", late)
    await page.get_by_test_id("choose-files").set_input_files([broken, _file("sound.txt", _invoice(77))])
    await expect(page.get_by_text("Ready, 1 KB")).to_be_visible()
    # Nobody extracts from one of two because the other is still on its way
    await expect(page.get_by_test_id("extract")).to_have_text("Extract 2 documents")
    await expect(page.get_by_test_id("extract")).to_be_disabled()
    arriving.set()
    await page.get_by_test_id("extract").click()
    await expect(page.get_by_text("1 of 2 done, 1 failed")).to_be_visible(timeout=READING)
    await expect(page.locator(".pd-row", has_text="broken.pdf").locator(".pd-bad")).not_to_be_empty()
    await expect(page.get_by_test_id("retry-batch")).to_be_visible()
    await page.close()


async def test_an_empty_file_is_refused_before_it_is_sent(owner: Session):
    page = await owner.page("/extractions/new")
    await page.get_by_test_id("choose-files").set_input_files(_file("empty.pdf", b""))
    await expect(page.get_by_text("This file is empty.")).to_be_visible()
    await expect(page.get_by_test_id("extract")).to_be_hidden()
    await page.close()


async def test_a_locked_document_asks_for_its_password(owner: Session):
    page = await owner.page("/extractions/new")
    await page.get_by_test_id("choose-files").set_input_files(_file("locked.pdf", locked(WORD)))
    await page.get_by_test_id("extract").click()
    await expect(page.get_by_test_id("document-password")).to_be_visible(timeout=READING)
    await page.get_by_test_id("document-password").fill("not this one")
    await page.get_by_test_id("document-password").press("Enter")
    await expect(page.get_by_test_id("document-password")).to_have_value("", timeout=READING)
    await page.get_by_test_id("document-password").fill(WORD)
    await page.get_by_test_id("document-password").press("Enter")
    await page.wait_for_url(RESULT, timeout=READING)
    assert WORD not in await page.content()
    await page.close()


async def test_a_scan_is_turned_and_cropped_before_it_is_read(owner: Session):
    page = await owner.page("/extractions/new")
    picture = scan("BT-2026-050", "KQ-1", 10.0)
    await page.get_by_test_id("choose-files").set_input_files(_file("crop.png", picture))
    await page.get_by_test_id("trim crop.png").click()
    sheet = page.locator(".q-dialog .pd-doc-sheet:not(.pd-doc-waits)")
    await expect(sheet).to_be_visible(timeout=READING)
    await page.get_by_test_id("draw-place").click()
    await expect(page.get_by_test_id("draw-place")).to_have_attribute("aria-pressed", "true")
    room = await sheet.bounding_box()
    assert room is not None
    await page.mouse.move(room["x"] + 2, room["y"] + 2)
    await page.mouse.down()
    await page.mouse.move(room["x"] + room["width"] - 2, room["y"] + room["height"] * 0.35, steps=4)
    await page.mouse.up()
    await expect(page.get_by_text("Only this part is read.")).to_be_visible()
    await page.get_by_test_id("dialog-confirm").click()
    await expect(page.get_by_text("cropped or turned")).to_be_visible()
    await page.get_by_test_id("extract").click()
    await page.wait_for_url(RESULT, timeout=READING)
    await expect(page.get_by_test_id("input-number").locator(".pd-input")).to_have_value("BT-2026-050")
    await expect(page.get_by_test_id("input-total").locator(".pd-input")).to_have_value("")
    await page.close()


async def test_a_pasted_text_is_extracted_at_once(owner: Session):
    page = await owner.page("/extractions/new")
    await page.get_by_role("tab", name="Text").click()
    await page.get_by_test_id("pasted").fill(_invoice(5).decode())
    await page.get_by_test_id("extract-text").click()
    await page.wait_for_url(RESULT, timeout=READING)
    await expect(page.locator("mark[data-mark=number]")).to_have_text("INV-5")
    await page.close()


async def test_a_page_of_the_web_is_fetched_and_extracted(owner: Session):
    async with web_peer() as peer:
        peer.always(Answer(text=WEB, headers={"Content-Type": "text/html"}))
        page = await owner.page("/extractions/new")
        await page.get_by_role("tab", name="Web pages").click()
        await page.get_by_test_id("addresses").fill(f"{peer.base}/invoice")
        await page.get_by_test_id("fetch").click()
        await expect(page.get_by_test_id("extract")).to_be_visible(timeout=READING)
        await page.get_by_test_id("extract").click()
        await page.wait_for_url(RESULT, timeout=READING)
    await expect(page.get_by_test_id("input-number").locator(".pd-input")).to_have_value("INV-WEB-1")
    await page.close()


async def test_what_was_read_is_put_right_before_extraction(owner: Session):
    page = await owner.page("/extractions/new")
    await _extract(page, "misread.txt", _invoice(8))
    await page.get_by_test_id("more").click()
    await page.get_by_test_id("to-reading").click()
    await page.get_by_test_id("edit-text").click()
    await page.get_by_test_id("reading-text").fill(_invoice(9).decode())
    await page.get_by_test_id("keep-text").click()
    await expect(page.get_by_text("A person put this text right.")).to_be_visible()
    await page.get_by_test_id("restore").click()
    await page.get_by_test_id("dialog-confirm").click()
    await expect(page.locator(".pd-reading")).to_contain_text("INV-8")
    await page.close()


async def test_a_preview_says_so_and_is_kept_on_wish(owner: Session):
    page = await owner.page("/extractions/new")
    await page.get_by_text("More settings").click()
    await page.get_by_test_id("preview").click()
    await _extract(page, "previewed.txt", _invoice(31))
    await expect(page.get_by_text("This is a preview")).to_be_visible()
    await page.get_by_test_id("keep-preview").click()
    await expect(page.get_by_text("This is a preview")).to_have_count(0)
    await page.goto(f"{owner.base}/extractions?q=previewed")
    await expect(page.locator("a.pd-cover")).to_have_count(1)
    await page.close()


async def test_two_ways_of_extracting_are_compared_file_by_file(owner: Session):
    page = await owner.page("/extractions/new")
    await page.get_by_text("More settings").click()
    await page.get_by_label("Also in another way, to compare").click()
    await page.get_by_role("option", name="Without a model").click()
    await page.get_by_test_id("choose-files").set_input_files(_file("both-ways.txt", _invoice(41)))
    await page.get_by_test_id("extract").click()
    await page.wait_for_url(re.compile(r"/batches/bat_\w+$"))
    await expect(page.get_by_text("1 of 1 done, 0 failed")).to_be_visible(timeout=READING)
    await page.reload()
    await expect(page.get_by_text("0 documents with differences")).to_be_visible(timeout=READING)
    await page.close()


async def test_settings_are_kept_as_a_template_and_offered_again(owner: Session):
    page = await owner.page("/extractions/new?schema=receipt")
    await page.get_by_text("More settings").click()
    await page.get_by_test_id("keep-template").click()
    await page.get_by_test_id("template-name").fill("Petty cash")
    await page.get_by_test_id("dialog-confirm").click()
    await expect(page.get_by_text("Kept. It is offered")).to_be_visible()
    await page.goto(f"{owner.base}/extractions/new")
    await page.get_by_label("Template").click()
    await page.get_by_role("option", name="Petty cash").click()
    await expect(page.get_by_label("Which values")).to_have_value("Receipt")
    await page.goto(f"{owner.base}/templates")
    await page.get_by_test_id("delete petty-cash").click()
    await page.get_by_test_id("dialog-confirm").click()
    await expect(page.get_by_text("No templates yet")).to_be_visible()
    await page.close()


async def test_chosen_extractions_are_compared_and_deleted(owner: Session):
    page = await owner.page("/extractions/new")
    await _extract(page, "chosen-1.txt", _invoice(51))
    await page.goto(f"{owner.base}/extractions/new")
    await _extract(page, "chosen-2.txt", _invoice(52))
    await page.goto(f"{owner.base}/extractions?q=chosen")
    await page.get_by_label("Choose chosen-1.txt").click()
    await page.get_by_label("Choose chosen-2.txt").click()
    await page.get_by_test_id("compare").click()
    await expect(page.locator(".pd-plain-table")).to_contain_text("INV-52")
    await page.goto(f"{owner.base}/extractions?q=chosen")
    await page.get_by_label("Choose chosen-1.txt").click()
    await page.get_by_test_id("delete-ticked").click()
    await page.get_by_test_id("dialog-confirm").click()
    await expect(page.locator("a.pd-cover")).to_have_count(1)
    await page.close()


async def _extract(page: Page, name: str, content: bytes) -> None:
    await page.get_by_test_id("choose-files").set_input_files(_file(name, content))
    await page.get_by_test_id("extract").click()
    await page.wait_for_url(RESULT, timeout=READING)


def _file(name: str, content: bytes) -> FilePayload:
    return FilePayload(name=name, mimeType="", buffer=content)


def _invoice(number: int) -> bytes:
    return f"INVOICE\n\nInvoice number: INV-{number}\nInvoice date: 2026-05-04\nTotal: {number + 10}.00 EUR\n".encode()


WEB = "<html><body><h1>Invoice</h1><p>Invoice number: INV-WEB-1</p><p>Total: 12.00 EUR</p></body></html>"
