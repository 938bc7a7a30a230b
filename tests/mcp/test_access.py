"""Who is let in, and to what: keys, roles, scopes, other workspaces, hosts, origins, sizes, rates."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import pytest

from tests.mcp.assistants import Keys, assistant, called, text_of
from tests.spine.running_hub import RunningHub, until

READ_TOOLS = {
    "list_schemas",
    "get_schema",
    "get_extraction",
    "search_recipes",
    "get_recipe",
    "validate_recipe",
    "list_runs",
    "get_run",
    "list_reviews",
    "list_connectors",
}
RUN_TOOLS = {"extract_text", "extract_file", "extract_url", "plan_recipe", "run_recipe"}
WRITE_TOOLS = {"propose_schema", "propose_recipe"}
DOCUMENT = {"type": "object", "title": "Refused", "properties": {"number": {"type": "string"}}}
ASK = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
HEADERS = {"accept": "application/json, text/event-stream", "content-type": "application/json"}


async def _tools(hub: RunningHub, key: str) -> set[str]:
    async with assistant(hub, key) as client:
        return {tool.name for tool in (await client.list_tools()).tools}


async def test_each_key_is_shown_the_tools_that_its_role_and_scopes_allow(hub: RunningHub, keys: Keys):
    assert await _tools(hub, keys.of("viewer", "admin")) == READ_TOOLS
    assert await _tools(hub, keys.of("editor", "read")) == READ_TOOLS
    assert await _tools(hub, keys.of("editor", "run")) == READ_TOOLS | RUN_TOOLS
    assert await _tools(hub, keys.of("editor", "write")) == READ_TOOLS | RUN_TOOLS | WRITE_TOOLS
    assert await _tools(hub, keys.of("editor", "admin", test=True)) == READ_TOOLS | RUN_TOOLS


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("extract_text", {"text": "Total: 5", "schema": "invoice"}),
        ("extract_text", {"text": "Total: 5"}),
        ("extract_file", {"content_base64": "VG90YWw6IDU=", "schema": "invoice"}),
        ("extract_url", {"url": "http://127.0.0.1:1/", "schema": "invoice"}),
        ("propose_schema", {"document": DOCUMENT}),
        ("propose_recipe", {"document": {}}),
        ("plan_recipe", {"recipe": "assisted"}),
        ("run_recipe", {"recipe": "assisted", "live": True}),
    ],
)
async def test_a_viewer_is_refused_whatever_does_something(
    hub: RunningHub, keys: Keys, recipe: str, tool: str, arguments: dict[str, Any]
):
    result = await called(hub, keys.of("viewer", "admin"), tool, **arguments)
    assert text_of(result) == "Not allowed: This needs the role editor; yours is viewer."


async def test_a_key_lacks_what_its_scopes_do_not_say(hub: RunningHub, keys: Keys):
    result = await called(hub, keys.of("editor", "run"), "propose_schema", document=DOCUMENT)
    assert text_of(result) == "Not allowed: This key lacks the scope write."


async def test_a_test_key_may_extract_and_plan_but_propose_nothing(hub: RunningHub, keys: Keys):
    key = keys.of("editor", "admin", test=True)
    made = await called(hub, key, "extract_text", text="Total: 5.00 EUR", schema="invoice")
    refused = await called(hub, key, "propose_schema", document=DOCUMENT)
    assert not made.is_error
    assert "A test key may only plan and extract" in text_of(refused)


async def test_a_live_run_of_a_test_key_is_a_plan_that_says_so(hub: RunningHub, keys: Keys, recipe: str):
    key = keys.of("editor", "admin", test=True)
    ran = (await called(hub, key, "run_recipe", recipe=recipe, item={"number": "T-1"}, live=True)).structured_content
    assert (ran["live"], ran["item"], ran["plan"]["run"]["kind"]) == (False, None, "plan")
    assert "only a plan; nothing was written" in ran["told"]


async def test_nothing_of_another_workspace_is_there(hub: RunningHub, keys: Keys, key: str, recipe: str):
    stranger = keys.elsewhere()
    made = (await called(hub, key, "extract_text", text="Total: 5.00", schema="invoice")).structured_content
    plan = (await called(hub, key, "plan_recipe", recipe=recipe, item={"number": "1"})).structured_content
    own = hub.get("recipes/assisted")["id"]
    asked = [
        await called(hub, stranger, "get_extraction", extraction=made["id"]),
        await called(hub, stranger, "get_run", run=plan["run"]["id"]),
        await called(hub, stranger, "get_recipe", recipe=own),
        await called(hub, stranger, "run_recipe", recipe=own, live=True),
    ]
    listed = (await called(hub, stranger, "search_recipes")).structured_content
    assert [result.is_error for result in asked] == [True, True, True, True]
    assert {text_of(result).partition(":")[0] for result in asked} == {"Not found"}
    assert listed["items"] == []


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer pd_live_wrong", "Bearer some.other.token", "Basic YTpi"]
)
def test_a_wrong_token_is_told_where_to_look(hub: RunningHub, authorization: str):
    headers = {**HEADERS, **({"authorization": authorization} if authorization else {})}
    answer = httpx2.post(f"{hub.url}/mcp", json=ASK, headers=headers, timeout=60)
    named = answer.headers["www-authenticate"].partition("resource_metadata=")[2].strip('"')
    metadata = httpx2.get(named, timeout=60).json()
    assert answer.status_code == 401
    assert (metadata["resource"], metadata["bearer_methods_supported"]) == (f"{hub.url}/mcp", ["header"])
    assert metadata["scopes_supported"] == ["read", "run", "write", "admin"]
    assert "No authorization server is configured" in metadata["patchdeck_authentication"]


def test_a_session_cookie_opens_nothing(hub: RunningHub):
    answer = httpx2.post(f"{hub.url}/mcp", json=ASK, headers={**HEADERS, "cookie": "patchdeck_session=x"}, timeout=60)
    assert answer.status_code == 401


def _post(hub: RunningHub, key: str, content: bytes, **headers: str) -> httpx2.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    sent = {**HEADERS, "authorization": f"Bearer {key}", **named}
    return httpx2.post(f"{hub.url}/mcp", content=content, headers=sent, timeout=60)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "rebound.example"}, 421),
        ({"host": "localhost.rebound.example:8080"}, 421),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"host": "localhost", "origin": "http://localhost"}, 200),
        ({"host": "192.0.2.7:8080"}, 200),
    ],
)
def test_pages_of_other_sites_and_rebound_names_are_refused(
    hub: RunningHub, key: str, headers: dict[str, str], status: int
):
    assert _post(hub, key, json.dumps(ASK).encode(), **headers).status_code == status


@pytest.mark.parametrize(
    ("content", "statuses"),
    [
        (b" " * (16 * 1024 * 1024 + 1), {413}),
        (b"[" * 200_000, {400}),
        (b"not json", {400}),
        (b"", {400}),
        (b'{"jsonrpc":"2.0","id":1}', {400}),
        (b'[{"jsonrpc":"2.0","id":1,"method":"tools/list"}]', {400}),
    ],
)
@pytest.mark.parametrize("version", ["2025-11-25", "2026-07-28"])
def test_oversized_and_malformed_messages_are_refused_and_the_hub_goes_on(
    hub: RunningHub, key: str, content: bytes, statuses: set[int], version: str
):
    answer = _post(hub, key, content, mcp_protocol_version=version)
    assert answer.status_code in statuses
    assert "Traceback" not in answer.text
    assert _post(hub, key, json.dumps(ASK).encode()).status_code == 200


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT"])
def test_there_are_no_streams_and_no_sessions(hub: RunningHub, key: str, method: str):
    headers = {"authorization": f"Bearer {key}", **HEADERS}
    answer = httpx2.request(method, f"{hub.url}/mcp", headers=headers, timeout=60)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


def test_calls_over_both_ways_in_count_towards_one_limit(hub: RunningHub):
    def called_both_ways() -> tuple[httpx2.Response, httpx2.Response]:
        wanted = {"name": "slow", "scopes": ["read"], "rate_limit": 1}
        key = hub.http.post("/api/v1/keys", json=wanted).raise_for_status().json()["key"]
        over_rest = hub.http.get("/api/v1/schemas", headers={"authorization": f"Bearer {key}"})
        return over_rest, _post(hub, key, json.dumps(ASK).encode())

    # With more than a second between them both are let in; then two calls with another key are looked at.
    over_rest, over_mcp = until(called_both_ways, lambda both: both[1].status_code == 429)
    assert (over_rest.status_code, over_mcp.status_code) == (200, 429)
    assert (over_mcp.headers["retry-after"], over_mcp.headers["ratelimit-limit"]) == ("1", "1")


async def test_a_revoked_key_is_out_at_once(hub: RunningHub, keys: Keys):
    made = hub.http.post("/api/v1/keys", json={"name": "short", "scopes": ["read"]}).json()
    before = _post(hub, made["key"], json.dumps(ASK).encode()).status_code
    hub.http.delete(f"/api/v1/keys/{made['id']}").raise_for_status()
    assert (before, _post(hub, made["key"], json.dumps(ASK).encode()).status_code) == (200, 401)


def test_what_is_proposed_stands_in_the_audit_trail(hub: RunningHub, key: str):
    document = {"apiVersion": "patchdeck/v1", "kind": "Recipe", "metadata": {"name": "audited"}}
    document |= {"spec": {"trigger": {"uses": "manual.submitted"}, "steps": []}}
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call"}
    call |= {"params": {"name": "propose_recipe", "arguments": {"document": document}}}
    _post(hub, key, json.dumps(call).encode()).raise_for_status()
    entries = hub.get("audit", limit=20)["items"]
    (entry,) = [one for one in entries if (one["verb"], one["detail"].get("name")) == ("recipe.created", "audited")]
    assert "mcp" in entry["actor"]
