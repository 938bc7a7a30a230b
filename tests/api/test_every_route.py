"""Every route as nobody, as every role, with a key of every scope, and with another workspace's ids."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import httpx
import msgspec
import pytest
from litestar import Litestar

from hub.accounts import NewKey
from hub.api.access import PUBLIC, SIGNED_IN
from hub.composition import Services
from hub.ids import new_id
from hub.members import Member, Role, Scope, Verb
from tests.api.conftest import session_headers
from tests.api.routes import Route, routes_of
from tests.api.things import BODIES, OTHERWISE, absent_ids, make_things
from tests.conftest import Members

SECONDS = 120


class Caller(msgspec.Struct, frozen=True):
    """Somebody who calls: as which member, with a key of which scopes or with a session."""

    role: Role | None
    scopes: tuple[Scope, ...] | None = None
    test: bool = False


CALLERS = {
    "nobody": Caller(None),
    **{role.name.lower(): Caller(role) for role in Role},
    **{f"{scope} key of the owner": Caller(Role.OWNER, (scope,)) for scope in Scope},
    "admin key of a viewer": Caller(Role.VIEWER, (Scope.ADMIN,)),
    "test key of the owner": Caller(Role.OWNER, (Scope.ADMIN,), test=True),
}


def _member(members: Members, role: Role) -> Member:
    by_role = {
        Role.OWNER: members.owner,
        Role.ADMIN: members.admin,
        Role.EDITOR: members.editor,
        Role.VIEWER: members.viewer,
    }
    return by_role[role]


def _expected(route: Route, caller: Caller) -> str:
    """What the declared right says: `sign in first`, `not allowed`, or that the request gets through."""
    if route.verb == PUBLIC:
        return "through"
    if caller.role is None:
        return "sign in first"
    if route.verb == SIGNED_IN:
        return "through" if caller.scopes is None else "not allowed"
    scopes = None if caller.scopes is None else frozenset(caller.scopes)
    member = Member(workspace=new_id(), user=None, role=caller.role, scopes=scopes, test=caller.test)
    return "through" if member.may(route.verb) else "not allowed"


def _met(answer: httpx.Response) -> str:
    if answer.status_code >= 500:
        return f"{answer.status_code}: {answer.text[:300]}"
    # A sign-in with a wrong password is 401 as well, but it got through to the service.
    if answer.status_code == 401 and "wrong" not in answer.text:
        return "sign in first"
    return "not allowed" if answer.status_code == 403 else "through"


async def _send(
    client: httpx.AsyncClient, route: Route, ids: Mapping[str, str], headers: dict[str, str]
) -> httpx.Response:
    # The stream of events would not end; a cursor that is none ends it behind the gate.
    given = {**headers, "last-event-id": "nonsense"}
    kind, content = BODIES.get(route.name, (route.content_type, msgspec.json.encode(route.body)))
    if kind is not None:
        given["content-type"] = kind
    async with asyncio.timeout(SECONDS):
        return await client.request(
            route.method,
            route.url(ids),
            params=dict(route.query),
            content=content if kind is not None else None,
            headers=given,
        )


Signs = Callable[[], Awaitable[dict[str, str]]]


async def _signs(services: Services, members: Members, caller: Caller) -> Signs:
    """Return how a caller signs each request; sessions are fresh each time, as some routes end them."""
    if caller.role is None:

        async def unsigned() -> dict[str, str]:
            return {}

        return unsigned
    member = _member(members, caller.role)
    if caller.scopes is None:
        return lambda: session_headers(services, member)
    made = await services.keys.create(
        members.owner,
        NewKey(name="test", scopes=caller.scopes, test=caller.test, rate_limit=10_000),
        holder=member.user,
    )

    async def with_key() -> dict[str, str]:
        return {"authorization": f"Bearer {made.key}"}

    return with_key


@pytest.mark.parametrize("name", CALLERS)
async def test_lets_through_whom_the_declared_right_names(
    client: httpx.AsyncClient, api: Litestar, services: Services, members: Members, name: str
) -> None:
    caller, routes = CALLERS[name], routes_of(api)
    sign = await _signs(services, members, caller)
    met = {route.name: _met(await _send(client, route, absent_ids(), await sign())) for route in routes}
    assert met == {route.name: _expected(route, caller) for route in routes}


async def test_finds_nothing_of_another_workspace(
    client: httpx.AsyncClient, api: Litestar, services: Services, members: Members
) -> None:
    theirs = await make_things(services, members.owner)
    routes = [route for route in routes_of(api) if any(name.endswith("_id") for name in route.parameters)]
    found = {
        route.name: (await _send(client, route, theirs, await session_headers(services, members.outsider))).status_code
        for route in routes
    }
    assert found == {route.name: OTHERWISE.get(route.name, 404) for route in routes}


async def test_lists_nothing_of_another_workspace(
    client: httpx.AsyncClient, api: Litestar, services: Services, members: Members
) -> None:
    theirs = await make_things(services, members.owner)
    ids = [value for value in theirs.values() if "_" in value]
    lists = [route for route in routes_of(api) if route.method == "GET" and not route.parameters]
    answers = {
        route.name: (await _send(client, route, theirs, await session_headers(services, members.outsider))).text
        for route in lists
    }
    assert {name: [found for found in ids if found in text] for name, text in answers.items()} == {
        route.name: [] for route in lists
    }


async def test_finds_the_same_things_in_their_own_workspace(
    client: httpx.AsyncClient, api: Litestar, services: Services, members: Members
) -> None:
    ours = await make_things(services, members.owner)
    routes = [route for route in routes_of(api) if route.method == "GET" and route.parameters]
    found = {
        route.name: (await _send(client, route, ours, await session_headers(services, members.owner))).status_code
        for route in routes
    }
    assert {name: status for name, status in found.items() if status in (401, 403, 404) or status >= 500} == {}


async def test_every_handler_declares_a_right_and_says_what_it_does(api: Litestar) -> None:
    known = {PUBLIC, SIGNED_IN, *Verb}
    assert [route.name for route in routes_of(api) if route.verb not in known] == []
    paths = api.openapi_schema.to_schema()["paths"]
    assert [
        f"{method} {path}"
        for path, item in paths.items()
        for method, operation in item.items()
        if isinstance(operation, dict) and not operation.get("description")
    ] == []
