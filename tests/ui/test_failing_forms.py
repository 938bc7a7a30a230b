"""What a step does when it fails, and what holds for the whole recipe, by form: nothing changes by being looked at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as tried
from hypothesis import strategies as st
from nicegui import Client, ElementFilter, ui
from playwright.async_api import expect

from hub.errors import InvalidError
from hub.recipes import RecipeDocument, from_plain, parse, to_plain, validate
from tests.ui.hub import Session
from ui.recipes.step_form import StepForm
from ui.recipes.whole_form import WholeForm

TIMES = st.sampled_from(["500ms", "2s", "90s", "1h30m", "7d"])
RETRIES = st.fixed_dictionaries(
    {}, optional={"attempts": st.integers(1, 100), "first": TIMES, "factor": st.floats(1, 100), "max": TIMES}
)
STEPS = st.fixed_dictionaries(
    {},
    optional={
        "retry": RETRIES,
        "timeout": TIMES,
        "on_error": st.sampled_from(["dead_letter", "continue", "tell", "gone"]),
        "when_unknown": st.sampled_from(["ask", "resend"]),
        "concurrency": st.integers(1, 1000),
        "note": st.just("kept"),
        "each": st.just("{{ trigger.body.lines }}"),
        "as": st.just("line"),
        "when": st.just({"left": "{{ trigger.body.total }}", "is": "is_set"}),
    },
)
WHOLE = st.fixed_dictionaries(
    {},
    optional={
        "concurrency": st.integers(1, 1000),
        "time_zone": st.sampled_from(["UTC", "Europe/Paris", "Moon/Base"]),
        "keep_outputs": st.sampled_from(["all", "failed", "none"]),
        "retry": RETRIES,
        "subject": st.just({"key": "{{ trigger.body.alert }}", "live": "join"}),
    },
)


def recipe(step: dict[str, Any], settings: dict[str, Any] | None = None) -> RecipeDocument:
    """Make a recipe of a first step, one that writes, and one after it."""
    first = {"id": "look", "uses": "set", "with": {"fields": {"a": 1}}}
    writing = {"dataset": "rows", "columns": {"a": "1"}, "mode": "insert"}
    keep = {"id": "keep", "uses": "dataset.write_rows", "with": writing, **step}
    tell = {"id": "tell", "uses": "template", "with": {"text": "It failed"}}
    spec = {"trigger": {"uses": "webhook.received"}, "steps": [first, keep, tell], "settings": settings or {}}
    return from_plain({"apiVersion": "patchdeck/v1", "kind": "Recipe", "metadata": {"name": "failing"}, "spec": spec})


@pytest.fixture
def drawn() -> Iterator[Client]:
    """Somewhere to draw without a browser."""
    client = Client(ui.page("/failing"), request=None)
    with client:
        yield client


def drawn_step(document: RecipeDocument) -> StepForm:
    """Draw the form of the step that writes."""
    form = StepForm(document, "keep", [])
    form.draw()
    return form


def typed(kind: type[Any], marker: str, value: Any) -> None:
    """Fill in the newest widget of this mark."""
    list(ElementFilter(kind=kind, marker=marker))[-1].set_value(value)


def step_of(document: RecipeDocument, form: StepForm) -> dict[str, Any]:
    """Return the step that writes as the form writes it."""
    found: dict[str, Any] = to_plain(parse(form.written(document)))["spec"]["steps"][1]
    return found


@tried(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(step=STEPS, settings=WHOLE)
def test_a_step_that_nobody_touched_is_written_as_it_was(drawn, step, settings):
    document = recipe(step, settings)
    assert parse(drawn_step(document).written(document)) == document


@tried(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(settings=WHOLE)
def test_settings_of_a_recipe_that_nobody_touched_stay_as_they_were(drawn, settings):
    document = recipe({}, settings)
    form = WholeForm(document)
    form.draw()
    assert form.written(document) == document


def test_tries_begin_with_those_of_the_whole_recipe_and_go_back_to_them(drawn):
    document = recipe({}, {"retry": {"attempts": 7, "first": "1m"}})
    form = drawn_step(document)
    assert [one.value for one in ElementFilter(kind=ui.number, marker="field-attempts")] == [7]
    typed(ui.number, "field-factor", 3)
    assert step_of(document, form)["retry"] == {"attempts": 7, "first": "1m", "factor": 3}
    own = recipe({"retry": {"attempts": 7}})
    form = drawn_step(own)
    typed(ui.number, "field-attempts", None)
    assert "retry" not in step_of(own, form)


def test_a_failure_leads_to_a_step_that_still_comes_after_its_others(drawn):
    document = recipe({})
    form = drawn_step(document)
    choice = next(iter(ElementFilter(kind=ui.select, marker="caught-by")))
    assert list(choice.options) == ["dead_letter", "continue", "tell"]
    choice.set_value("tell")
    written = parse(form.written(document))
    assert (written.spec.steps[1].on_error, written.spec.steps[2].after) == ("tell", "keep")
    assert validate(written) == []


@pytest.mark.parametrize(
    ("marker", "value", "path"),
    [("field-attempts", 0, "attempts"), ("field-attempts", 2.5, "attempts"), ("field-factor", 1e9, "factor")],
)
def test_what_cannot_be_is_refused_with_its_place(drawn, marker, value, path):
    document = recipe({})
    form = drawn_step(document)
    typed(ui.number, marker, value)
    with pytest.raises(InvalidError) as refused:
        form.written(document)
    assert f"spec.steps[1].retry.{path}" in [one.path for one in refused.value.errors]


async def test_failures_and_settings_are_said_on_the_canvas_and_in_the_list(owner: Session):
    plain = to_plain(recipe({}))
    plain["metadata"]["name"] = "failing-page"
    made = await owner.call("POST", "/recipes/apply?publish=true", plain)
    address = f"/recipes/{made['recipe']['id']}"
    page = await owner.page(f"{address}/canvas")
    await page.get_by_test_id("box-keep").click()
    await page.get_by_text("When it fails", exact=True).click()
    await page.get_by_label("Tries", exact=True).fill("5")
    await page.get_by_label("When all tries have failed").click()
    await page.get_by_role("option", name="go on as if it had not").click()
    await page.get_by_test_id("panel-save").click()
    await expect(page.get_by_test_id("save-status")).to_contain_text("2")
    await page.goto(f"{owner.base}{address}/list")
    await page.get_by_role("button", name="Settings of the recipe").click()
    await page.get_by_label("Items at once (optional)").fill("0")
    await page.get_by_test_id("dialog-confirm").click()
    await expect(page.get_by_role("dialog").get_by_role("alert").filter(has_text="1")).to_be_visible()
    await page.get_by_label("Items at once (optional)").fill("1")
    await page.get_by_label("Time zone").fill("Vienna")
    await page.get_by_role("option", name="Europe/Vienna").click()
    await page.get_by_test_id("dialog-confirm").click()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    spec = (await owner.call("GET", address))["document"]["spec"]
    assert (spec["steps"][1]["retry"], spec["steps"][1]["on_error"]) == ({"attempts": 5}, "continue")
    assert spec["settings"] == {"concurrency": 1, "time_zone": "Europe/Vienna"}
    await page.close()
