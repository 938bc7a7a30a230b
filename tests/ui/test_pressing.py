"""A press does what it said once, also on a page that is drawn anew at that moment."""

import asyncio
from typing import Any

from playwright.async_api import Page, WebSocketRoute, expect

from tests.ui.documents import ORDERS
from tests.ui.hub import Session

# Presses what has a mark as soon as the page has put something else in its place
LATE = """(mark) => {
  const pressed = document.querySelector(`[data-testid=${mark}]`), id = Number(pressed.id.slice(1));
  const { listener_id, type } = mounted_app.elements[id].events.find((one) => one.type === "click");
  const watch = new MutationObserver(() => {
    if (pressed.isConnected) return;
    watch.disconnect();
    socket.emit("event", { id, client_id: window.clientId, listener_id, type, args: [] });
  });
  watch.observe(document.body, { childList: true, subtree: true });
}"""

# Puts the same again in the place of all that has a mark around what the keyboard is on
ANEW = """(one) => {
  one.focus();
  const marked = one.closest("[data-testid]");
  marked.replaceWith(marked.cloneNode(true));
}"""

# As when a laptop goes from one network to another
AWAY = """() => {
  socket.io.randomizationFactor(0).reconnectionDelayMax(5000).reconnectionDelay(5000);
  socket.io.engine.close();
}"""


async def test_the_keyboard_stays_on_a_button_that_is_drawn_anew(owner: Session):
    page = await _at_first_step(owner, "stays-put")
    await page.get_by_test_id("do-rename").focus()
    await _change(owner, page, "stays-put")
    await expect(page.get_by_test_id("do-rename")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("new-title")).to_be_visible()
    await page.close()


async def test_the_keyboard_stays_on_what_has_no_mark_of_its_own_but_a_name(owner: Session):
    page = await _at_first_step(owner, "stays-named")
    fails = page.get_by_test_id("panel").get_by_role("button", name="When it fails")
    await fails.evaluate(ANEW)
    await expect(fails).to_be_focused()
    await page.close()


async def test_a_press_on_what_was_just_drawn_anew_is_heard(owner: Session):
    page = await _at_first_step(owner, "heard-late")
    await page.evaluate(LATE, "do-rename")
    await _change(owner, page, "heard-late")
    await expect(page.get_by_test_id("new-title")).to_be_visible()
    await page.close()


async def test_a_double_click_adds_one_step_and_makes_one_version(owner: Session):
    page = await _at_first_step(owner, "pressed-twice")
    await page.get_by_test_id("do-list_after").click()
    await page.get_by_test_id("offer-wait").dblclick()
    await expect(page.get_by_test_id("save-status")).to_contain_text("revision 2")
    await page.get_by_test_id("canvas-publish").click()
    await page.get_by_test_id("dialog-confirm").dblclick()
    await expect(page.get_by_test_id("save-status")).to_have_text("Saved, the same as version 1")
    recipe = await owner.call("GET", "/recipes/pressed-twice")
    assert [step["id"] for step in recipe["document"]["spec"]["steps"]] == ["large", "wait", "keep"]
    assert recipe["version"] == 1
    await page.close()


async def test_what_is_typed_and_pressed_while_the_connection_is_away_is_done_once_it_is_back(owner: Session):
    page = await _at_first_step(owner, "come-back")
    await page.evaluate(AWAY)
    await page.get_by_test_id("step-title").fill("Typed meanwhile")
    await page.get_by_test_id("panel-save").click()
    await expect(page.get_by_test_id("row-large")).to_contain_text("Typed meanwhile")
    await expect(page.get_by_test_id("step-title")).to_have_value("Typed meanwhile")
    await page.close()


async def test_what_is_typed_and_pressed_before_the_hub_listens_is_done_in_its_order(owner: Session):
    page, listening = await owner.browser.new_page(), asyncio.Event()

    async def late(route: WebSocketRoute) -> None:
        await listening.wait()
        route.connect_to_server()

    await page.route_web_socket("**/socket.io/**", late)
    await page.goto(f"{owner.base}/connections/new/postgres")
    await page.get_by_test_id("connection-name").fill("early")
    for field, text in {"host": "127.0.0.1", "port": "1", "database": "books", "user": "ann", "password": "x"}.items():
        await page.get_by_test_id(f"field-{field}").fill(text)
    await page.get_by_test_id("save-connection").click()
    listening.set()
    await expect(page.get_by_text("Set and kept sealed. Leave it empty to keep it.")).to_be_visible()
    await page.close()


async def _at_first_step(owner: Session, name: str) -> Page:
    """Open the list of a draft, with its first step chosen."""
    made: dict[str, Any] = await owner.call("POST", "/recipes", text=ORDERS.format(name=name, title=name))
    page = await owner.page(f"/recipes/{made['id']}/list")
    await expect(page.locator("[data-ready=true]")).to_be_visible()
    await page.get_by_test_id("row-large").click()
    await expect(page.locator("[data-testid=panel-title][data-step=large]")).to_be_visible()
    return page


async def _change(owner: Session, page: Page, name: str) -> None:
    """Let somebody else change the recipe, so that the list is drawn anew."""
    text = ORDERS.format(name=name, title=name).replace("Keep the order", "Changed meanwhile")
    await owner.call("PUT", f"/recipes/{name}", text=text)
    await expect(page.get_by_test_id("row-keep")).to_contain_text("Changed meanwhile")
