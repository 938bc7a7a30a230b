"""Reviewing by keyboard alone, two people where two are asked, approvals, and what waits on every page."""

import asyncio
from pathlib import Path

from playwright.async_api import Page, expect

from tests.ui.hub import Session

# Until a busy machine has read documents
READING = 120_000
SAMPLE = Path(__file__).parents[2] / "hub/demo/samples/rechnung-elektro-de.pdf"
RECIPE = """
apiVersion: patchdeck/v1
kind: Recipe
metadata: {{name: {name}}}
spec:
  trigger: {{uses: manual.submitted}}
  steps:
    - {{id: read, uses: extract, with: {{schema: invoice, source: "{{{{ trigger.file }}}}", engine: local}}}}
    - {{id: check, uses: review, with: {{below: 1.0, always: true{more}}}}}
    - id: keep
      uses: dataset.write_rows
      with: {{dataset: {name}, mode: insert, columns: {{supplier: "{{{{ check.supplier.name }}}}"}}}}
"""
APPROVAL = """
apiVersion: patchdeck/v1
kind: Recipe
metadata: {name: asking}
spec:
  trigger: {uses: webhook.received}
  steps:
    - {id: ask, uses: approve, with: {question: "Pay {{ trigger.body.number }}?"}}
    - id: keep
      uses: dataset.write_rows
      with: {dataset: paid, mode: insert, columns: {number: "{{ trigger.body.number }}"}}
"""


async def test_a_review_is_gone_through_by_keyboard_and_the_corrected_record_goes_on(owner: Session):
    page = await _reviewing(owner, "keyboard", 1)
    await page.keyboard.press("?")
    await expect(page.get_by_text("Accept the record as it stands")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.locator(".q-dialog")).to_have_count(0)
    await expect(page.locator("pd-document .pd-mark").first).to_be_visible()
    await page.locator(".pd-first-fields [data-field='supplier.name']").focus()
    await page.keyboard.press("e")
    await expect(_value(page, "supplier.name")).to_be_focused()
    await page.keyboard.press("Control+a")
    await page.keyboard.type("Lindner Elektro")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("1 value corrected.")).to_be_visible()
    await expect(page.locator(".pd-first-fields [data-field]:focus")).to_have_count(1)
    await expect(page.locator("[data-field='supplier.name']")).not_to_be_focused()
    await page.keyboard.press("a")
    await expect(page.get_by_text("Accepted. The run goes on.")).to_be_visible()
    rows = await _rows(owner, "keyboard", "keyboard")
    assert rows == [{"supplier": "Lindner Elektro"}]
    await page.close()


async def test_a_rejection_asks_why_and_leads_to_the_next_review(owner: Session):
    page = await _reviewing(owner, "rejecting", 2)
    first = page.url
    await page.keyboard.press("r")
    await page.get_by_test_id("reason").fill("Not ours.")
    await page.get_by_test_id("dialog-confirm").click()
    await expect(page).not_to_have_url(first)
    await expect(page.get_by_test_id("accept")).to_be_visible()
    await page.goto(first)
    await expect(page.get_by_text("Mara Lindqvist rejected")).to_be_visible()
    await expect(page.get_by_text("“Not ours.”")).to_be_visible()
    await expect(page.get_by_test_id("accept")).to_have_count(0)
    await page.close()


async def test_two_people_are_told_what_the_first_one_said(owner: Session):
    page = await _reviewing(owner, "by-two", 1, ", people: 2")
    await expect(page.get_by_text("2 people must answer, 0 did")).to_be_visible()
    address = page.url
    await page.keyboard.press("a")
    await expect(page.get_by_text("Kept. Another person must answer too.")).to_be_visible()
    await page.goto(address)
    await expect(page.get_by_text("2 people must answer, 1 did")).to_be_visible()
    await expect(page.get_by_text("Mara Lindqvist accepted with 0 corrections.")).to_be_visible()
    await page.close()


async def test_what_waits_is_counted_in_the_navigation_and_on_the_start_page(owner: Session):
    page = await _reviewing(owner, "counted", 1)
    await page.goto(f"{owner.base}/")
    await expect(page.get_by_test_id("nav-reviews").locator(".pd-pill")).to_be_visible()
    await page.get_by_test_id("home-review").click()
    await expect(page.get_by_test_id("begin-reviews")).to_be_visible()
    await page.close()


async def test_viewers_see_a_review_and_cannot_answer_it(owner: Session, viewer: Session):
    mine = await _reviewing(owner, "watched", 1)
    page = await viewer.page(mine.url.removeprefix(viewer.base))
    await expect(_value(page, "number").first).to_have_attribute("readonly", "")
    await expect(page.get_by_test_id("accept")).to_have_count(0)
    await mine.close()
    await page.close()


async def test_an_approval_shows_the_question_and_lets_the_item_go_on(owner: Session):
    recipe = await owner.recipe(APPROVAL)
    await owner.send(recipe, {"number": "P-7"})
    page = await owner.page("/approvals")
    await expect(page.get_by_text("Pay P-7?").first).to_be_visible()
    await page.locator(".pd-row", has_text="Pay P-7?").locator("a.pd-cover").click()
    await expect(page.locator("h1")).to_have_text("Pay P-7?")
    await page.get_by_test_id("approve").click()
    await expect(page.get_by_text("Approved. The run goes on.")).to_be_visible()
    assert await _rows(owner, "asking", "paid") == [{"number": "P-7"}]
    await page.close()


async def _reviewing(owner: Session, name: str, documents: int, more: str = "") -> Page:
    """Let a recipe ask about documents and open the newest review."""
    recipe = await owner.recipe(RECIPE.format(name=name, more=more))
    await asyncio.gather(*(_submit(owner, recipe["id"], f"{name}-{number}.pdf") for number in range(documents)))
    page = await owner.page("/reviews")
    for number in reversed(range(documents)):
        await expect(page.get_by_role("link", name=f"{name}-{number}.pdf")).to_be_visible(timeout=READING)
    await page.get_by_role("link", name=f"{name}-0.pdf").click()
    await expect(page.locator(".pd-field").first).to_be_visible()
    return page


async def _submit(owner: Session, recipe: str, name: str) -> None:
    kept = await owner.store(name, SAMPLE.read_bytes() + name.encode())
    file = {"file": kept, "name": name, "media_type": "application/pdf"}
    await owner.call("POST", f"/recipes/{recipe}/runs", {"content": {"file": file, "name": name}, "title": name})


async def _rows(owner: Session, recipe: str, dataset: str) -> list[dict[str, str]]:
    page = await owner.page(f"/recipes/{recipe}")
    await expect(page.get_by_text("1 delivered").first).to_be_visible()
    await page.close()
    return [row["values"] for row in (await owner.call("GET", f"/datasets/{dataset}/records"))["items"]]


def _value(page: Page, path: str):
    return page.get_by_test_id(f"input-{path}").locator(".pd-input")
