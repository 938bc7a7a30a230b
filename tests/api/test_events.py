"""The stream of events: over a real server, scoped, resumable, ending with the right to it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import httpx
import pytest
import uvicorn
from litestar import Litestar

from hub.accounts import ACCESS_CHANNEL
from hub.composition import Built, Services
from hub.ids import parse
from hub.members import Member, Scope
from hub.outbox.service import CHANNEL
from hub.supervisor.ports import free_port
from tests.api.conftest import key_headers
from tests.conftest import Members


@pytest.fixture
async def hub(api: Litestar, built: Built) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the API behind a real server, with the bell listening."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(api, port=port, log_config=None, ws="none", timeout_graceful_shutdown=1))
    async with built.bell.listening(CHANNEL, ACCESS_CHANNEL):
        serving = asyncio.create_task(server.serve())
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            await _answering(client)
            yield client
        server.should_exit = True
        await serving


async def _answering(client: httpx.AsyncClient) -> None:
    with contextlib.suppress(httpx.TransportError):
        await client.get("/api/openapi.json")
        return
    await asyncio.sleep(0.05)
    await _answering(client)


async def _event(lines: AsyncIterator[str]) -> dict[str, str]:
    """Read one event, passing over comments."""
    found: dict[str, str] = {}
    async for line in lines:
        name, _, value = line.partition(": ")
        if name in ("id", "event", "data"):
            found[name] = value
        elif not line and "data" in found:
            return found
    return {}


async def test_tells_what_happens_in_the_own_workspace(
    hub: httpx.AsyncClient, services: Services, members: Members
) -> None:
    headers = await key_headers(services, members.owner, Scope.READ)
    async with hub.stream("GET", "/api/v1/events?kind=run.", headers=headers) as answer, asyncio.timeout(60):
        lines = answer.aiter_lines()
        assert await anext(lines) == ": connected"
        await services.outbox.publish(members.outsider.workspace, "run.done", "run_theirs")
        await services.outbox.publish(members.workspace, "item.dead", "itm_ours")
        await services.outbox.publish(members.workspace, "run.done", "run_ours", {"delivered": 2})
        event = await _event(lines)
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert event["event"] == "run.done"
    assert '"subject":"run_ours"' in event["data"]
    assert '"delivered":2' in event["data"]


async def test_goes_on_after_a_break(hub: httpx.AsyncClient, services: Services, member: Member) -> None:
    headers = await key_headers(services, member, Scope.READ)
    start = await services.outbox.newest()
    await services.outbox.publish(member.workspace, "a", "first")
    await services.outbox.publish(member.workspace, "a", "second")
    async with (
        hub.stream("GET", "/api/v1/events", headers={**headers, "last-event-id": start}) as answer,
        asyncio.timeout(60),
    ):
        first = await _event(answer.aiter_lines())
    async with (
        hub.stream("GET", "/api/v1/events", headers={**headers, "last-event-id": first["id"]}) as answer,
        asyncio.timeout(60),
    ):
        second = await _event(answer.aiter_lines())
    assert ['"subject":"first"' in first["data"], '"subject":"second"' in second["data"]] == [True, True]


async def test_ends_when_the_key_is_revoked(hub: httpx.AsyncClient, services: Services, member: Member) -> None:
    headers = await key_headers(services, member, Scope.READ)
    async with hub.stream("GET", "/api/v1/events", headers=headers) as answer, asyncio.timeout(60):
        lines = answer.aiter_lines()
        assert await anext(lines) == ": connected"
        await services.keys.revoke(member, parse("key", (await services.keys.list(member))[0].id))
        assert await _event(lines) == {}
