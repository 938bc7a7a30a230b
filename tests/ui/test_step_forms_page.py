"""Filling in steps in a browser: fields of samples by click, drag and keys, previews, lists, choices, conditions."""

import json
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from tests.ui.hub import Session

DOCUMENT = """
apiVersion: patchdeck/v1
kind: Recipe
metadata: {{name: {name}}}
spec:
  trigger: {{uses: webhook.received}}
  steps:
    - {{id: large, uses: filter, with: {{all: [{{left: "{{{{ trigger.body.total }}}}", is: at_least, right: 1}}]}}}}
    - {{id: keep, uses: dataset.write_rows, with: {{dataset: {name}, mode: insert,
        columns: {{number: "{{{{ trigger.body.number }}}}", who: "none"}}}}}}
"""
EVENTS = (
    {"number": "A-1", "total": 10, "name": "Ann", "lines": [{"sku": "x", "amount": 3}, {"sku": "y", "amount": 4}]},
    {"number": "A-2", "total": "n/a", "name": "Bob", "lines": [{"sku": "z", "amount": 5}]},
)


@pytest.fixture
async def keeping(owner: Session, request: pytest.FixtureRequest):
    """The canvas of a recipe with two samples, with its last step chosen."""
    name = f"forms-{abs(hash(request.node.name)) % 10**9}"
    made = await owner.recipe(DOCUMENT.format(name=name))
    for event in EVENTS:
        await owner.call("POST", f"/recipes/{made['id']}/samples", {"content": {"body": event}, "title": event["name"]})
    page = await owner.page(f"/recipes/{made['id']}/canvas")
    await expect(page.locator("[data-testid=canvas][data-ready=true]")).to_be_visible()
    await page.get_by_test_id("box-keep").click()
    await expect(page.get_by_test_id("columns-value-1")).to_have_value("none")
    yield page, made["id"]
    await page.close()


async def saved(owner: Session, page: Page, recipe: str, index: int = 1) -> dict[str, Any]:
    """Take over what was filled in and return the step as it was stored."""
    status = page.get_by_test_id("save-status")
    before = await status.inner_text()
    await page.get_by_test_id("panel-save").click()
    await expect(status).not_to_have_text(before)
    document = (await owner.call("GET", f"/recipes/{recipe}"))["document"]
    found: dict[str, Any] = document["spec"]["steps"][index]
    return found


def preview(page: Page, field: str) -> Locator:
    """The line below a value."""
    return page.locator(f".pd-takes:has([data-testid={field}]) + .pd-preview")


async def test_a_field_is_written_by_a_click_and_its_values_are_shown(owner: Session, keeping):
    page, recipe = keeping
    await page.get_by_test_id("columns-value-1").fill("")
    await page.get_by_test_id("field-of-trigger.body.name").click()
    await expect(page.get_by_test_id("columns-value-1")).to_have_value("{{ trigger.body.name }}")
    await expect(preview(page, "columns-value-1")).to_contain_text("Bob")
    await page.get_by_test_id("sample-next").click()
    await expect(preview(page, "columns-value-1")).to_contain_text("Ann")
    await expect(page.get_by_test_id("row-preview")).to_contain_text("Ann")
    assert (await saved(owner, page, recipe))["with"]["columns"]["who"] == "{{ trigger.body.name }}"


async def test_a_field_is_dragged_into_a_text_and_replaces_a_value(keeping):
    page, _ = keeping
    value = page.get_by_test_id("columns-value-1")
    await value.fill("To ")
    await page.get_by_test_id("field-of-trigger.body.name").drag_to(value)
    await expect(value).to_have_value("To {{ trigger.body.name }}")
    await value.fill("{{ trigger.body.total }}")
    await page.get_by_test_id("field-of-trigger.body.number").drag_to(value)
    await expect(value).to_have_value("{{ trigger.body.number }}")


async def test_fields_are_found_and_written_by_keys_alone(keeping):
    page, _ = keeping
    await page.get_by_test_id("columns-value-1").fill("")
    await page.keyboard.press("Tab")
    await expect(page.get_by_label("Insert a field into Columns 2")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("find-field")).to_be_focused()
    await page.keyboard.type("nam")
    await page.get_by_test_id("field-of-trigger.body.name").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("columns-value-1")).to_have_value("{{ trigger.body.name }}")


async def test_what_fails_or_does_not_fit_is_told_below_the_value(keeping):
    page, _ = keeping
    value = page.get_by_test_id("columns-value-1")
    await value.fill("{{ trigger.body.nane }}")
    await expect(page.get_by_text("trigger.body has no 'nane'. Did you mean 'name'?")).to_be_visible()
    await value.fill("{{ 5 | divided_by: trigger.body.total }}")
    await page.get_by_text("1 of 2 samples fail").first.click()
    await expect(preview(page, "columns-value-1")).to_contain_text("cannot be rendered")
    await value.fill("{{ trigger.body.name | upcas }}")
    await expect(page.get_by_text("There is no filter 'upcas'.").first).to_be_visible()


async def test_a_filter_is_added_to_the_value_it_changes(keeping):
    page, _ = keeping
    value = page.get_by_test_id("columns-value-1")
    await value.fill("{{ trigger.body.name }}")
    await preview(page, "columns-value-1").get_by_test_id("filters").click()
    await page.get_by_test_id("filter-upcase").click()
    await expect(value).to_have_value("{{ trigger.body.name | upcase }}")
    await expect(preview(page, "columns-value-1")).to_contain_text("BOB")


async def test_a_field_of_a_list_asks_what_is_meant_and_the_answer_can_be_changed(owner: Session, keeping):
    page, recipe = keeping
    await page.get_by_test_id("columns-value-1").fill("")
    await page.get_by_label("lines", exact=True).click()
    await page.get_by_test_id("field-of-trigger.body.lines.amount").click()
    await page.get_by_test_id("lists-rows").click()
    await expect(page.get_by_test_id("columns-value-1")).to_have_value("{{ row.amount }}")
    await expect(page.get_by_text("1 row is written for this sample")).to_be_visible()
    step = await saved(owner, page, recipe)
    assert step["with"]["rows"] == "{{ trigger.body.lines }}"
    await page.get_by_test_id("lists").click()
    await page.get_by_role("option", name="This step once for each element").click()
    await expect(page.get_by_test_id("columns-value-1")).to_have_value("{{ element.amount }}")
    step = await saved(owner, page, recipe)
    assert step["each"] == "{{ trigger.body.lines }}"
    assert "rows" not in step["with"]
    await page.get_by_test_id("lists").click()
    await page.get_by_role("option", name="Once, with whole lists").click()
    whole = '{{ trigger.body.lines | map: "amount" }}'
    await expect(page.get_by_test_id("columns-value-1")).to_have_value(whole)
    assert "each" not in await saved(owner, page, recipe)


async def test_choices_are_loaded_from_the_service_and_same_names_are_mapped(owner: Session, keeping):
    page, recipe = keeping
    await owner.call("POST", "/datasets", {"name": "shop-orders"})
    rows = json.dumps([{"number": "A-0", "name": "Old", "total": 1}])
    await owner.call("POST", "/datasets/shop-orders/import?format=json", text=rows)
    await expect(page.get_by_test_id("field-of-trigger.body.name")).to_be_attached()
    await page.get_by_test_id("choose-dataset").click()
    await page.get_by_test_id("choose-dataset-search").fill("shop")
    await page.get_by_test_id("choice-shop-orders").click()
    await expect(page.get_by_test_id("field-dataset")).to_have_value("shop-orders")
    await page.get_by_test_id("map-same").click()
    await expect(page.get_by_test_id("columns-value-3")).to_be_visible()
    columns = (await saved(owner, page, recipe))["with"]["columns"]
    assert columns["name"] == "{{ trigger.body.name }}"
    assert columns["total"] == "{{ trigger.body.total }}"


async def test_settings_that_mean_nothing_are_hidden_and_problems_stand_at_their_field(owner: Session, keeping):
    page, recipe = keeping
    await expect(page.get_by_test_id("field-key")).to_be_hidden()
    await page.get_by_test_id("field-mode").click()
    await page.get_by_role("option", name="upsert").click()
    await expect(page.get_by_test_id("field-key")).to_be_visible()
    await expect(page.get_by_text("needs key columns").last).to_be_visible()
    await page.get_by_test_id("field-key").fill("number")
    await expect(page.get_by_text("needs key columns")).to_have_count(0)
    assert (await saved(owner, page, recipe))["with"]["key"] == ["number"]


async def test_conditions_are_nested_by_form_with_as_many_operands_as_they_take(owner: Session, keeping):
    page, recipe = keeping
    await page.get_by_test_id("box-large").click()
    await page.get_by_test_id("condition-add-group").click()
    await page.get_by_test_id("condition-1-0-left").fill("{{ trigger.body.total }}")
    await page.get_by_test_id("condition-1-0-is").click()
    await page.get_by_role("option", name="lies between").click()
    await expect(page.get_by_role("option")).to_have_count(0)
    await page.get_by_test_id("condition-1-0-right").fill("5")
    await page.get_by_test_id("condition-1-0-right-high").fill("10")
    await page.get_by_test_id("condition-1-add").click()
    await page.get_by_test_id("condition-1-1-is").click()
    await page.get_by_role("option", name="is one of").click()
    await page.get_by_test_id("condition-1-1-right").fill("EUR\n7")
    step = await saved(owner, page, recipe, 0)
    assert step["with"]["all"][1] == {
        "any": [
            {"left": "{{ trigger.body.total }}", "is": "between", "right": [5, 10]},
            {"left": "{{ trigger.body }}", "is": "in", "right": ["EUR", 7]},
        ]
    }
    assert step["with"]["all"][0] == {"left": "{{ trigger.body.total }}", "is": "at_least", "right": 1}


async def test_the_same_form_stands_in_the_list_on_a_phone(owner: Session, keeping):
    _, recipe = keeping
    page = await owner.browser.new_page()
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.goto(f"{owner.base}/recipes/{recipe}?tab=editor")
    await expect(page.get_by_test_id("step-keep")).to_be_visible()
    await expect(page.locator(".q-drawer")).to_be_hidden()
    await page.get_by_test_id("step-keep").click()
    await page.get_by_test_id("columns-value-1").fill("")
    await page.get_by_test_id("field-of-trigger.body.name").click()
    await expect(page.get_by_test_id("columns-value-1")).to_have_value("{{ trigger.body.name }}")
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
    await page.close()
