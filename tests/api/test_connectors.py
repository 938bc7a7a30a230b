"""The connectors' routes: a list for the palette, a sheet for the form."""

import httpx
import pytest

from connectors.sdk.registry import registry
from hub.composition import Services
from hub.members import Member
from tests.api.conftest import session_headers


@pytest.fixture
async def headers(services: Services, member: Member) -> dict[str, str]:
    return await session_headers(services, member)


async def test_lists_connectors_with_what_they_offer(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    answer = await client.get("/api/v1/connectors", headers=headers)
    found = {one["name"]: one for one in answer.json()["items"]}
    assert answer.status_code == 200
    assert found["http"]["needs_connection"]
    assert {part["uses"]: part["role"] for part in found["http"]["parts"]} == {
        "http.new_element": "trigger",
        "http.graphql_element": "trigger",
        "http.request": "lookup",
        "http.graphql_query": "lookup",
        "http.send": "target",
        "http.graphql_change": "target",
    }


async def test_lists_connectors_in_pages(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    first = (await client.get("/api/v1/connectors?limit=5", headers=headers)).json()
    cursor = first["next_cursor"]
    second = (await client.get("/api/v1/connectors", params={"limit": 5, "cursor": cursor}, headers=headers)).json()
    names = [one["name"] for one in (*first["items"], *second["items"])]
    assert len(names) == 10
    assert names == list(registry())[:10]


async def test_shows_a_connectors_form(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    sheet = (await client.get("/api/v1/connectors/http", headers=headers)).json()
    secret = next(field for field in sheet["connection"] if field["kind"] == "secret")
    send = next(part for part in sheet["parts"] if part["summary"]["uses"] == "http.send")
    url = next(field for field in send["fields"] if field["name"] == "url")
    assert (secret["name"], secret["default"]) == ("secret", None)
    assert (url["required"], url["templated"], url["kind"]) == (True, True, "text")
    assert send["schema"]["required"] == ["url"]


async def test_says_when_there_is_no_such_connector(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    answer = await client.get("/api/v1/connectors/nothing", headers=headers)
    assert (answer.status_code, answer.json()["title"]) == (404, "Not found")


async def test_shows_nothing_to_nobody(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/v1/connectors")).status_code == 401
