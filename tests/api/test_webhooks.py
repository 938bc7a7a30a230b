"""Outbound webhooks over REST."""

from __future__ import annotations

import httpx

from hub.accounts import NewKey
from hub.composition import Services
from hub.members import Scope
from tests.api.conftest import session_headers
from tests.conftest import Members

WANTED = {"url": "https://192.0.3.1/hook", "kinds": ["run.*"]}


async def test_makes_changes_and_removes_a_webhook(
    client: httpx.AsyncClient, services: Services, members: Members
) -> None:
    headers = await session_headers(services, members.admin)
    made = await client.post("/api/v1/webhooks", json=WANTED, headers=headers)
    secret, path = made.json()["secret"], made.headers["location"]
    shown = await client.get(path, headers=headers)
    paused = await client.patch(path, json={"active": False}, headers={**headers, "if-match": made.headers["etag"]})
    outdated = await client.patch(path, json={"active": True}, headers={**headers, "if-match": made.headers["etag"]})
    listed = await client.get("/api/v1/webhooks", headers=headers)
    removed = await client.delete(path, headers=headers)
    assert (made.status_code, secret[:6], secret in shown.text + listed.text) == (201, "whsec_", False)
    assert (paused.json()["state"], outdated.status_code, removed.status_code) == ("paused", 412, 204)


async def test_names_the_fields_that_are_wrong(client: httpx.AsyncClient, services: Services, members: Members) -> None:
    headers = await session_headers(services, members.admin)
    private = await client.post("/api/v1/webhooks", json={**WANTED, "url": "http://10.0.0.1/"}, headers=headers)
    unknown = await client.post("/api/v1/webhooks", json={**WANTED, "kinds": ["runs.*"]}, headers=headers)
    nothing = await client.post("/api/v1/webhooks", json={**WANTED, "kinds": []}, headers=headers)
    more = await client.post("/api/v1/webhooks", json={**WANTED, "secret": "mine"}, headers=headers)
    answers = (private, unknown, nothing, more)
    assert [one.json()["errors"][0]["path"] for one in answers] == ["url", "kinds", "kinds", "secret"]
    assert "PATCHDECK_ALLOW_NETWORKS" in private.json()["detail"]


async def test_pages_through_messages(client: httpx.AsyncClient, services: Services, members: Members) -> None:
    headers = await session_headers(services, members.admin)
    path = (await client.post("/api/v1/webhooks", json=WANTED, headers=headers)).headers["location"]
    messages = await client.get(f"{path}/messages?state=failed&limit=1", headers=headers)
    wrong = await client.get(f"{path}/messages?state=lost", headers=headers)
    foreign = await client.get(f"{path}/messages?cursor=nonsense", headers=headers)
    since = await client.post(f"{path}/replay", json={"since": "yesterday"}, headers=headers)
    assert messages.json() == {"items": [], "next_cursor": None}
    assert [one.status_code for one in (wrong, foreign, since)] == [400, 422, 400]


async def test_a_key_that_may_write_may_not_send_everything_elsewhere(
    client: httpx.AsyncClient, services: Services, members: Members
) -> None:
    key = await services.keys.create(members.owner, NewKey(name="writes", scopes=(Scope.WRITE,)))
    headers = {"authorization": f"Bearer {key.key}"}
    made = await client.post("/api/v1/webhooks", json=WANTED, headers=headers)
    kinds = await client.get("/api/v1/webhooks/kinds", headers=headers)
    assert (made.status_code, kinds.status_code) == (403, 200)
    assert "run.done" in {one["kind"] for one in kinds.json()["items"]}
