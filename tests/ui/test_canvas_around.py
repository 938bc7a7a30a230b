"""Notes, groups, versions and runs on the canvas, and the same draft by keyboard alone in the list."""

from typing import Any

import pytest
from playwright.async_api import FloatRect, Locator, Page, expect

from hub import source
from tests.ui.documents import ORDERS, SORTING
from tests.ui.hub import Session

HOSTILE = "<img src=x onerror=alert(1)> {{ trigger.body }} \u202e"
FAILING = SORTING.replace(
    "- {id: second, uses: set, with: {fields: {b: 1}}}",
    "- {id: second, uses: stop, with: {outcome: dead, reason: The shop is closed.}}",
)


async def test_notes_are_written_moved_and_kept_in_the_recipe(owner: Session):
    page = await _canvas(owner, ORDERS.format(name="noted", title="Noted"))
    await page.get_by_test_id("canvas").focus()
    await page.keyboard.press("n")
    await page.get_by_test_id("note-note").dblclick()
    await page.get_by_test_id("write-note").fill(HOSTILE)
    await page.get_by_test_id("write-note").press("Escape")
    await expect(page.get_by_test_id("note-text")).to_have_value(HOSTILE)
    await expect(page.get_by_test_id("note-note")).to_contain_text("<img src=x")
    await page.get_by_test_id("note-width").fill("300")
    await page.get_by_test_id("panel-save").click()
    await expect(page.get_by_test_id("note-note")).to_have_css("width", "300px")
    before = (await _drawn(owner, "noted"))["notes"]["note"]
    assert (before["text"], before["width"]) == (HOSTILE, 300)
    await _drag_by(page, page.get_by_test_id("note-note"), 20, -60)
    await expect(page.get_by_test_id("save-status")).to_contain_text("revision 5")
    assert (await _drawn(owner, "noted"))["notes"]["note"]["y"] < before["y"]
    exported = await owner.call("GET", "/recipes/noted")
    assert exported["problems"] == []
    await page.keyboard.press("Delete")
    await expect(page.get_by_test_id("note-note")).to_have_count(0)
    await page.close()


async def test_what_is_being_written_on_a_note_outlasts_what_a_colleague_saves(owner: Session):
    page = await _canvas(owner, ORDERS.format(name="jotted", title="Jotted"))
    await page.get_by_test_id("canvas").focus()
    await page.keyboard.press("n")
    await expect(page.get_by_test_id("save-status")).to_contain_text("revision 2")
    await page.get_by_test_id("note-note").dblclick()
    await page.get_by_test_id("write-note").fill("Half a thought")
    document = (await owner.call("GET", "/recipes/jotted"))["document"]
    document["spec"]["steps"][1]["title"] = "Theirs"
    await owner.call("PUT", "/recipes/jotted", text=source.write(document))
    await expect(page.get_by_test_id("box-keep")).to_contain_text("Theirs")
    await expect(page.get_by_test_id("write-note")).to_have_value("Half a thought")
    await page.get_by_test_id("write-note").press("Escape")
    await expect(page.get_by_test_id("note-note")).to_contain_text("Half a thought")
    await expect(page.get_by_test_id("save-status")).to_contain_text("revision 4")
    await page.close()


async def test_steps_are_grouped_move_together_and_fold(owner: Session):
    page = await _canvas(owner, ORDERS.format(name="grouped", title="Grouped"))
    await page.get_by_test_id("box-large").click()
    await page.get_by_test_id("box-keep").click(modifiers=["Shift"])
    await page.get_by_test_id("canvas").focus()
    await page.keyboard.press("Control+g")
    await page.get_by_test_id("new-group-name").fill("Only big ones")
    await page.keyboard.press("Enter")
    frame = page.get_by_test_id("frame-group")
    await expect(frame).to_contain_text("Only big ones")
    await expect(frame.and_(page.locator(".pdc-chosen"))).to_be_visible()
    await _drag_by(page, frame.locator(".pdc-frame-title"), -90, 40)
    await expect(page.get_by_test_id("save-status")).to_contain_text("revision 3")
    places = (await _drawn(owner, "grouped"))["places"]
    assert places["keep"]["x"] == places["large"]["x"] != places["trigger"]["x"]
    assert places["keep"]["y"] - places["large"]["y"] == 148
    await page.get_by_test_id("fold-group").click()
    await expect(page.get_by_test_id("box-keep")).to_have_count(0)
    await expect(frame).to_contain_text("2 steps")
    await page.get_by_test_id("panel-ungroup").click()
    await expect(page.get_by_test_id("box-keep")).to_be_visible()
    assert "groups" not in await _drawn(owner, "grouped")
    await page.close()


async def test_what_differs_from_the_published_version_is_marked_and_can_be_taken_back(owner: Session):
    recipe = await owner.recipe(ORDERS.format(name="ahead", title="Ahead"))
    page = await _opened(owner, f"/recipes/{recipe['id']}/canvas")
    await page.get_by_test_id("box-keep").click()
    await page.get_by_test_id("step-title").fill("Store it")
    await page.get_by_test_id("panel-save").click()
    await expect(page.get_by_test_id("change-keep")).to_have_text("changed")
    await expect(page.get_by_test_id("differs")).to_have_text("1 step differs from what runs")
    await page.get_by_test_id("canvas").focus()
    await page.keyboard.press("Control+k")
    await page.keyboard.type("back to the published")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("save-status")).to_have_text("Saved, the same as version 1")
    await expect(page.get_by_test_id("change-keep")).to_have_count(0)
    await page.get_by_test_id("undo").click()
    await expect(page.get_by_test_id("change-keep")).to_have_text("changed")
    await page.get_by_test_id("canvas-publish").click()
    await page.get_by_test_id("dialog-confirm").click()
    await expect(page.get_by_test_id("save-status")).to_have_text("Saved, the same as version 2")
    await page.get_by_test_id("undo").click()
    await expect(page.get_by_test_id("change-keep")).to_have_text("changed")
    await page.close()


async def test_versions_are_compared_step_by_step_in_the_drawing_and_restored(owner: Session):
    recipe = await owner.recipe(SORTING.replace("name: sorting", "name: compared"))
    await owner.call("PUT", "/recipes/compared", text=_changed("compared"))
    page = await _opened(owner, f"/recipes/{recipe['id']}/compare")
    await expect(page.get_by_test_id("change-fresh")).to_have_text("new")
    await expect(page.get_by_test_id("change-first")).to_have_text("changed")
    await expect(page.get_by_test_id("change-second")).to_have_text("removed")
    await page.get_by_test_id("box-first").click()
    await expect(page.get_by_test_id("panel-title")).to_have_text("first")
    await expect(page.get_by_test_id("panel")).to_contain_text("with.fields.a")
    await page.locator(".vue-flow__pane").click(position={"x": 20, "y": 20})
    await expect(page.get_by_test_id("panel-title")).to_have_count(0)
    await page.get_by_test_id("restore-1").click()
    await page.get_by_test_id("dialog-confirm").click()
    await expect(page.get_by_test_id("panel")).to_contain_text("Nothing differs")
    assert await _order(owner, "compared") == ["kind", "first", "second", "meet"]
    await page.get_by_test_id("undo-restore").click()
    await expect(page.get_by_test_id("change-fresh")).to_have_text("new")
    assert await _order(owner, "compared") == ["kind", "first", "fresh", "meet"]
    await page.close()


async def test_a_run_is_laid_over_the_canvas_with_its_way_its_failures_and_its_items(owner: Session):
    recipe = await owner.recipe(FAILING.replace("name: sorting", "name: laid"))
    await owner.send(recipe, {"n": 3})
    page = await _opened(owner, f"/recipes/{recipe['id']}/canvas")
    await expect(page.get_by_test_id("count-meet")).to_have_text("1")
    await expect(page.locator(".pdc-cable-lit")).to_have_count(2)
    await owner.send(recipe, {"n": 30})
    await expect(page.get_by_test_id("box-second")).to_contain_text("The shop is closed.")
    await expect(page.get_by_test_id("count-first")).to_have_text("1")
    await expect(page.get_by_test_id("count-meet")).to_have_count(0)
    await page.get_by_test_id("box-second").click()
    await page.get_by_test_id("at-step").get_by_role("button").first.click()
    await page.get_by_test_id("to-item").click()
    await page.wait_for_url("**/items/*")
    runs = await owner.call("GET", f"/runs?recipe={recipe['id']}")
    page = await _opened(owner, f"/recipes/{recipe['id']}/canvas?run={_runs(runs)[-1]['id']}")
    await expect(page.get_by_test_id("count-meet")).to_have_text("1")
    await page.close()


async def test_a_problem_shows_on_its_step_while_it_is_typed(owner: Session):
    page = await _canvas(owner, ORDERS.format(name="typed", title="Typed"))
    await page.get_by_test_id("box-keep").click()
    await page.get_by_test_id("field-dataset").fill("")
    await expect(page.get_by_test_id("box-keep")).to_contain_text("Dataset: This is missing.")
    await expect(page.get_by_test_id("panel-problems")).to_contain_text("Dataset: This is missing.")
    assert (await owner.call("GET", "/recipes/typed"))["problems"] == []
    await page.close()


async def test_a_recipe_is_built_in_the_list_by_keyboard_alone(owner: Session):
    made = await owner.call("POST", "/recipes", text=ORDERS.format(name="listed", title="Listed"))
    page = await _opened(owner, f"/recipes/{made['id']}/list")
    await _press(page, "row-large")
    await _press(page, "do-list_after")
    await page.keyboard.type("wait")
    await _press(page, "offer-wait")
    await expect(page.get_by_test_id("row-wait")).to_be_focused()
    assert await _order(owner, "listed") == ["large", "wait", "keep"]
    await _press(page, "do-list_up")
    await expect(page.get_by_test_id("save-status")).to_contain_text("revision 3")
    await expect(page.get_by_test_id("do-list_up")).to_be_focused()
    assert await _order(owner, "listed") == ["wait", "large", "keep"]
    await _press(page, "do-ways")
    await expect(page.get_by_test_id("on-error")).to_be_visible()
    await _press(page, "dialog-cancel")
    await expect(page.get_by_test_id("on-error")).to_have_count(0)
    await _press(page, "do-rename")
    await page.get_by_test_id("new-title").press_sequentially("Rest")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("row-wait")).to_contain_text("Rest")
    await _press(page, "do-list_switch")
    await expect(page.get_by_test_id("row-wait")).to_contain_text("switched off")
    await _press(page, "do-duplicate_button")
    await expect(page.get_by_test_id("save-status")).to_contain_text("revision 6")
    await _press(page, "do-remove_button")
    await expect(page.get_by_test_id("row-wait_2")).to_have_count(0)
    await _press(page, "undo")
    await expect(page.get_by_test_id("row-wait_2")).to_be_visible()
    await _press(page, "redo")
    await expect(page.get_by_test_id("row-wait_2")).to_have_count(0)
    await _press(page, "add-note")
    await page.get_by_test_id("note-text").press_sequentially("Mind the gap")
    await _press(page, "panel-save")
    await expect(page.get_by_test_id("note:note")).to_contain_text("Mind the gap")
    await _press(page, "canvas-publish")
    await _press(page, "dialog-confirm")
    await expect(page.get_by_test_id("save-status")).to_have_text("Saved, the same as version 1")
    await _press(page, "to-versions")
    await expect(page.get_by_test_id("restore-1")).to_be_visible()
    await page.close()


async def test_ways_are_led_and_steps_grouped_in_the_list(owner: Session):
    made = await owner.call("POST", "/recipes", text=SORTING.replace("name: sorting", "name: ways"))
    page = await _opened(owner, f"/recipes/{made['id']}/list")
    await _press(page, "row-second")
    await _press(page, "do-ways")
    await page.get_by_test_id("after-kind-rest").press("Space")
    await _press(page, "dialog-confirm")
    await expect(page.get_by_test_id("row-second")).to_contain_text("kind, case rest")
    step = (await owner.call("GET", "/recipes/ways"))["document"]["spec"]["steps"][2]
    assert step["after"] == [{"step": "kind", "case": "rest"}, "first"]
    await expect(page.get_by_test_id("save-status")).to_contain_text("revision 2")
    await expect(page.get_by_test_id("do-ways")).to_be_focused()
    await _press(page, "do-group_button")
    await page.get_by_test_id("member-first").press("Space")
    await page.get_by_test_id("new-group-name").press_sequentially("Both")
    await _press(page, "dialog-confirm")
    await expect(page.get_by_test_id("group:group")).to_contain_text("Both")
    assert (await _drawn(owner, "ways"))["groups"]["group"]["steps"] == ["first", "second"]
    await page.close()


@pytest.mark.parametrize("face", ["list", "compare"])
async def test_viewers_look_at_lists_and_versions_but_change_nothing(owner: Session, viewer: Session, face: str):
    recipe = await owner.recipe(ORDERS.format(name=f"seen-{face}", title="Seen"))
    page = await viewer.page(f"/recipes/{recipe['id']}/{face}")
    await expect(page.get_by_test_id("panel")).to_be_visible()
    await expect(page.get_by_text("Keep the order").first).to_be_visible()
    for mark in ("canvas-publish", "compare-publish", "undo", "restore-1", "add-note", "add-after-keep"):
        await expect(page.get_by_test_id(mark)).to_have_count(0)
    await page.close()


async def _canvas(session: Session, document: str) -> Page:
    made: dict[str, Any] = await session.call("POST", "/recipes", text=document)
    return await _opened(session, f"/recipes/{made['id']}/canvas")


async def _opened(session: Session, path: str) -> Page:
    page = await session.page(path)
    await expect(page.locator("[data-ready=true]")).to_be_visible()
    return page


async def _drag_by(page: Page, held: Locator, across: int, down: int) -> None:
    """Drag something by its left, as the panel may lie over the rest, once it stands still."""
    box = await _box(held)
    await held.hover(position={"x": min(box["width"] / 2, 40), "y": box["height"] / 2})
    box = await _box(held)
    x, y = box["x"] + min(box["width"] / 2, 40), box["y"] + box["height"] / 2
    await page.mouse.down()
    await page.mouse.move(x + across / 2, y + down / 2)
    await page.mouse.move(x + across, y + down)
    await page.mouse.up()


async def _box(held: Locator) -> FloatRect:
    found = await held.bounding_box()
    assert found is not None
    return found


async def _press(page: Page, mark: str) -> None:
    """Press what the keyboard has come to."""
    await page.get_by_test_id(mark).press("Enter")


async def _drawn(session: Session, name: str) -> dict[str, Any]:
    recipe = await session.call("GET", f"/recipes/{name}")
    found: dict[str, Any] = recipe["document"]["metadata"].get("canvas", {})
    return found


async def _order(session: Session, name: str) -> list[str]:
    recipe = await session.call("GET", f"/recipes/{name}")
    return [step["id"] for step in recipe["document"]["spec"]["steps"]]


def _runs(page: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page["items"]
    return found


def _changed(name: str) -> str:
    text = SORTING.replace("name: sorting", f"name: {name}").replace("{a: 1}", "{a: 2}")
    return text.replace("{id: second,", "{id: fresh,").replace("after: [second,", "after: [fresh,")
