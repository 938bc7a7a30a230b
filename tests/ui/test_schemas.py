"""Schemas from the browser: suggested, imported, changed, compared, put to use, held against known documents."""

import re
from typing import Any

import msgspec
import pytest
from playwright.async_api import FilePayload, Page, expect

from tests.ui.hub import Session

READING = 120_000
OWN = re.compile(r"/schemas/sch_\w+$")
VERSIONS = re.compile(r"/schemas/sch_\w+\?tab=versions$")
NOTE = "Yard note\nTicket number: {ticket}\nYard master: {person}\nLoaded weight: {weight} kg\nDeparture: {day}\n"
TWO = [
    NOTE.format(ticket="YN-4411", person="Ida Holm", weight="1840", day="2026-03-04"),
    NOTE.format(ticket="YN-4412", person="Per Lund", weight="960", day="2026-03-09"),
]
LOSSY = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Parcel",
    "type": "object",
    "required": ["tracking"],
    "properties": {
        "tracking": {"type": "string", "pattern": "^P[0-9]+$"},
        "weight": {"type": "number", "multipleOf": 0.5},
        "anything": {"type": "object", "patternProperties": {"^x-": {"type": "string"}}},
    },
}
PLAIN = """
apiVersion: patchdeck/v1
kind: Schema
metadata: {{name: {name}, title: {title}}}
spec:
  fields:
    - {{name: ticket, title: Ticket, labels: [Ticket number]}}
    - {{name: weight, title: Weight, type: number, labels: [Loaded weight]}}
    - {{name: departure, title: Departure, type: date, labels: [Departure]}}
"""


async def test_two_documents_become_a_schema_that_is_changed_tried_activated_compared_and_restored(owner: Session):
    page = await owner.page("/schemas")
    await page.get_by_test_id("new-schema").click()
    await page.get_by_test_id("choose-files").set_input_files([_note(0), _note(1)])
    await expect(page.get_by_test_id("leave note-1.txt")).to_be_visible()
    await page.get_by_test_id("suggest").click()
    await expect(page.get_by_test_id("suggested")).to_contain_text("YN-4411", timeout=READING)
    await expect(page.get_by_test_id("suggested")).to_contain_text("in 2 of 2")
    await page.get_by_test_id("keep yard_master").click()
    await page.get_by_test_id("title ticket_number").fill("Ticket")
    await page.get_by_test_id("about-name").fill("yard_note")
    await page.get_by_test_id("about-title").fill("Yard note")
    await page.get_by_test_id("store-schema").click()
    await page.wait_for_url(OWN)
    await expect(page.get_by_test_id("field ticket_number")).to_contain_text("Ticket")
    await expect(page.get_by_test_id("field yard_master")).to_have_count(0)
    await page.get_by_test_id("field loaded_weight").click()
    await page.get_by_test_id("attribute-title").fill("Weight in kg")
    await page.get_by_test_id("attribute-required").click()
    await _save(page, "save-to-try", "Weight is required")
    first, second = page.get_by_test_id("version-1"), page.get_by_test_id("version-2")
    await expect(second).to_contain_text("Weight is required")
    await expect(second).to_contain_text("Mara Lindqvist")
    await expect(first).to_contain_text("In use")
    await expect(page.get_by_test_id("differences")).to_contain_text("Required changed:")
    await page.get_by_test_id("try-2").click()
    await page.get_by_test_id("choose-files").set_input_files([_note(0)])
    await page.get_by_test_id("extract").click()
    await expect(page.get_by_test_id("input-ticket_number").locator(".pd-input")).to_have_value(
        "YN-4411", timeout=READING
    )
    await expect(page.get_by_text("version 2")).to_be_visible()
    await page.goto(f"{owner.base}/schemas/yard_note?tab=versions")
    await page.get_by_test_id("activate-2").click()
    await expect(second).to_contain_text("In use")
    await page.get_by_test_id("restore-1").click()
    await page.get_by_test_id("dialog-confirm").click()
    await expect(page.get_by_test_id("version-3")).to_contain_text("In use")
    await page.close()


async def test_an_imported_json_schema_tells_what_of_it_is_lost(owner: Session):
    page = await owner.page("/schemas/new?from=import")
    content = FilePayload(name="parcel.json", mimeType="application/json", buffer=msgspec.json.encode(LOSSY))
    await page.get_by_test_id("schema-file").set_input_files(content)
    await expect(page.get_by_test_id("losses")).to_contain_text("/properties/weight/multipleOf")
    await expect(page.get_by_test_id("losses")).to_contain_text("/properties/anything")
    await page.get_by_test_id("import-name").fill("parcel")
    await page.get_by_test_id("store-import").click()
    await page.wait_for_url(OWN)
    await expect(page.get_by_test_id("field tracking")).to_contain_text("required")
    await page.close()


@pytest.mark.parametrize(
    ("text", "told"),
    [("{", "not valid YAML"), ("metadata: {name: x}\nspec: {fields: []}", "at least one field"), ("a: &a [*a]", "")],
)
async def test_what_cannot_be_imported_says_why(text: str, told: str, owner: Session):
    page = await owner.page("/schemas/new?from=import")
    await page.get_by_test_id("schema-text").fill(text)
    await page.get_by_test_id("read-schema").click()
    await expect(page.locator(".pd-note.pd-tone-bad")).to_be_visible()
    await expect(page.get_by_test_id("store-import")).to_have_count(0)
    await expect(page.locator(".pd-main")).to_contain_text(told)
    await page.close()


async def test_fields_are_added_nested_moved_and_removed_by_keyboard_alone(owner: Session):
    made = await _stored(owner, "keyed")
    page = await owner.page(f"/schemas/{made['id']}")
    await page.get_by_test_id("down ticket").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("down ticket")).to_be_focused()
    await expect(_fields(page).first).to_contain_text("Weight")
    await page.get_by_test_id("remove departure").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("field departure")).to_have_count(0)
    await expect(page.get_by_test_id("add")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("attribute-name")).to_be_focused()
    await page.keyboard.press("Control+a")
    await page.keyboard.type("loads")
    await _choose(page, "attribute-type", "table")
    await page.get_by_test_id("add loads").click()
    await expect(page.get_by_test_id("field loads[].field_1")).to_be_visible()
    await _save(page, "save", "")
    kept = await owner.call("GET", "/schemas/keyed")
    assert [field["name"] for field in kept["document"]["spec"]["fields"]] == ["weight", "ticket", "loads"]
    assert len(kept["document"]["spec"]["fields"][2]["fields"]) == 2
    await page.close()


async def test_a_problem_stands_at_the_field_it_belongs_to(owner: Session):
    made = await _stored(owner, "blamed")
    page = await owner.page(f"/schemas/{made['id']}")
    await page.get_by_test_id("field ticket").click()
    await page.get_by_test_id("attribute-pattern").fill("(")
    await expect(page.get_by_test_id("field ticket")).to_contain_text("regular expression cannot be used")
    await page.get_by_test_id("save").click()
    await page.get_by_test_id("dialog-confirm").click()
    await expect(page.locator(".pd-toast-bad")).to_contain_text("not valid")
    await page.get_by_test_id("attribute-pattern").fill("YN-[0-9]+")
    await expect(page.get_by_text("cannot be used")).to_have_count(0)
    await _save(page, "save", "")
    await page.close()


async def test_rules_between_fields_are_chosen_and_follow_a_renamed_field(owner: Session):
    text = PLAIN.format(name="ruled", title="Ruled") + "    - {name: arrival, type: date}\n"
    made = await owner.call("POST", "/schemas", text=text)
    page = await owner.page(f"/schemas/{made['id']}")
    await page.get_by_test_id("add-order").click()
    await _choose(page, "order-0-first", "departure")
    await _choose(page, "order-0-then", "arrival")
    await page.get_by_test_id("field arrival").click()
    await page.get_by_test_id("attribute-name").fill("arrived")
    await expect(page.get_by_test_id("order-0-then")).to_have_value("arrived")
    await _save(page, "save", "")
    kept = await owner.call("GET", "/schemas/ruled")
    assert kept["document"]["spec"]["orders"] == [{"first": "departure", "then": "arrived"}]
    await page.close()


async def test_the_yaml_and_the_rows_say_the_same(owner: Session):
    made = await _stored(owner, "written")
    page = await owner.page(f"/schemas/{made['id']}")
    await _write(page, PLAIN.format(name="written", title="By hand").replace("name: weight", "name: mass"))
    await expect(page.get_by_test_id("field mass")).to_be_visible()
    await _write(page, "metadata: [")
    await expect(page.get_by_test_id("field mass")).to_have_count(0)
    await expect(page.locator(".pd-note.pd-tone-bad")).to_be_visible()
    await page.close()


async def test_two_people_who_save_at_once_lose_nothing(owner: Session):
    made = await _stored(owner, "contested")
    page = await owner.page(f"/schemas/{made['id']}")
    await page.get_by_test_id("field ticket").click()
    await page.get_by_test_id("attribute-title").fill("Mine")
    await owner.call("PUT", "/schemas/contested", text=PLAIN.format(name="contested", title="Theirs"))
    await page.get_by_test_id("save").click()
    await page.get_by_test_id("dialog-confirm").click()
    await expect(page.get_by_text("Somebody else saved this schema meanwhile")).to_be_visible()
    await expect(page.get_by_test_id("differences")).to_contain_text("Mine")
    await page.get_by_test_id("keep-mine").click()
    await page.wait_for_url(VERSIONS)
    versions = (await owner.call("GET", "/schemas/contested/versions"))["items"]
    assert [one["number"] for one in versions] == [3, 2, 1]
    await page.close()


async def test_what_was_not_saved_is_offered_again(owner: Session):
    made = await _stored(owner, "left")
    page = await owner.page(f"/schemas/{made['id']}")
    await page.get_by_test_id("field ticket").click()
    await page.get_by_test_id("attribute-title").fill("Half done")
    await page.wait_for_function(f"localStorage.getItem('patchdeck-draft-schema-{made['id']}')?.includes('Half done')")
    await page.reload()
    await page.get_by_test_id("restore-kept").click()
    await expect(page.get_by_test_id("field ticket")).to_contain_text("Half done")
    await page.close()


async def test_the_golden_set_holds_a_worse_version_back_and_tells_the_wrong_values(owner: Session):
    made = await _stored(owner, "guarded")
    file = await owner.store("guarded.txt", TWO[0].encode())
    await owner.call("POST", "/extractions", {"schema": "guarded", "file": file})
    page = await owner.page(f"/schemas/{made['id']}?tab=golden")
    await page.get_by_test_id("golden-add").click()
    await page.get_by_test_id("choose guarded.txt").click()
    await page.get_by_test_id("dialog-confirm").click()
    await expect(page.get_by_test_id("golden guarded.txt")).to_be_visible()
    await page.get_by_test_id("golden-required").click()
    await page.get_by_test_id("golden-keep").click()
    await expect(page.get_by_text("Kept.")).to_be_visible()
    await page.get_by_test_id("golden-try").click()
    await expect(page.get_by_text("The last check passed")).to_be_visible(timeout=READING)
    await expect(page.get_by_test_id("golden guarded.txt")).to_contain_text("3 of 3 right")
    worse = PLAIN.format(name="guarded", title="Worse").replace("type: number", "type: date")
    await owner.call("PUT", "/schemas/guarded?activate=false", text=worse)
    await page.goto(f"{owner.base}/schemas/guarded?tab=versions")
    await page.get_by_test_id("activate-2").click()
    await expect(page.get_by_text("The golden set holds this version back")).to_be_visible(timeout=READING)
    await expect(page.get_by_test_id("wrong-value").first).to_contain_text("weight")
    await expect(page.get_by_test_id("version-1")).to_contain_text("In use")
    await page.close()


async def test_a_starter_is_copied_and_a_version_branched_off(owner: Session):
    page = await owner.page("/schemas/receipt")
    await expect(page.get_by_test_id("save")).to_have_count(0)
    await page.get_by_test_id("duplicate").click()
    await page.get_by_test_id("copy-name").fill("till_slip")
    await page.get_by_test_id("dialog-confirm").click()
    await page.wait_for_url(OWN)
    await page.get_by_test_id("tab-versions").click()
    await page.get_by_test_id("branch-1").click()
    await page.get_by_test_id("copy-name").fill("till_slip_trial")
    await page.get_by_test_id("dialog-confirm").click()
    await expect(page.get_by_test_id("about-name")).to_have_value("till_slip_trial")
    await page.close()


async def test_viewers_read_everything_and_change_nothing(owner: Session, viewer: Session):
    made = await _stored(owner, "watched")
    page = await viewer.page(f"/schemas/{made['id']}")
    await page.get_by_test_id("field ticket").click()
    await expect(page.get_by_test_id("attribute-title")).to_be_disabled()
    await expect(page.locator(".cm-content")).to_have_attribute("contenteditable", "false")
    await page.get_by_test_id("tab-versions").click()
    await expect(page.get_by_test_id("version-1")).to_be_visible()
    await page.get_by_test_id("tab-golden").click()
    await expect(page.get_by_test_id("threshold")).to_be_disabled()
    writing = page.get_by_test_id(re.compile("^(save|add|up|down|remove|duplicate|branch|activate|restore|golden-)"))
    await expect(writing).to_have_count(1)  # whether versions are held back, which cannot be switched
    await expect(page.get_by_test_id("golden-required")).to_have_attribute("aria-disabled", "true")
    await page.goto(f"{viewer.base}/schemas/new")
    await expect(page.get_by_text("This cannot be shown")).to_be_visible()
    await page.close()


async def test_markup_in_a_schema_is_shown_as_text(owner: Session):
    text = PLAIN.format(name="hostile", title="'<img src=x onerror=document.title=1>'")
    text = text.replace("title: Ticket", "title: '<b>bold</b>', help: '<script>1</script>'")
    made = await owner.call("POST", "/schemas", text=text)
    page = await owner.page(f"/schemas/{made['id']}")
    await expect(page.locator("h1")).to_have_text("<img src=x onerror=document.title=1>")
    await expect(page.get_by_test_id("field ticket")).to_contain_text("<b>bold</b>")
    assert await page.locator(".pd-main b, .pd-main img, .pd-main script").count() == 0
    await page.close()


async def _stored(owner: Session, name: str) -> dict[str, Any]:
    made: dict[str, Any] = await owner.call("POST", "/schemas", text=PLAIN.format(name=name, title=name.title()))
    return made


def _note(number: int) -> FilePayload:
    return FilePayload(name=f"note-{number}.txt", mimeType="text/plain", buffer=TWO[number].encode())


def _fields(page: Page) -> Any:
    return page.get_by_test_id("schema-fields").locator(".pd-schema-head")


async def _save(page: Page, mark: str, note: str) -> None:
    await page.get_by_test_id(mark).click()
    await page.get_by_test_id("version-note").fill(note)
    await page.get_by_test_id("dialog-confirm").click()
    await page.wait_for_url(VERSIONS)


async def _choose(page: Page, mark: str, option: str) -> None:
    await page.get_by_test_id(mark).click()
    await page.get_by_role("option", name=option, exact=True).click()
    await expect(page.get_by_role("option")).to_have_count(0)


async def _write(page: Page, text: str) -> None:
    """Replace the editor's text as typing would."""
    await page.locator(".cm-content").click()
    await page.keyboard.press("Control+a")
    await page.keyboard.insert_text(text.strip())
