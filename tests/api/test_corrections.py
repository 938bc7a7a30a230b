"""Corrections, verdicts, layouts and accuracy over REST."""

from __future__ import annotations

import httpx
import pytest

from hub.composition import Services
from hub.ids import new_id, show
from tests.api.conftest import session_headers
from tests.conftest import Members

ORDER = "Order A-100 of 2026-02-03\nNet 14.00\nTax 2.80\nTotal: 16.80 EUR\nWith thanks from all of us\n"


@pytest.fixture
async def headers(services: Services, members: Members) -> dict[str, str]:
    return await session_headers(services, members.editor)


@pytest.fixture
async def order(services: Services, members: Members) -> str:
    made = await services.extractions.extract_text(members.editor, ORDER, "invoice")
    return f"/api/v1/extractions/{made.id}"


async def test_values_are_put_right_and_taken_back(
    client: httpx.AsyncClient,
    order: str,
    headers: dict[str, str],
):
    changes = {"changes": [{"path": "number", "value": "A-100", "place": {"characters": [6, 11]}}]}
    corrected = await client.patch(order, json=changes, headers=headers)
    listed = (await client.get(f"{order}/corrections", headers=headers)).json()["items"]
    undone = await client.post(f"{order}/corrections/{listed[0]['id']}/undo", headers=headers)
    assert corrected.status_code == 200
    assert corrected.json()["record"]["number"] == "A-100"
    assert (listed[0]["before"], listed[0]["after"], listed[0]["evidence"][0]["text"]) == (None, "A-100", "A-100")
    assert undone.json()["record"]["number"] is None


async def test_a_verdict_is_counted_in_the_accuracy(
    client: httpx.AsyncClient,
    order: str,
    headers: dict[str, str],
):
    judged = await client.post(f"{order}/verdict", json={"verdict": "correct"}, headers=headers)
    points = (await client.get("/api/v1/accuracy?by=field&period=day", headers=headers)).json()["items"]
    assert (judged.status_code, judged.json()["verdict"]) == (200, "correct")
    assert {"total", "net", "tax"} <= {point["key"] for point in points}
    assert {point["accuracy"] for point in points} == {1.0}


async def test_layouts_are_shown_and_forgotten(
    client: httpx.AsyncClient,
    order: str,
    headers: dict[str, str],
):
    corrected = await client.patch(order, json={"changes": [{"path": "total", "value": 16.8}]}, headers=headers)
    layout = corrected.json()["layout"]
    shown = await client.get(f"/api/v1/layouts/{layout}", headers=headers)
    gone = await client.delete(f"/api/v1/layouts/{layout}", headers=headers)
    left = await client.get("/api/v1/layouts?schema=invoice", headers=headers)
    assert shown.json()["places"][0]["path"] == "total"
    assert (gone.status_code, left.json()["items"]) == (204, [])


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"changes": []}, "changes"),
        ({"changes": [{"path": "nothing", "value": 1}]}, "nothing"),
        ({"changes": [{"path": "total", "value": "a lot"}]}, "total"),
        ({"changes": [{"path": "total", "value": 1, "record": 9}]}, "record"),
    ],
)
async def test_a_change_that_does_not_fit_is_named(
    client: httpx.AsyncClient,
    order: str,
    headers: dict[str, str],
    body: dict[str, object],
    path: str,
):
    refused = await client.patch(order, json=body, headers=headers)
    assert refused.status_code == 422
    assert [problem["path"] for problem in refused.json()["errors"]] == [path]


@pytest.mark.parametrize(
    "body",
    [
        {"changes": [{"path": "total", "value": 1, "record": -1}]},
        {"changes": [{"path": "total", "value": 1, "colour": "red"}]},
        {"changes": [{"path": "total", "value": 1, "kind": "explode"}]},
        {"changes": [{"path": "total", "value": 1, "place": {"box": [1, 2]}}]},
        {"changes": "all of them"},
        [],
        "x",
    ],
)
async def test_a_body_of_another_shape_is_refused(
    client: httpx.AsyncClient,
    order: str,
    headers: dict[str, str],
    body: object,
):
    assert (await client.patch(order, json=body, headers=headers)).status_code in {400, 422}


async def test_what_is_not_there_is_not_found(client: httpx.AsyncClient, headers: dict[str, str], order: str):
    absent = {
        f"/api/v1/layouts/{show('lay', new_id())}",
        f"/api/v1/extractions/{show('ext', new_id())}/corrections",
        "/api/v1/layouts/nonsense",
    }
    assert {(await client.get(url, headers=headers)).status_code for url in absent} == {404}
    undo = await client.post(f"{order}/corrections/{show('cor', new_id())}/undo", headers=headers)
    assert undo.status_code == 404
