"""What holds for every request: who calls, problems, CSRF, repeats, limits, headers."""

import asyncio
import time
from collections.abc import Sequence
from types import SimpleNamespace

import asyncpg
import httpx
import msgspec
import pytest

from hub.accounts import NewKey
from hub.api.access import COOKIE
from hub.api.app import create_api
from hub.composition import Services
from hub.config import Config
from hub.database import execute, fetch_one
from hub.ids import new_id
from hub.members import Member, Scope
from hub.usage import MonthlyUsage, Usage
from tests.api.conftest import BASE, key_headers, opened, session_headers
from tests.conftest import Members

GOOD = "correct horse battery"


@pytest.fixture
async def owner(services: Services, member: Member) -> dict[str, str]:
    return await session_headers(services, member)


async def _invited(client: httpx.AsyncClient, owner: dict[str, str]) -> tuple[str, str]:
    email = f"{new_id().hex}@example.test"
    answer = await client.post("/api/v1/members/invitations", json={"email": email, "role": "editor"}, headers=owner)
    assert answer.status_code == 201, answer.text
    return email, answer.json()["url"].rpartition("/")[2]


async def test_signs_in_with_a_cookie_and_out_again(client: httpx.AsyncClient, owner: dict[str, str]) -> None:
    email, token = await _invited(client, owner)
    joined = await client.post("/api/v1/auth/accept", json={"token": token, "password": GOOD})
    assert joined.status_code == 201
    client.cookies.clear()
    signed_in = await client.post("/api/v1/auth/sign-in", json={"email": email, "password": GOOD})
    assert signed_in.status_code == 200
    assert signed_in.json()["profile"]["role"] == "editor"
    cookie = next(value for value in signed_in.headers.get_list("set-cookie") if value.startswith(COOKIE))
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()
    assert (await client.get("/api/v1/auth/me")).json()["email"] == email
    csrf = {"x-csrf-token": signed_in.json()["csrf_token"]}
    assert (await client.post("/api/v1/auth/sign-out", headers=csrf)).status_code == 204
    client.cookies.set(COOKIE, cookie.partition("=")[2].partition(";")[0])
    assert (await client.get("/api/v1/auth/me")).status_code == 401


async def test_tells_nothing_about_whether_an_account_exists(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/auth/forgotten", json={"email": "nobody@example.test"})
    assert (answer.status_code, answer.content) == (202, b"null")


@pytest.mark.parametrize("name", ["authorization", "x-api-key"])
async def test_takes_a_key_in_either_header(
    client: httpx.AsyncClient, services: Services, member: Member, name: str
) -> None:
    created = await services.keys.create(member, NewKey(name="k", scopes=(Scope.READ,)))
    value = f"Bearer {created.key}" if name == "authorization" else created.key
    assert (await client.get("/api/v1/auth/me", headers={name: value})).json()["scopes"] == ["read"]


@pytest.mark.parametrize("key", ["pd_live_" + "x" * 40, "something else", "pd_live_"])
async def test_answers_an_unknown_key_with_a_problem(client: httpx.AsyncClient, key: str) -> None:
    answer = await client.get("/api/v1/auth/me", headers={"authorization": f"Bearer {key}"})
    assert answer.status_code == 401
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.headers["www-authenticate"].startswith("Bearer")
    body = answer.json()
    assert {"type", "title", "status", "detail", "request_id", "errors"} <= set(body)
    assert body["request_id"] == answer.headers["x-request-id"]


async def test_keeps_a_given_request_id(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/auth/me", headers={"x-request-id": "trace-12345678"})
    assert answer.json()["request_id"] == "trace-12345678"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/api/v1/nothing", 404), ("PUT", "/api/v1/keys", 405), ("GET", "/api/v1/keys/key_nonsense", 404)],
)
async def test_even_what_is_not_there_is_a_problem(
    client: httpx.AsyncClient, owner: dict[str, str], method: str, path: str, status: int
) -> None:
    answer = await client.request(method, path, headers=owner)
    assert (answer.status_code, answer.json()["status"]) == (status, status)


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "name"),
        ({"name": "k", "scopes": ["everything"]}, "scopes[0]"),
        ({"name": "k", "rate_limit": "many"}, "rate_limit"),
        ({"name": "k", "nonsense": 1}, "nonsense"),
        ({"name": "k", "rate_limit": 0}, "rate_limit"),
        ({"name": "k", "expires_at": "2001-01-01T00:00:00Z"}, "expires_at"),
    ],
)
async def test_names_the_field_that_is_wrong(
    client: httpx.AsyncClient, owner: dict[str, str], body: dict[str, object], path: str
) -> None:
    answer = await client.post("/api/v1/keys", json=body, headers=owner)
    assert answer.status_code in (400, 422)
    assert [error["path"] for error in answer.json()["errors"]] == [path]


async def test_a_value_that_is_none_of_those_known_is_named(client: httpx.AsyncClient, owner: dict[str, str]) -> None:
    answer = await client.get("/api/v1/extractions", params={"status": "foo"}, headers=owner)
    problem = {"path": "status", "message": "'foo' is not one of the values that are known here; /api/docs lists them."}
    assert (answer.status_code, answer.json()["errors"]) == (400, [problem])


async def test_refuses_what_is_no_json(client: httpx.AsyncClient, owner: dict[str, str]) -> None:
    headers = {**owner, "content-type": "application/json"}
    assert (await client.post("/api/v1/keys", content=b"{not json", headers=headers)).status_code == 400


async def test_refuses_a_body_over_the_limit(client: httpx.AsyncClient, owner: dict[str, str]) -> None:
    answer = await client.post("/api/v1/keys", json={"name": "x" * (10 * 1024 * 1024 + 1)}, headers=owner)
    assert (answer.status_code, answer.json()["title"]) == (413, "Too large")


# What browsers send on behalf of other sites


async def test_a_change_by_cookie_needs_the_csrf_token(client: httpx.AsyncClient, owner: dict[str, str]) -> None:
    without = {"cookie": owner["cookie"]}
    assert (await client.post("/api/v1/keys", json={"name": "k"}, headers=without)).status_code == 403
    wrong = {**without, "x-csrf-token": "0" * 64}
    assert (await client.post("/api/v1/keys", json={"name": "k"}, headers=wrong)).status_code == 403
    odd = [(b"cookie", owner["cookie"].encode()), (b"x-csrf-token", b"\xfc")]
    assert (await client.post("/api/v1/keys", json={"name": "k"}, headers=odd)).status_code == 403
    assert (await client.post("/api/v1/keys", json={"name": "k"}, headers=owner)).status_code == 201


async def test_a_change_by_key_needs_none(client: httpx.AsyncClient, services: Services, member: Member) -> None:
    headers = await key_headers(services, member, Scope.ADMIN)
    assert (await client.post("/api/v1/keys", json={"name": "k"}, headers=headers)).status_code == 201


@pytest.mark.parametrize(("origin", "status"), [(BASE, 201), ("http://evil.example", 403), ("null", 403)])
async def test_refuses_pages_of_other_sites(
    client: httpx.AsyncClient, owner: dict[str, str], origin: str, status: int
) -> None:
    answer = await client.post("/api/v1/keys", json={"name": "k"}, headers={**owner, "origin": origin})
    assert answer.status_code == status


async def test_refuses_a_sign_in_from_another_site(client: httpx.AsyncClient) -> None:
    answer = await client.post(
        "/api/v1/auth/sign-in", json={"email": "a@b.c", "password": "x"}, headers={"origin": "http://evil.example"}
    )
    assert answer.status_code == 403


async def test_every_answer_carries_what_keeps_browsers_careful(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/nothing")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in answer.headers["content-security-policy"]


# Requests sent again


async def test_a_repeated_request_is_answered_but_not_done_again(
    client: httpx.AsyncClient, services: Services, member: Member, owner: dict[str, str]
) -> None:
    headers = {**owner, "idempotency-key": "order-1"}
    first = await client.post("/api/v1/keys", json={"name": "once"}, headers=headers)
    again = await client.post("/api/v1/keys", json={"name": "once"}, headers=headers)
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert again.headers["idempotency-replayed"] == "true"
    assert len(await services.keys.list(member)) == 1


async def test_the_answer_that_is_kept_is_sealed(client: httpx.AsyncClient, owner: dict[str, str]) -> None:
    headers = {**owner, "idempotency-key": "order-1"}
    key = (await client.post("/api/v1/keys", json={"name": "once"}, headers=headers)).json()["key"]
    row = await fetch_one("select count(*) as n from idempotent_requests where position($1 in body) > 0", key.encode())
    assert row is not None
    assert row["n"] == 0


async def test_the_same_key_with_another_body_is_refused(client: httpx.AsyncClient, owner: dict[str, str]) -> None:
    headers = {**owner, "idempotency-key": "order-1"}
    await client.post("/api/v1/keys", json={"name": "one"}, headers=headers)
    answer = await client.post("/api/v1/keys", json={"name": "two"}, headers=headers)
    assert (answer.status_code, "another request" in answer.json()["detail"]) == (422, True)


async def test_two_at_once_do_it_once(
    client: httpx.AsyncClient, services: Services, member: Member, owner: dict[str, str]
) -> None:
    headers = {**owner, "idempotency-key": "order-1"}
    answers = await asyncio.gather(
        *(client.post("/api/v1/keys", json={"name": "once"}, headers=headers) for _ in range(5))
    )
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len(await services.keys.list(member)) == 1


async def test_a_refused_request_may_be_mended_under_the_same_key(
    client: httpx.AsyncClient, owner: dict[str, str]
) -> None:
    headers = {**owner, "idempotency-key": "order-1"}
    assert (await client.post("/api/v1/keys", json={}, headers=headers)).status_code == 400
    assert (await client.post("/api/v1/keys", json={"name": "k"}, headers=headers)).status_code == 201


async def test_another_members_idempotency_key_is_another_one(
    client: httpx.AsyncClient, services: Services, members: Members, owner: dict[str, str]
) -> None:
    headers = {**owner, "idempotency-key": "order-1"}
    first = await client.post("/api/v1/keys", json={"name": "once"}, headers=headers)
    other = {**await session_headers(services, members.admin), "idempotency-key": "order-1"}
    second = await client.post("/api/v1/keys", json={"name": "once"}, headers=other)
    assert second.json()["key"] != first.json()["key"]


# Limits


async def test_a_key_is_limited(
    client: httpx.AsyncClient, services: Services, member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.monotonic()
    monkeypatch.setattr("hub.accounts.limits.time", SimpleNamespace(monotonic=lambda: now))
    created = await services.keys.create(member, NewKey(name="k", rate_limit=3))
    headers = {"authorization": f"Bearer {created.key}"}
    answers = [await client.get("/api/v1/auth/me", headers=headers) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [answer.headers["ratelimit-remaining"] for answer in answers] == ["2", "1", "0", "0"]
    assert answers[-1].headers["ratelimit-limit"] == "3"
    assert answers[-1].headers["retry-after"] == "1"


async def test_too_many_tries_say_when_to_come_back(client: httpx.AsyncClient) -> None:
    email = f"{new_id().hex}@example.test"
    await execute(
        "insert into sign_in_attempts (subject, succeeded) select $1, false from generate_series(1, 10)",
        f"sign-in account {email}",
    )
    answer = await client.post("/api/v1/auth/sign-in", json={"email": email, "password": "x"})
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 900


# Pages


async def test_goes_through_a_list_page_by_page(
    client: httpx.AsyncClient, services: Services, member: Member, owner: dict[str, str]
) -> None:
    await asyncio.gather(*(services.audit.record(member, "v", str(number)) for number in range(5)))
    first = (await client.get("/api/v1/audit?limit=3", headers=owner)).json()
    second = (await client.get(f"/api/v1/audit?limit=3&cursor={first['next_cursor']}", headers=owner)).json()
    assert [entry["number"] for entry in first["items"] + second["items"]] == [5, 4, 3, 2, 1]
    assert second["next_cursor"] is None


@pytest.mark.parametrize("query", ["limit=0", "limit=501", "limit=x", "cursor=x"])
async def test_refuses_odd_pages(client: httpx.AsyncClient, owner: dict[str, str], query: str) -> None:
    assert (await client.get(f"/api/v1/audit?{query}", headers=owner)).status_code in (400, 422)


# The document and its page


async def test_describes_itself(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/openapi.json")
    document = answer.json()
    assert document["openapi"].startswith("3.1")
    assert "/api/v1/keys/{key_id}" in document["paths"]
    assert document["paths"]["/api/v1/keys"]["post"]["description"]


async def test_the_reference_loads_nothing_from_elsewhere(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/docs")
    assert answer.headers["content-type"].startswith("text/html")
    assert "//" not in answer.text.replace("http://www.w3.org", "").partition("<style>")[0]
    assert "default-src 'none'" in answer.headers["content-security-policy"]


class FailingUsage(Usage):
    """A service with a fault."""

    async def by_month(self, member: Member, *, months: int = 12) -> Sequence[MonthlyUsage]:
        raise ZeroDivisionError("a secret detail")


class UsageWithoutDatabase(Usage):
    """A service whose database is gone, as asyncpg tells it."""

    async def by_month(self, member: Member, *, months: int = 12) -> Sequence[MonthlyUsage]:
        raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")


async def test_a_fault_of_ours_tells_no_details(services: Services, owner: dict[str, str]) -> None:
    broken = msgspec.structs.replace(services, usage=FailingUsage())
    async with opened(create_api(broken, Config(public_url=BASE))) as client:
        answer = await client.get("/api/v1/usage", headers=owner)
    assert (answer.status_code, answer.json()["title"]) == (500, "Internal error")
    assert "secret" not in answer.text


async def test_a_lost_database_says_when_to_come_back(services: Services, owner: dict[str, str]) -> None:
    broken = msgspec.structs.replace(services, usage=UsageWithoutDatabase())
    async with opened(create_api(broken, Config(public_url=BASE))) as client:
        answer = await client.get("/api/v1/usage", headers=owner)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
