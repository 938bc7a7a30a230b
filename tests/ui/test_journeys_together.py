"""Several people at one recipe: who may only look changes nothing, and two who edit at once lose nothing."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from tests.ui.documents import ORDERS
from tests.ui.hub import PASSWORD, Session, new_context

# Every listener that the page has, and one that it has not, called with what changes a recipe where people may
FORGED = """async () => {
  const asked = [
    {steps: ["keep"], ways: []}, {uses: "wait", source: "large", target: "keep"}, ["keep"], "keep",
    {places: {keep: {x: 1, y: 1}}}, {row: 0, column: 0, value: "forged"}, null,
  ];
  const heard = Object.entries(mounted_app.elements).filter(([id]) => document.querySelector(`main #c${id}`))
    .flatMap(([id, one]) => (one?.events ?? []).map((event) => [Number(id), event.listener_id, event.type]));
  heard.push([heard[0][0], crypto.randomUUID(), "remove"]);
  for (const [id, listener_id, type] of heard)
    for (const args of asked)
      socket.emit("event", {id, client_id: window.clientId, listener_id, type, args: [JSON.stringify(args)]});
  return heard.length - 1;
}"""


@pytest.fixture(scope="module")
async def colleague(owner: Session, chromium: Browser) -> AsyncIterator[Session]:
    """Another person who may edit, in a browser of their own."""
    link = await owner.call("POST", "/members/invitations", {"email": "kim@example.test", "role": "editor"})
    context = await new_context(chromium)
    page = await context.new_page()
    await page.goto(link["url"])
    await page.get_by_test_id("name").fill("Kim Berg")
    await page.get_by_test_id("password").fill(PASSWORD)
    await page.get_by_test_id("submit").click()
    await page.wait_for_url(f"{owner.base}/")
    yield Session(owner.base, context)
    await context.close()


@pytest.mark.parametrize("face", ["canvas", "list"])
async def test_a_viewer_finds_no_control_that_changes_and_forged_events_change_nothing(
    face: str, owner: Session, viewer: Session
):
    name = f"only-looking-{face}"
    recipe = await owner.recipe(ORDERS.format(name=name, title="Only looking"))
    page = await viewer.page(f"/recipes/{recipe['id']}/{face}?anyway=1")
    await expect(page.locator("[data-ready=true]")).to_be_visible()
    await page.get_by_test_id({"canvas": "box-keep", "list": "row-keep"}[face]).click()
    await expect(page.get_by_test_id("panel-title")).to_have_text("Keep the order")
    await expect(page.locator(".pd-read-only[inert]")).to_be_visible()
    await expect(
        page.locator("main :is(input, textarea):not([inert] *):not([role=combobox]):not([type=search])")
    ).to_have_count(0)
    await expect(page.get_by_role("button", name="Publish")).to_have_count(0)
    assert await page.evaluate(FORGED) > 0
    await expect(page.get_by_test_id("panel")).to_be_visible()
    assert (await viewer.browser.request.put(f"{viewer.base}/api/v1/recipes/{name}", data="{}")).status == 403
    after = await owner.call("GET", f"/recipes/{name}")
    assert (after["revision"], after["version"]) == (recipe["revision"], recipe["version"])
    await page.close()


async def test_forged_events_of_a_viewer_leave_a_dataset_as_it_was(owner: Session, viewer: Session):
    columns = [{"name": "number", "type": "text"}]
    await owner.call("POST", "/datasets", {"name": "unforged", "key": ["number"], "columns": columns})
    await owner.call("POST", "/datasets/unforged/import?format=json", [{"number": "A-1"}])
    before = await owner.call("GET", "/datasets/unforged/records")
    page = await viewer.page("/datasets/unforged")
    await expect(page.get_by_role("grid")).to_contain_text("A-1")
    assert await page.evaluate(FORGED) > 0
    await page.reload()
    await expect(page.get_by_role("grid")).to_contain_text("A-1")
    assert await owner.call("GET", "/datasets/unforged/records") == before
    await page.close()


@pytest.mark.parametrize("face", ["canvas", "list"])
async def test_two_people_edit_at_once_both_are_told_and_no_draft_is_lost(
    face: str, owner: Session, colleague: Session
):
    name = f"both-{face}"
    recipe = await owner.recipe(ORDERS.format(name=name, title="Both"))
    mine = await _at_step(owner, recipe["id"], face, "keep")
    theirs = await _at_step(colleague, recipe["id"], face, "large")
    await mine.get_by_test_id("step-title").fill("Mine")
    await theirs.get_by_test_id("step-title").fill("Theirs")
    await theirs.get_by_test_id("panel-save").click()
    await expect(mine.get_by_text("Somebody else changed this recipe")).to_be_visible()
    await mine.get_by_test_id("panel-save").click()
    await expect(theirs.get_by_text("Somebody else changed this recipe")).to_be_visible()
    await expect(theirs.get_by_test_id(_of(face, "keep"))).to_contain_text("Mine")
    await expect(mine.get_by_test_id(_of(face, "large"))).to_contain_text("Theirs")
    steps = (await owner.call("GET", f"/recipes/{name}"))["document"]["spec"]["steps"]
    assert [step["title"] for step in steps] == ["Theirs", "Mine"]
    await mine.close()
    await theirs.close()


async def _at_step(session: Session, recipe: str, face: str, step: str) -> Page:
    page = await session.page(f"/recipes/{recipe}/{face}")
    await expect(page.locator("[data-ready=true]")).to_be_visible()
    await page.get_by_test_id(_of(face, step)).click()
    await expect(page.get_by_test_id("step-title")).to_be_visible()
    return page


def _of(face: str, step: str) -> str:
    """Return the mark of a step on the canvas, or in the list."""
    return {"canvas": "box-", "list": "row-"}[face] + step
