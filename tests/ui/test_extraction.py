"""From a dropped scan to values with their places, corrected, learnt, and found again in the next document."""

import re
from pathlib import Path

from playwright.async_api import FilePayload, Page, expect

from tests.ui.hub import Session
from tests.ui.scans import scan, two_pages

# Reading a scan takes seconds, on a busy machine many.
READING = 120_000
RESULT = re.compile(r"/extractions/ext_\w+$")


async def test_a_new_user_corrects_a_scan_and_the_next_of_its_layout_is_read_like_it(owner: Session):
    page = await owner.page("/extractions")
    await page.get_by_test_id("try-extraction").first.click()
    await _extract(page, "first.png", scan("BT-2026-041", "KQ-7731", 1250.0))
    await expect(_value(page, "number")).to_have_value("BT-2026-041")
    await expect(_value(page, "total")).to_have_value("1500.00")
    await expect(_mark(page, "total")).to_be_visible()
    picture = page.locator("pd-document .pd-doc-sheet img")
    await expect(page.locator(".pd-doc-sheet.pd-doc-waits")).to_have_count(0)
    assert await picture.evaluate("one => one.naturalWidth") >= 700
    await _value(page, "total").focus()
    await expect(_mark(page, "total")).to_have_class(re.compile("pd-chosen"))
    await expect(_value(page, "purchase_order")).to_have_value("")
    await _value(page, "purchase_order").fill("KQ-7731")
    await _value(page, "purchase_order").press("Enter")
    await expect(page.get_by_text("Learnt: the next document of this layout is read like this one")).to_be_visible()
    await expect(_mark(page, "purchase_order")).to_be_visible()
    await expect(page.locator(".pd-new", has_text="KQ-7731")).to_be_visible()
    await page.goto(f"{owner.base}/extractions/new")
    await _extract(page, "second.png", scan("BT-2026-042", "KQ-8842", 980.5))
    await expect(_value(page, "purchase_order")).to_have_value("KQ-8842")
    await expect(page.locator("[data-field=purchase_order]")).to_contain_text("learnt")
    await expect(page.get_by_text("1 value comes from what was learnt of this layout")).to_be_visible()
    await page.get_by_test_id("to-layout").click()
    await expect(page.get_by_text("Purchase order: right of “yard mark”")).to_be_visible()
    await page.close()


async def test_a_box_drawn_on_the_page_gives_the_chosen_field_its_value(owner: Session):
    page = await _text_invoice(owner, "drawn.pdf")
    await _value(page, "purchase_order").focus()
    sheet = page.locator(".pd-doc-sheet")
    await expect(page.locator(".pd-doc-sheet.pd-doc-waits")).to_have_count(0)
    room = await _mark(page, "number").bounding_box()
    assert room is not None
    await page.get_by_test_id("draw-place").click()
    await page.mouse.move(room["x"] - 3, room["y"] - 3)
    await page.mouse.down()
    await page.mouse.move(room["x"] + room["width"] + 3, room["y"] + room["height"] + 3, steps=4)
    await page.mouse.up()
    await expect(_value(page, "purchase_order")).to_have_value(await _value(page, "number").input_value())
    await expect(page.locator("[data-field=purchase_order]")).to_contain_text("person")
    await expect(sheet).not_to_have_class(re.compile("pd-doc-draws"))
    await page.close()


async def test_a_click_on_a_place_leads_to_its_field_and_back(owner: Session):
    page = await _text_invoice(owner, "clicked.pdf")
    await _mark(page, "issue_date").click()
    await expect(_value(page, "issue_date")).to_be_focused()
    await _value(page, "issue_date").press("Enter")
    await expect(_value(page, "due_date")).to_be_focused()
    await expect(_mark(page, "due_date")).to_have_class(re.compile("pd-chosen"))
    await page.close()


async def test_a_correction_is_kept_with_its_history_and_taken_back(owner: Session):
    page = await _text_invoice(owner, "history.pdf")
    before = await _value(page, "currency").input_value()
    await _value(page, "currency").fill("NOK")
    await _value(page, "currency").press("Enter")
    row = page.locator(".pd-row", has=page.locator(".pd-new", has_text="NOK"))
    await expect(row).to_contain_text("Mara Lindqvist")
    await expect(row.locator(".pd-old")).to_have_text(before)
    await row.get_by_test_id("undo currency").click()
    await expect(_value(page, "currency")).to_have_value(before)
    await expect(page.get_by_text("taken back", exact=True)).to_be_visible()
    await page.close()


async def test_a_value_that_does_not_fit_is_refused_and_what_was_typed_stays(owner: Session):
    page = await _text_invoice(owner, "refused.pdf")
    await _value(page, "issue_date").fill("the day before yesterday")
    await _value(page, "issue_date").press("Enter")
    await expect(page.locator(".pd-toast-bad")).to_be_visible()
    await expect(_value(page, "issue_date")).to_have_value("the day before yesterday")
    await page.reload()
    await expect(_value(page, "issue_date")).to_have_value("2026-02-05")
    await page.close()


async def test_lines_are_corrected_added_and_taken_out_in_the_grid(owner: Session):
    page = await _text_invoice(owner, "lines.pdf")
    rows = page.locator(".pd-cells tbody tr:not(.pd-new-row)")
    before = await rows.count()
    await _value(page, f"lines[{before}].description").fill("Delivery")
    await _value(page, f"lines[{before}].description").press("Enter")
    await expect(rows).to_have_count(before + 1)
    await expect(_value(page, f"lines[{before}].description")).to_have_value("Delivery")
    await rows.last.hover()
    await page.get_by_test_id(f"remove-lines-{before}").click()
    await expect(rows).to_have_count(before)
    await page.close()


async def test_a_verdict_is_kept_and_the_history_is_narrowed_by_it(owner: Session):
    page = await _text_invoice(owner, "judged.pdf")
    await page.get_by_test_id("verdict-correct").click()
    await expect(page.get_by_test_id("verdict-correct")).to_have_attribute("aria-pressed", "true")
    await page.goto(f"{owner.base}/extractions?verdict=correct&q=judged")
    await expect(page.locator("a.pd-cover")).to_have_count(1)
    await page.goto(f"{owner.base}/extractions?verdict=incorrect&q=judged")
    await expect(page.get_by_text("Take a filter away")).to_be_visible()
    await page.close()


async def test_extracting_again_shows_both_results_side_by_side(owner: Session):
    page = await _text_invoice(owner, "again.pdf")
    await page.get_by_test_id("repeat").click()
    await page.get_by_test_id("dialog-confirm").click()
    await expect(page.get_by_text("Both found the same")).to_be_visible(timeout=READING)
    await page.close()


async def test_viewers_see_every_value_and_change_none(owner: Session, viewer: Session):
    mine = await _text_invoice(owner, "looked-at.pdf")
    address = mine.url
    await mine.close()
    page = await viewer.page(address.removeprefix(viewer.base))
    await expect(_value(page, "number")).to_have_attribute("readonly", "")
    await expect(_mark(page, "number")).to_be_visible()
    await expect(page.get_by_test_id("verdict-correct")).to_have_count(0)
    await expect(page.get_by_test_id("draw-place")).to_have_count(0)
    await page.goto(f"{viewer.base}/extractions/new")
    await expect(page.get_by_text("Viewers look at extractions; editors make them.")).to_be_visible()
    await page.close()


async def test_markup_in_a_document_is_shown_as_text_and_never_runs(owner: Session):
    page = await owner.page("/extractions/new")
    await _extract(page, "<img src=x onerror=alert(1)>.txt", HOSTILE)
    await expect(page.locator(".pd-doc-text")).to_contain_text("<script>document.title='stolen'</script>")
    await expect(_value(page, "number")).to_have_value("INV-99")
    assert await page.locator("img[src=x]").count() == 0
    assert "stolen" not in await page.title()
    await page.close()


async def test_a_text_is_marked_where_its_values_stand_and_takes_a_selection(owner: Session):
    page = await owner.page("/extractions/new")
    await _extract(page, "plain.txt", PLAIN)
    await expect(page.locator("mark[data-mark=number]")).to_have_text("INV-2026-17")
    await _value(page, "purchase_order").focus()
    await page.evaluate(_SELECT, "KQ-5510")
    await expect(_value(page, "purchase_order")).to_have_value("KQ-5510")
    await expect(page.locator("mark[data-mark=purchase_order]")).to_have_text("KQ-5510")
    await page.close()


async def test_a_transcript_shows_when_each_line_was_said_and_marks_its_values(owner: Session):
    page = await owner.page("/extractions/new")
    await expect(page.locator("#content")).to_be_visible()
    await page.evaluate(_TRANSCRIPT)
    await expect(page.locator(".pd-doc-transcript li")).to_have_count(2)
    await expect(page.locator(".pd-doc-time").last).to_have_text("1:05")
    await expect(page.locator("mark[data-mark=total]")).to_have_text("forty euros")
    await page.close()


async def _width(page: Page) -> float:
    """How wide the sheet is shown, in pixels."""
    box = await page.locator(".pd-doc-sheet").bounding_box()
    assert box is not None
    return box["width"]


async def test_pages_are_turned_and_enlarged_by_keyboard(owner: Session):
    page = await owner.page("/extractions/new")
    await _extract(page, "two-pages.pdf", two_pages())
    await expect(page.get_by_test_id("page-number")).to_have_text("1 of 2")
    await page.locator(".pd-doc-stage").focus()
    await page.keyboard.press("PageDown")
    await expect(page.get_by_test_id("page-number")).to_have_text("2 of 2")
    await expect(page.get_by_test_id("thumb-2")).to_have_attribute("aria-selected", "true")
    width = await _width(page)
    await page.keyboard.press("+")
    assert await _width(page) > width * 1.2
    await page.keyboard.press("0")
    await _value(page, "number").focus()
    await expect(page.get_by_test_id("page-number")).to_have_text("1 of 2")
    await page.close()


async def _extract(page: Page, name: str, content: bytes) -> None:
    await page.get_by_test_id("choose-files").set_input_files(FilePayload(name=name, mimeType="", buffer=content))
    await page.get_by_test_id("extract").click()
    await page.wait_for_url(RESULT, timeout=READING)


async def _text_invoice(owner: Session, name: str) -> Page:
    """Extract from a PDF with a text layer, each time of another name, so that nothing is shared."""
    page = await owner.page("/extractions/new")
    await _extract(page, name, SAMPLE.read_bytes() + f"\n%{name}".encode())
    await expect(_value(page, "number")).not_to_have_value("")
    return page


def _value(page: Page, path: str):
    return page.get_by_test_id(f"input-{path}").locator(".pd-input")


def _mark(page: Page, path: str):
    return page.locator(f'pd-document [data-mark="{path}"] rect').first.locator("xpath=..")


SAMPLE = Path(__file__).parents[2] / "hub/demo/samples/rechnung-elektro-de.pdf"
HOSTILE = b"""INVOICE
Invoice number: INV-99
Supplier: <script>document.title='stolen'</script>
<img src=x onerror="document.title='stolen'">
Total: 10.00 EUR
"""
PLAIN = b"""INVOICE

Supplier: Brightwater Timber Ltd
Invoice number: INV-2026-17
Invoice date: 2026-05-04
Yard mark KQ-5510
Total: 118.00 EUR
"""
_TRANSCRIPT = """() => {
  const view = document.createElement("pd-document");
  const text = "Good morning.\\nIt was forty euros.";
  const say = { stage: "", play: "Play from {time}", transcript: "", sound: "" };
  view.content = {
    name: "call.wav", version: [], pages: [], text, say, tools: { draw: false }, sound: "",
    segments: [{ start: 0.4, end: 2, from: 0, until: 13 }, { start: 65.2, end: 68, from: 14, until: 33 }],
    marks: [{ field: "total", title: "Total", about: "40", tone: "ok", characters: [21, 32], seconds: [65.9, 67] }],
  };
  document.querySelector("#content").append(view);
}"""
_SELECT = """(words) => {
  const piece = [...document.querySelectorAll(".pd-doc-text span")].find((one) => one.textContent.includes(words));
  const at = piece.textContent.indexOf(words), range = document.createRange();
  range.setStart(piece.firstChild, at);
  range.setEnd(piece.firstChild, at + words.length);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
  document.querySelector(".pd-doc-text").dispatchEvent(new MouseEvent("mouseup", { bubbles: true }));
}"""
