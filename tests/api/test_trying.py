"""Trying drafts out over REST: what is refused, and that hostile samples stay samples."""

from __future__ import annotations

import httpx
import pytest

from hub.composition import Services
from hub.ids import new_id
from hub.members import Member
from hub.recipes import parse
from tests.api.conftest import session_headers

RECIPE = """
apiVersion: patchdeck/v1
kind: Recipe
metadata: {name: tried}
spec:
  trigger: {uses: webhook.received}
  steps:
    - {id: named, uses: set, with: {fields: {who: "{{ trigger.body.who }}"}}}
    - {id: each, uses: set, each: "{{ trigger.body.lines }}", with: {fields: {n: "{{ element }}"}}}
"""


@pytest.fixture
async def owner(services: Services, member: Member) -> dict[str, str]:
    await services.recipes.apply(member, parse(RECIPE), publish=True)
    return await session_headers(services, member)


async def test_a_template_in_a_sample_is_only_text(client: httpx.AsyncClient, owner: dict[str, str]) -> None:
    hostile = {"body": {"who": "{{ trigger.body.secret }}{% include 'x' %}<script>", "secret": "s3cret", "lines": []}}
    made = await client.post("/api/v1/recipes/tried/tries", json={"step": "each", "content": hostile}, headers=owner)
    assert made.status_code == 200, made.text
    named, each = made.json()["steps"]
    assert named["output"] == {"who": hostile["body"]["who"]}
    assert (each["state"], each["output"], each["elements"]) == ("done", [], 0)
    known = (await client.get("/api/v1/recipes/tried/outputs?step=each", headers=owner)).json()["items"]
    assert [(one["step"], one["source"]) for one in known[0]["outputs"]] == [("named", "try")]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("tries", {"step": "nowhere"}, 404),
        ("tries", {"step": "named"}, 422),
        ("tries", {"step": "named", "item": f"itm_{'0' * 26}"}, 404),
        ("tries", {"step": "named", "content": {}, "live": True}, 400),
        ("tries", {"step": "each", "content": {"body": {"lines": 5}}, "element": 0}, 422),
        ("tries", {"step": "each", "content": {"body": {"lines": [1]}}, "element": -1}, 422),
        ("samples", {"content": {"text": "x" * 5_100_000}}, 413),
        ("samples", {}, 409),
    ],
)
async def test_what_cannot_be_tried_is_refused_with_a_sentence(
    client: httpx.AsyncClient, owner: dict[str, str], path: str, body: object, status: int
) -> None:
    answer = await client.post(f"/api/v1/recipes/tried/{path}", json=body, headers=owner)
    assert answer.status_code == status, answer.text
    assert answer.json()["detail"].endswith(".")


async def test_a_sample_that_nests_very_deep_is_refused(client: httpx.AsyncClient, owner: dict[str, str]) -> None:
    deep = '{"content": ' + "[" * 5000 + "]" * 5000 + "}"
    headers = {**owner, "content-type": "application/json"}
    answer = await client.post("/api/v1/recipes/tried/samples", content=deep, headers=headers)
    assert 400 <= answer.status_code < 500, answer.text


async def test_another_workspaces_item_is_no_sample(
    client: httpx.AsyncClient, owner: dict[str, str], services: Services, member: Member
) -> None:
    kept = await services.tries.keep(member, await services.recipes.identify(member, "tried"), {"body": {}})
    other = RECIPE.replace("tried", f"other-{new_id().hex[:8]}")
    await services.recipes.apply(member, parse(other))
    name = parse(other).metadata.name
    body = {"step": "named", "item": kept.id}
    answer = await client.post(f"/api/v1/recipes/{name}/tries", json=body, headers=owner)
    assert answer.status_code == 404
