"""Building and changing recipes on the canvas, by mouse and by keys."""

import re
from typing import Any

from playwright.async_api import FloatRect, Locator, Page, expect

from tests.ui.documents import LONG, ORDERS, SORTING
from tests.ui.hub import Session

WRONG = re.compile("pdc-wrong")
CHOSEN = re.compile("pdc-chosen")
# Faster than the hub can answer
TIDY_AND_TYPE = """
document.querySelector("[data-testid=canvas-tidy]").click();
document.activeElement.value = "Kept";
document.activeElement.dispatchEvent(new Event("input", { bubbles: true }));
"""
AT_ONCE = "for (const one of ['panel-save', 'palette-wait']) document.querySelector(`[data-testid=${one}]`).click()"


async def test_a_recipe_is_built_by_mouse_published_and_runs(owner: Session):
    page = await owner.page("/recipes/new")
    await page.get_by_test_id("example-drawn").click()
    await page.get_by_test_id("new-name").fill("drawn")
    await page.get_by_test_id("dialog-confirm").click()
    await page.wait_for_url("**/canvas")
    await page.get_by_test_id("box-trigger").click()
    await page.get_by_test_id("panel-trigger").click()
    await page.get_by_test_id("palette-search").fill("webhook")
    await page.get_by_test_id("offer-webhook.received").click()
    await expect(page.get_by_test_id("box-trigger")).to_contain_text("Webhook")
    await page.get_by_test_id("add-after-trigger").click()
    await page.get_by_test_id("choose-dataset.write_rows").click()
    await expect(page.get_by_test_id("panel-title")).to_have_text("Write rows")
    await expect(page.get_by_test_id("columns-value-0")).to_have_value("{{ trigger.body.number }}")
    await page.get_by_test_id("field-dataset").fill("drawn")
    await page.get_by_test_id("columns-value-0").fill("{{ trigger.body.total }}")
    await expect(page.get_by_test_id("box-write_rows")).not_to_have_class(WRONG)
    await page.get_by_test_id("insert-trigger-write_rows").click()
    await page.get_by_test_id("chooser-search").fill("set")
    await page.get_by_test_id("choose-set").click()
    await expect(page.get_by_test_id("box-set")).to_be_visible()
    await page.get_by_test_id("canvas-publish").click()
    await page.get_by_test_id("dialog-confirm").click()
    await expect(page.get_by_test_id("save-status")).to_have_text("Saved, the same as version 1")
    recipe = await owner.call("GET", "/recipes/drawn")
    steps = recipe["document"]["spec"]["steps"]
    assert [step["id"] for step in steps] == ["set", "write_rows"]
    assert steps[1]["with"]["dataset"] == "drawn"
    await owner.send(recipe, {"number": "A-1", "total": 12})
    await expect(page.get_by_test_id("count-write_rows")).to_have_text("1")
    await owner.send(recipe, [{"number": "A-2", "total": 5}, {"number": "A-3", "total": 6}])
    await expect(page.get_by_test_id("count-write_rows")).to_have_text("2")
    await page.close()


async def test_steps_are_added_renamed_switched_and_removed_by_keys(owner: Session):
    page = await _canvas(owner, ORDERS.format(name="keyed", title="Keyed"))
    await _choose(page, "large")
    await page.keyboard.press("Tab")
    await page.keyboard.type("wait")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("box-wait")).to_be_visible()
    await expect(page.get_by_test_id("box-wait")).to_have_class(CHOSEN)
    assert await _order(owner, "keyed") == ["large", "wait", "keep"]
    await page.get_by_test_id("canvas").focus()
    await page.keyboard.press("F2")
    await page.get_by_test_id("new-title").fill("A short rest")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("box-wait")).to_contain_text("A short rest")
    await page.get_by_test_id("canvas").focus()
    await page.keyboard.press("d")
    await expect(page.get_by_test_id("box-wait")).to_contain_text("switched off")
    await page.keyboard.press("Delete")
    await expect(page.get_by_test_id("box-wait")).to_have_count(0)
    await expect(page.get_by_test_id("insert-large-keep")).to_be_visible()
    assert await _order(owner, "keyed") == ["large", "keep"]
    await page.keyboard.press("Control+z")
    await expect(page.get_by_test_id("box-wait")).to_contain_text("switched off")
    await page.keyboard.press("Control+Shift+z")
    await expect(page.get_by_test_id("box-wait")).to_have_count(0)
    await page.close()


async def test_every_key_is_told_and_commands_are_found_by_typing(owner: Session):
    page = await _canvas(owner, ORDERS.format(name="told", title="Told"))
    await page.get_by_test_id("canvas").focus()
    await page.keyboard.press("?")
    await expect(page.get_by_test_id("key-list")).to_contain_text("Rename the step")
    await page.keyboard.press("Escape")
    await page.keyboard.press("Control+k")
    await page.keyboard.type("open the list")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("row-keep")).to_be_visible()
    await page.get_by_test_id("to-canvas").click()
    await expect(page.get_by_test_id("box-keep")).to_be_visible()
    await page.close()


async def test_a_step_is_dragged_out_of_the_palette_into_a_way(owner: Session):
    page = await _canvas(owner, ORDERS.format(name="dropped", title="Dropped"))
    await page.get_by_test_id("palette-wait").drag_to(page.get_by_test_id("insert-large-keep"))
    await expect(page.get_by_test_id("box-wait")).to_be_visible()
    assert await _order(owner, "dropped") == ["large", "wait", "keep"]
    await page.close()


async def test_steps_are_connected_by_dragging_and_a_way_is_cut(owner: Session):
    page = await _canvas(owner, SORTING.replace("name: sorting", "name: connected"))
    await _drag(page, _handle(page, "kind", "=rest"), _handle(page, "second", "in"))
    await expect(page.get_by_test_id("insert-kind-second")).to_be_visible()
    step = (await owner.call("GET", "/recipes/connected"))["document"]["spec"]["steps"][2]
    assert step["after"] == ["first", {"step": "kind", "case": "rest"}]
    await _drag(page, _handle(page, "meet", "out"), _handle(page, "first", "in"))
    await expect(page.get_by_text("The steps would go round in a circle.")).to_be_visible()
    await page.close()


async def test_where_steps_were_dragged_to_is_seen_by_colleagues_until_tidied(owner: Session):
    page = await _canvas(owner, ORDERS.format(name="moved", title="Moved"))
    before = await _box(page, "keep")
    await _drag_by(page, "keep", 400)
    await expect(page.get_by_test_id("save-status")).to_contain_text("revision 2")
    places = (await owner.call("GET", "/recipes/moved"))["document"]["metadata"]["canvas"]["places"]
    assert sorted(places) == ["keep", "large", "trigger"]
    assert places["keep"]["x"] - places["large"]["x"] > 100
    await page.reload()
    await expect(page.locator("[data-ready=true]")).to_be_visible()
    assert (await _box(page, "keep"))["x"] > before["x"] + 50
    await page.get_by_test_id("canvas-tidy").click()
    await expect(page.get_by_test_id("save-status")).to_contain_text("revision 3")
    assert "canvas" not in (await owner.call("GET", "/recipes/moved"))["document"]["metadata"]
    await page.get_by_test_id("undo").click()
    await expect(page.get_by_test_id("save-status")).to_contain_text("revision 4")
    assert (await owner.call("GET", "/recipes/moved"))["document"]["metadata"]["canvas"]["places"] == places
    await page.close()


async def test_copied_steps_are_pasted_under_new_names(owner: Session):
    page = await _canvas(owner, ORDERS.format(name="pasted", title="Pasted"))
    await _choose(page, "keep")
    await page.keyboard.press("Control+c")
    await page.keyboard.press("Control+v")
    await expect(page.get_by_test_id("box-keep_2")).to_be_visible()
    assert await _order(owner, "pasted") == ["large", "keep", "keep_2"]
    await page.close()


async def test_a_problem_is_shown_on_its_step_and_mended_in_the_panel(owner: Session):
    page = await _canvas(owner, ORDERS.format(name="wrong", title="Wrong"))
    await _choose(page, "keep")
    await page.get_by_test_id("field-dataset").fill("")
    await page.get_by_test_id("panel-save").click()
    await expect(page.get_by_test_id("box-keep")).to_contain_text("This is missing.")
    await page.get_by_test_id("field-dataset").fill("mended")
    await page.get_by_test_id("panel-save").click()
    await expect(page.get_by_test_id("box-keep")).not_to_contain_text("This is missing.")
    await page.close()


async def test_a_step_that_is_added_while_another_is_saved_is_no_conflict_with_oneself(owner: Session):
    page = await _canvas(owner, ORDERS.format(name="hasty", title="Hasty"))
    await _choose(page, "keep")
    await page.get_by_test_id("step-title").fill("Kept")
    await page.evaluate(AT_ONCE)
    await expect(page.get_by_test_id("save-status")).to_have_text("Saved, revision 3")
    await expect(page.get_by_test_id("box-wait")).to_be_visible()
    await expect(page.get_by_test_id("box-keep")).to_contain_text("Kept")
    assert await _order(owner, "hasty") == ["large", "keep", "wait"]
    await page.close()


async def test_what_is_typed_while_places_change_stays_in_the_panel(owner: Session):
    page = await _canvas(owner, ORDERS.format(name="typing", title="Typing"))
    await _drag_by(page, "large", 300)
    await expect(page.get_by_test_id("save-status")).to_contain_text("revision 2")
    await _choose(page, "keep")
    await page.get_by_test_id("step-title").focus()
    await page.evaluate(TIDY_AND_TYPE)
    await expect(page.get_by_test_id("save-status")).to_contain_text("revision 3")
    await expect(page.get_by_test_id("step-title")).to_have_value("Kept")
    await expect(page.get_by_test_id("step-title")).to_be_focused()
    await page.get_by_test_id("panel-save").click()
    await expect(page.get_by_test_id("box-keep")).to_contain_text("Kept")
    await page.close()


async def test_conditions_and_cases_are_filled_in_by_hand(owner: Session):
    page = await _canvas(owner, SORTING.replace("name: sorting", "name: cases"))
    await _choose(page, "kind")
    await page.get_by_test_id("case-0").fill("huge")
    await page.get_by_test_id("case-0-0-right").fill("99")
    await page.get_by_test_id("case-add").click()
    await page.get_by_test_id("case-1").fill("tiny")
    await page.get_by_test_id("case-else").fill("others")
    await page.get_by_test_id("panel-save").click()
    await expect(page.get_by_test_id("add-after-kind-tiny")).to_be_visible()
    document = (await owner.call("GET", "/recipes/cases"))["document"]
    branch, first, _, meet = document["spec"]["steps"]
    assert branch["with"] == {
        "cases": {
            "huge": {"all": [{"left": "{{ trigger.body.n }}", "is": "greater", "right": 99}]},
            "tiny": {"all": [{"left": "{{ trigger.body }}", "is": "is_set"}]},
        },
        "else": "others",
    }
    assert first["after"] == [{"step": "kind", "case": "huge"}]
    assert meet["after"] == ["second", {"step": "kind", "case": "others"}]
    await page.close()


async def test_what_somebody_else_saves_appears_and_nothing_is_lost(owner: Session):
    page = await _canvas(owner, ORDERS.format(name="both", title="Both"))
    await _choose(page, "keep")
    await page.get_by_test_id("step-title").fill("Mine")
    theirs = ORDERS.format(name="both", title="Theirs").replace("right: 10", "right: 99")
    await owner.call("PUT", "/recipes/both", text=theirs)
    await expect(page.get_by_text("Somebody else changed this recipe")).to_be_visible()
    await page.get_by_test_id("box-large").click()
    await expect(page.get_by_test_id("box-keep")).to_contain_text("Mine")
    document = (await owner.call("GET", "/recipes/both"))["document"]
    assert document["metadata"]["title"] == "Theirs"
    assert document["spec"]["steps"][0]["with"]["all"][0]["right"] == 99
    await page.close()


async def test_viewers_see_the_canvas_but_cannot_change_it(owner: Session, viewer: Session):
    recipe = await owner.recipe(ORDERS.format(name="guarded", title="Guarded"))
    page = await viewer.page(f"/recipes/{recipe['id']}/canvas")
    await page.get_by_test_id("box-keep").click()
    await expect(page.get_by_test_id("panel-title")).to_have_text("Keep the order")
    await expect(page.get_by_test_id("save-status")).to_have_text("Your role may look, not change")
    for mark in ("canvas-publish", "undo", "panel-save", "insert-large-keep", "add-after-keep", "palette-set"):
        await expect(page.get_by_test_id(mark)).to_have_count(0)
    await page.get_by_test_id("canvas").focus()
    await page.keyboard.press("Delete")
    await page.keyboard.press("d")
    await expect(page.get_by_test_id("box-keep")).to_be_visible()
    assert (await owner.call("GET", "/recipes/guarded"))["revision"] == recipe["revision"]
    await page.close()


async def test_a_hundred_steps_open_quickly(owner: Session):
    page = await _canvas(owner, LONG)
    assert min([await _opening(page), await _opening(page)]) < 1500
    await page.close()


async def test_a_phone_shows_the_list(owner: Session):
    recipe = await owner.recipe(ORDERS.format(name="pocket", title="Pocket"))
    page = await owner.page("/recipes")
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.goto(f"{owner.base}/recipes/{recipe['id']}/canvas")
    await expect(page.get_by_test_id("row-keep")).to_be_visible()
    await page.close()


async def _canvas(session: Session, document: str) -> Page:
    made: dict[str, Any] = await session.call("POST", "/recipes", text=document)
    page = await session.page(f"/recipes/{made['id']}/canvas")
    await expect(page.locator("[data-testid=canvas][data-ready=true]")).to_be_visible()
    return page


async def _choose(page: Page, step: str) -> None:
    await page.get_by_test_id(f"box-{step}").click()
    await expect(page.locator(f"[data-testid=panel-title][data-step={step}]")).to_be_visible()
    await page.get_by_test_id("canvas").focus()


async def _opening(page: Page) -> float:
    """Open the page anew; returns how many milliseconds the browser works until the canvas is drawn."""
    asking = await page.context.new_cdp_session(page)
    await asking.send("Performance.enable", {"timeDomain": "threadTicks"})
    await page.reload()
    await expect(page.locator("[data-ready=true]")).to_be_visible()
    found = (await asking.send("Performance.getMetrics"))["metrics"]
    await asking.detach()
    return next(1000 * float(one["value"]) for one in found if one["name"] == "TaskDuration")


async def _box(page: Page, step: str) -> FloatRect:
    found = await page.get_by_test_id(f"box-{step}").bounding_box()
    assert found is not None
    return found


async def _order(session: Session, name: str) -> list[str]:
    recipe = await session.call("GET", f"/recipes/{name}")
    return [step["id"] for step in recipe["document"]["spec"]["steps"]]


def _handle(page: Page, step: str, name: str) -> Locator:
    return page.locator(f'.vue-flow__handle[data-nodeid="{step}"][data-handleid="{name}"]')


async def _drag_by(page: Page, step: str, across: int) -> None:
    """Drag a step to the right, in two moves as a hand does."""
    box = await _box(page, step)
    await page.get_by_test_id(f"box-{step}").hover()
    await page.mouse.down()
    for x in (200, across):
        await page.mouse.move(box["x"] + x, box["y"] + 60)
    await page.mouse.up()


async def _drag(page: Page, start: Locator, end: Locator) -> None:
    await start.hover()
    await page.mouse.down()
    await end.hover()
    await end.hover()
    await page.mouse.up()
