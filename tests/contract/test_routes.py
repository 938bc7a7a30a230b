"""REST as the contract says: every route, one shape of lists, one shape of refusals."""

import re
from typing import Any

import pytest

from tests.spine.running_hub import RunningHub

ROUTES = """
GET /schemas
POST /schemas
GET /schemas/{id}/versions
GET /files
POST /files
GET /extractions
POST /extractions
GET /recipes
POST /recipes
GET /recipes/{id}/versions
POST /recipes/{id}/publish
POST /recipes/{id}/pause
POST /recipes/{id}/resume
POST /recipes/{id}/plan
POST /recipes/{id}/test
GET /recipes/{id}/runs
POST /recipes/{id}/runs
GET /runs/{id}
GET /runs/{id}/items
POST /runs/{id}/retry
POST /runs/{id}/cancel
POST /runs/{id}/apply
POST /runs/{id}/undo
POST /items/{id}/replay
GET /connectors
GET /connections
POST /connections
POST /connections/{id}/test
GET /datasets
GET /datasets/{id}/records
GET /workspaces
GET /members
GET /keys
POST /keys
GET /audit
GET /usage
GET /events
GET /recipe-schema.json
"""
LISTS = [
    "schemas",
    "files",
    "extractions",
    "recipes",
    "runs",
    "items",
    "connectors",
    "connections",
    "datasets",
    "datasets/events/records",
    "recipes/events/runs",
    "members/invitations",
    "keys",
    "audit",
]
SHORT = ["workspaces", "members", "usage", "recipes/events/versions", "schemas/invoice/versions"]
JSON = "application/json"
PROBLEM = {"type", "title", "status", "detail", "request_id", "errors"}
REFUSALS: list[tuple[str, str, dict[str, Any], int]] = [
    ("GET", "/api/v1/nothing", {}, 404),
    ("GET", "/api/v1/recipes/nothing", {}, 404),
    ("PATCH", "/api/v1/recipes", {}, 405),
    ("POST", "/api/v1/keys", {}, 400),
    ("POST", "/api/v1/keys", {"content": b"{bad", "headers": {"content-type": JSON}}, 400),
    ("POST", "/api/v1/keys", {"content": b"name=x", "headers": {"content-type": "text/plain"}}, 415),
    ("POST", "/api/v1/keys", {"json": {"name": 1}}, 400),
    ("POST", "/api/v1/keys", {"json": {"name": "x", "nothing": 1}}, 400),
    ("POST", "/api/v1/recipes", {"content": b"[1"}, 422),
    ("GET", "/api/v1/recipes?limit=0", {}, 400),
    ("GET", "/api/v1/runs?cursor=zz", {}, 422),
    ("GET", "/api/v1/runs?state=zz", {}, 400),
    ("GET", "/api/v1/recipes", {"headers": {"authorization": "Bearer pd_live_nobody"}}, 401),
    ("GET", "/hooks/nothing", {}, 405),
    ("POST", "/hooks/nothing", {}, 404),
    ("POST", "/hooks/test/nothing", {}, 404),
    ("POST", "/hooks/%00", {}, 422),
]


def test_every_route_of_the_contract_is_there(hub: RunningHub) -> None:
    paths = hub.http.get("/api/openapi.json").json()["paths"]
    there = {
        f"{method.upper()} {re.sub('{[^}]*}', '{id}', path).removeprefix('/api/v1')}"
        for path, item in paths.items()
        for method in item
    }
    assert set(ROUTES.split("\n")) - {""} - there == set()


@pytest.mark.parametrize("path", LISTS)
def test_every_list_goes_page_by_page(filled: RunningHub, path: str) -> None:
    first = filled.http.get(f"/api/v1/{path}", params={"limit": 1}).json()
    second = filled.http.get(f"/api/v1/{path}", params={"limit": 1, "cursor": first["next_cursor"]}).json()
    assert set(first) == set(second) == {"items", "next_cursor"}
    assert [len(first["items"]), len(second["items"])] == [1, 1]
    assert first["items"] != second["items"]


@pytest.mark.parametrize("path", SHORT)
def test_short_lists_have_the_same_shape(filled: RunningHub, path: str) -> None:
    answer = filled.http.get(f"/api/v1/{path}", params={"limit": 500}).json()
    assert (set(answer), answer["next_cursor"]) == ({"items", "next_cursor"}, None)


def test_starters_and_own_schemas_make_one_list(filled: RunningHub) -> None:
    own = {"metadata": {"name": "meter"}, "spec": {"fields": [{"name": "reading", "type": "number"}]}}
    filled.http.put("/api/v1/schemas/meter", json=own).raise_for_status()
    assert [one["name"] for one in filled.asked("schema", "list")] == [
        "article", "contract", "cv", "invoice", "purchase_order", "receipt", "meter",
    ]  # fmt: skip
    sixth = filled.http.get("/api/v1/schemas", params={"limit": 6}).json()
    seventh = filled.http.get("/api/v1/schemas", params={"limit": 6, "cursor": sixth["next_cursor"]}).json()
    assert ([one["name"] for one in seventh["items"]], seventh["next_cursor"]) == (["meter"], None)


@pytest.mark.parametrize(("method", "path", "request_", "status"), REFUSALS)
def test_every_refusal_is_a_problem(
    hub: RunningHub, method: str, path: str, request_: dict[str, Any], status: int
) -> None:
    answer = hub.http.request(method, path, **request_)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert set(answer.json()) == PROBLEM
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_names_parameters_as_callers_do(hub: RunningHub) -> None:
    answer = hub.http.get("/api/v1/runs", params={"state": "zz"}).json()
    assert [one["path"] for one in answer["errors"]] == ["state"]


def test_names_every_wrong_setting_of_a_connection(hub: RunningHub) -> None:
    given = {"name": "ledger", "connector": "postgres", "settings": {"host": 1, "user": "u", "prot": 5432}}
    problems = hub.http.post("/api/v1/connections", json=given).json()["errors"]
    assert {one["path"]: one["message"] for one in problems} == {
        "settings.database": "This is missing.",
        "settings.password": "This is missing.",
        "settings.host": "Expected a text, got a whole number.",
        "settings.prot": "There is no setting 'prot'. Did you mean 'port'?",
    }


def test_a_connection_changes_only_from_the_revision_that_was_seen(filled: RunningHub) -> None:
    (found,) = [one for one in filled.get("connections")["items"] if one["name"] == "one"]
    place, change = f"/api/v1/connections/{found['id']}", {"settings": {"scheme": "github"}}
    tag = filled.http.get(place).headers["etag"]
    changed = filled.http.patch(place, json=change, headers={"if-match": tag})
    assert (changed.status_code, changed.json()["settings"]["scheme"]) == (200, "github")
    assert changed.headers["etag"] != tag
    assert filled.http.patch(place, json=change, headers={"if-match": tag}).status_code == 412


@pytest.mark.parametrize(("path", "change"), [("workspaces", {"name": "Renamed"}), ("members", {"role": "owner"})])
def test_a_workspace_and_a_member_change_only_as_they_were_seen(
    hub: RunningHub, path: str, change: dict[str, str]
) -> None:
    place = f"/api/v1/{path}/{hub.get(path)['items'][0]['id']}"
    tag = hub.http.get(place).headers["etag"]
    assert hub.http.patch(place, json=change, headers={"if-match": '"0"'}).status_code == 412
    assert hub.http.patch(place, json=change, headers={"if-match": tag}).status_code == 200


def test_a_recipe_runs_by_name_and_an_item_is_known_by_its_key(hub: RunningHub) -> None:
    given = {"content": {"body": {"id": 99, "total": 2}}, "key": "by-hand"}
    first, second = (hub.http.post("/api/v1/recipes/events/runs", json=given) for _ in range(2))
    assert (first.status_code, first.headers["location"]) == (202, f"/api/v1/items/{first.json()['item']}")
    assert (first.json()["duplicate"], second.json()["duplicate"]) == (False, True)
    assert first.json()["item"] == second.json()["item"]


def test_undoing_a_plan_takes_back_what_applying_it_wrote(hub: RunningHub) -> None:
    planned = hub.http.post("/api/v1/recipes/events/plan", json={"content": {"body": {"id": 500, "total": 5}}}).json()
    plan = planned["run"]["id"]
    hub.command("run", "apply", plan)
    assert hub.get("datasets/events/records", q="id:500")["items"][0]["values"] == {"id": 500, "total": 5}
    hub.command("run", "undo", plan)
    assert hub.get("datasets/events/records", q="id:500")["items"] == []


DEEP = b"[" * 20_000 + b"]" * 20_000
ODD: list[tuple[str, str, dict[str, Any]]] = [
    ("GET", "/api/v1/recipes/%00", {}),
    ("GET", "/api/v1/recipes?q=%00", {}),
    ("GET", "/api/v1/files?q=%00", {}),
    ("GET", "/api/v1/datasets/events/records?q=%00", {}),
    ("GET", "/api/v1/runs?recipe=%00", {}),
    ("GET", "/api/v1/recipes/events/versions/99999999999999999999", {}),
    ("POST", "/api/v1/keys", {"json": {"name": "a\0b"}}),
    ("POST", "/api/v1/keys", {"content": DEEP}),
    ("POST", "/api/v1/workspaces", {"json": {"name": "a\0b"}}),
    ("POST", "/api/v1/datasets", {"json": {"name": "odd", "title": "a\0b"}}),
    ("POST", "/api/v1/extractions", {"json": {"schema": "a\0b", "text": "x"}}),
    ("POST", "/api/v1/recipes/events/runs", {"content": b'{"content": ' + DEEP + b"}"}),
    ("POST", "/api/v1/schemas", {"content": DEEP}),
]


@pytest.mark.parametrize(("method", "path", "request_"), ODD, ids=[f"{method} {path}" for method, path, _ in ODD])
def test_odd_characters_and_sizes_are_refused_not_faults(
    hub: RunningHub, method: str, path: str, request_: dict[str, Any]
) -> None:
    answer = hub.http.request(method, path, **request_)
    assert 400 <= answer.status_code < 500
    assert set(answer.json()) == PROBLEM
