"""Trying a draft out beside its steps: listen, try, pin, see what is out of date, plan; also without a drawing."""

from playwright.async_api import Locator, Page, expect

from tests.ui.hub import Session

LINES = """
apiVersion: patchdeck/v1
kind: Recipe
metadata: {{name: {name}, title: {name}}}
spec:
  trigger: {{uses: webhook.received}}
  steps:
    - {{id: named, uses: set, with: {{fields: {{who: "{{{{ trigger.body.customer | upcase }}}}"}}}}}}
    - {{id: lines, uses: set, each: "{{{{ trigger.body.lines }}}}", as: line,
        with: {{fields: {{n: "{{{{ line }}}}"}}}}}}
    - {{id: keep, uses: dataset.write_rows, with: {{dataset: "{name}", mode: upsert, key: [n], rows: "{{{{ lines }}}}",
        columns: {{n: "{{{{ row.n }}}}", who: "{{{{ named.who }}}}"}}}}}}
"""
ORDER = {"customer": "Nordwind", "lines": list(range(120))}


async def test_an_event_is_heard_steps_are_tried_pinned_and_planned(owner: Session):
    await owner.recipe(LINES.format(name="tried"))
    page = await owner.page("/recipes/tried/canvas")
    await _choose(page, "trigger")
    await page.get_by_test_id("try-listen").click()
    address = await page.get_by_test_id("test-hook-url").inner_text()
    await expect(page.get_by_test_id("listening")).to_contain_text("left")
    assert (await owner.browser.request.post(address, data=ORDER)).status == 202
    await expect(_panel(page)).to_contain_text("Nordwind")
    await _choose(page, "keep")
    await page.get_by_test_id("try-step").click()
    await expect(page.get_by_test_id("changes")).to_contain_text("120 to add")
    await expect(page.get_by_test_id("changes")).to_contain_text("NORDWIND")
    assert "tried" not in [one["name"] for one in (await owner.call("GET", "/datasets"))["items"]]
    await _choose(page, "named")
    await page.get_by_test_id("pin-output").click()
    await page.get_by_test_id("edit-pin").click()
    await page.get_by_test_id("pin-json").fill('{"who": "Pinned & <b>bold</b>"}')
    await page.get_by_test_id("dialog-confirm").click()
    await expect(_panel(page)).to_contain_text("<b>bold</b>")
    await _choose(page, "keep")
    await expect(page.get_by_test_id("tried")).to_contain_text("Out of date")
    await page.get_by_test_id("try-step").click()
    await expect(page.get_by_test_id("changes")).to_contain_text("Pinned & <b>bold</b>")
    await expect(page.get_by_test_id("tried")).not_to_contain_text("Out of date")
    await page.get_by_test_id("plan-sample").click()
    await page.wait_for_url("**/runs/**")
    await _is_planned_and_applied(owner, page)
    await page.close()


async def _is_planned_and_applied(owner: Session, page: Page) -> None:
    table = page.get_by_test_id("changes")
    await expect(table).to_contain_text("1–50 of 120")
    await expect(table).to_contain_text("NORDWIND")
    await page.get_by_test_id("changes-next").click()
    await expect(table).to_contain_text("51–100 of 120")
    await page.get_by_test_id("changes-filter").fill("119")
    await expect(table.locator("tbody tr")).to_have_count(1)
    await page.get_by_test_id("apply-plan").click()
    await page.get_by_test_id("dialog-confirm").click()
    await expect(page.get_by_test_id("run-state")).to_contain_text("Done")
    rows = await owner.call("GET", "/datasets/tried/records?limit=1")
    assert "NORDWIND" in str(rows["items"][0])


async def test_in_the_list_one_element_is_tried_with_a_given_sample(owner: Session):
    await owner.recipe(LINES.format(name="tried-in-list"))
    page = await owner.page("/recipes/tried-in-list/list")
    await expect(page.locator("[data-ready=true]")).to_be_visible()
    await page.get_by_test_id("row-lines").click()
    await expect(page.get_by_test_id("panel-title")).to_have_text("lines")
    await page.get_by_test_id("choose-sample").click()
    await page.get_by_test_id("try-give").click()
    await page.get_by_test_id("given-sample").fill("{not json")
    await page.get_by_test_id("dialog-confirm").click()
    await expect(page.get_by_text("This is not valid JSON")).to_be_visible()
    await page.get_by_test_id("given-sample").fill('{"body": {"customer": "Ost", "lines": [7, 8, 9]}}')
    await page.get_by_test_id("dialog-confirm").click()
    await expect(page.get_by_test_id("choose-sample")).to_contain_text("By hand")
    await page.get_by_test_id("try-step").click()
    await expect(page.get_by_test_id("tried")).to_contain_text("Done")
    await page.get_by_test_id("try-element").click()
    await page.get_by_role("option", name="Element 2 of 3").click()
    await page.get_by_test_id("try-step").click()
    await expect(page.get_by_test_id("tried")).to_contain_text("Element 2 of 3")
    tried = (await owner.call("GET", "/recipes/tried-in-list/tries"))["items"]
    assert [one["output"] for one in tried if one["element"] == 1] == [{"n": 8}]
    await page.close()


async def test_who_may_only_look_sees_what_was_tried_and_tries_nothing(owner: Session, viewer: Session):
    await owner.recipe(LINES.format(name="looked-at"))
    await owner.call("POST", "/recipes/looked-at/tries", {"step": "named", "content": {"body": {"customer": "Ost"}}})
    page = await viewer.page("/recipes/looked-at/canvas")
    await _choose(page, "named")
    await expect(page.get_by_test_id("tried")).to_contain_text("Done")
    await expect(page.get_by_test_id("try-step")).to_have_count(0)
    await expect(page.get_by_test_id("pin-output")).to_have_count(0)
    await page.close()


def _panel(page: Page) -> Locator:
    return page.get_by_test_id("panel")


async def _choose(page: Page, step: str) -> None:
    await expect(page.locator("[data-testid=canvas][data-ready=true]")).to_be_visible()
    await page.get_by_test_id(f"box-{step}").click()
    await expect(page.locator(f"[data-testid=panel-title][data-step={step}]")).to_be_visible()
    await expect(page.get_by_test_id("try")).to_be_visible()
