"""Files in the settings of a step: uploaded where they are asked for, taken out again, and read by the step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as tried
from hypothesis import strategies as st
from nicegui import Client, ui
from playwright.async_api import expect

from connectors.sdk.describe import FieldDescription, FieldKind
from tests.ui.hub import Session
from ui.form import Form

FIELD = FieldDescription(name="source", title="Source", kind=FieldKind.FILE, templated=True)
DOCUMENT = """
apiVersion: patchdeck/v1
kind: Recipe
metadata: {name: with-a-file}
spec:
  trigger: {uses: webhook.received}
  steps:
    - {id: read, uses: extract, with: {schema: invoice, source: "{{ trigger.body.text }}"}}
"""
STORED = st.fixed_dictionaries(
    {"file": st.just("fil_06dxy0000000000000000000aa")},
    optional={"name": st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"))), "size": st.integers()},
)
GIVEN = st.one_of(
    STORED, st.lists(STORED, min_size=1, max_size=3), st.just("{{ trigger.attachments }}"), st.just({"file": 7}),
    st.just([{"file": "fil_06dxy0000000000000000000aa"}, "{{ trigger.file }}"]), st.just({"url": "https://a.example"}),
)  # fmt: skip


@pytest.fixture
def drawn() -> Iterator[Client]:
    """Somewhere to draw without a browser."""
    client = Client(ui.page("/files"), request=None)
    with client:
        yield client


@tried(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=GIVEN)
def test_a_file_that_nobody_touched_stays_as_it_was(drawn, value):
    form = Form([FIELD], {"source": value})
    form.draw()
    assert form.values() == {"source": value}


async def test_a_file_is_uploaded_where_it_is_asked_for_and_taken_out_again(owner: Session):
    made = await owner.recipe(DOCUMENT)
    page = await owner.page(f"/recipes/{made['id']}/canvas")
    await page.get_by_test_id("box-read").click()
    hostile = {"name": "<img src=x>.txt", "mimeType": "text/plain", "buffer": b"Invoice A-1, total 12.50 EUR"}
    await page.get_by_test_id("upload-source").locator("input[type=file]").set_input_files(hostile)  # type: ignore[arg-type]  # as Playwright takes it
    taken_out = page.get_by_role("button", name="Take <img src=x>.txt out")
    await expect(taken_out).to_be_visible()
    kept = await source(owner, page, made["id"])
    assert (kept["name"], kept["size"]) == ("<img src=x>.txt", 28)
    assert (await owner.call("GET", f"/files/{kept['file']}"))["media_type"] == "text/plain"
    await page.reload()
    await page.get_by_test_id("box-read").click()
    await taken_out.click()
    await expect(taken_out).to_be_hidden()
    await page.get_by_test_id("field-source").fill("{{ trigger.body.letter }}")
    assert await source(owner, page, made["id"]) == "{{ trigger.body.letter }}"
    await page.close()


async def source(owner: Session, page: Any, recipe: str) -> Any:
    """Take over what was filled in and return the step's source as it was stored."""
    status = page.get_by_test_id("save-status")
    before = await status.inner_text()
    await page.get_by_test_id("panel-save").click()
    await expect(status).not_to_have_text(before)
    document = (await owner.call("GET", f"/recipes/{recipe}"))["document"]
    return document["spec"]["steps"][0]["with"]["source"]
