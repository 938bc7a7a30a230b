"""Providers, the privacy policy and trainings over REST: keys stay in, revisions are named, mistakes are told."""

from __future__ import annotations

from typing import Any

import httpx

from hub.composition import Services
from hub.members import Member
from tests.api.conftest import session_headers

PINNED = {"name": "gpt-5-mini-2026-01-15", "input_price": 0.25, "output_price": 2.0}
NEW = {"name": "OpenAI", "preset": "openai", "key": "sk-never-shown", "models": [PINNED], "cap_usd": 20}


async def add(client: httpx.AsyncClient, headers: dict[str, str], **told: Any) -> httpx.Response:
    return await client.post("/api/v1/providers", json={**NEW, **told}, headers=headers)


async def test_a_key_goes_in_and_never_comes_out(client: httpx.AsyncClient, services: Services, member: Member):
    headers = await session_headers(services, member)
    added = await add(client, headers)
    listed = await client.get("/api/v1/providers", headers=headers)
    shown = await client.get(added.headers["location"], headers=headers)
    assert added.status_code == 201
    assert (shown.json()["key_set"], shown.json()["cap_usd"], shown.json()["position"]) == (True, 20, 1)
    assert "sk-never-shown" not in added.text + listed.text + shown.text


async def test_a_change_leaves_the_rest_and_names_its_revision(
    client: httpx.AsyncClient, services: Services, member: Member
):
    headers = await session_headers(services, member)
    where = (await add(client, headers)).headers["location"]
    changed = await client.patch(where, json={"cap_usd": None}, headers=headers | {"if-match": '"1"'})
    outdated = await client.patch(where, json={"enabled": False}, headers=headers | {"if-match": '"1"'})
    assert (changed.json()["cap_usd"], changed.json()["key_set"], changed.headers["etag"]) == (None, True, '"2"')
    assert outdated.status_code == 412


async def test_a_mistake_is_told_with_its_place(client: httpx.AsyncClient, services: Services, member: Member):
    headers = await session_headers(services, member)
    refused = await add(client, headers, base_url="file:///etc/passwd")
    unknown = await add(client, headers, temperature=1)
    assert (refused.status_code, refused.json()["errors"][0]["path"]) == (422, "base_url")
    assert unknown.status_code in {400, 422}


async def test_presets_say_what_a_form_needs(client: httpx.AsyncClient, services: Services, member: Member):
    headers = await session_headers(services, member)
    found = (await client.get("/api/v1/providers/presets", headers=headers)).json()["items"]
    anthropic = next(one for one in found if one["name"] == "anthropic")
    assert anthropic["key_url"].startswith("https://")
    assert anthropic["supports"] == {"json_schema": False, "vision": True}


async def test_a_provider_is_removed(client: httpx.AsyncClient, services: Services, member: Member):
    headers = await session_headers(services, member)
    where = (await add(client, headers)).headers["location"]
    assert (await client.delete(where, headers=headers)).status_code == 204
    assert (await client.get(where, headers=headers)).status_code == 404


async def test_the_policy_is_shown_and_changed(client: httpx.AsyncClient, services: Services, member: Member):
    headers = await session_headers(services, member)
    first = await client.get("/api/v1/privacy", headers=headers)
    policy = {"action": "mask", "kinds": ["iban", "email"]}
    changed = await client.put("/api/v1/privacy", json=policy, headers=headers | {"if-match": first.headers["etag"]})
    again = await client.put("/api/v1/privacy", json=policy, headers=headers | {"if-match": first.headers["etag"]})
    wrong = await client.put("/api/v1/privacy", json={"action": "shred"}, headers=headers)
    assert first.json()["policy"]["action"] == "flag"
    assert changed.json()["policy"] == {"action": "mask", "kinds": ["iban", "email"], "exempt_local": True}
    assert (again.status_code, wrong.status_code) == (412, 400)


async def test_a_training_needs_something_to_learn_from(client: httpx.AsyncClient, services: Services, member: Member):
    headers = await session_headers(services, member)
    provider = (await add(client, headers)).json()["id"]
    body = {"provider": provider, "schema": "invoice", "base_model": "gpt-5-mini"}
    refused = await client.post("/api/v1/fine-tunings", json=body, headers=headers)
    examples = await client.get("/api/v1/fine-tunings/examples?schema=invoice", headers=headers)
    lines = await client.get("/api/v1/fine-tunings/export?schema=invoice&part=validation", headers=headers)
    assert refused.status_code == 422
    assert "10 are needed" in refused.json()["detail"]
    assert examples.json() == {"schema": "invoice", "training": 0, "validation": 0, "needed": 10, "notes": []}
    assert (lines.status_code, lines.content, lines.headers["content-type"]) == (200, b"", "application/jsonl")
