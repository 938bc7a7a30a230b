"""How connections fare: what calls come to, counted by hours, and how much room a service says is left."""

import asyncio
from ipaddress import ip_network
from types import SimpleNamespace

import pytest

from connectors.sdk import NoSettings, SettingsError, TemporaryError
from connectors.sdk.network.room import Room
from connectors.sdk.registry import registry
from hub.composition import Built, build
from hub.config import Config
from hub.connections import Health
from hub.database import execute, fetch, transaction
from hub.ids import parse
from temporal.engine import TemporalEngine
from tests.peers.web import Answer, web_peer


@pytest.fixture
async def built(database: str, tmp_path):
    made = build(Config(data_dir=tmp_path, allow_networks=(ip_network("127.0.0.0/8"),)), TemporalEngine())
    yield made
    made.extraction.close()
    await made.contexts.close()


@pytest.fixture
async def opened(built: Built, member):
    values = {"hosts": ["127.0.0.1"], "kind": "bearer", "secret": "hunter2-hunter2"}
    added = await built.services.connections.add(member, "shop", "http", values)
    return await built.services.connections.open(member.workspace, parse("con", added.id))


async def test_a_connection_nobody_called_says_so(built, opened, member):
    health = (await built.services.connections.show(member, opened.id)).health
    assert (health.calls, health.failures, health.succeeded_at, health.room) == (0, 0, None, None)


async def test_counts_what_worked_and_what_did_not(built, opened, member):
    with built.contexts.health.noted(opened):
        pass
    with pytest.raises(SettingsError), built.contexts.health.noted(opened):
        raise SettingsError("The column is gone.")
    with pytest.raises(TemporaryError), built.contexts.health.noted(opened):
        raise TemporaryError("The service is away.")
    with pytest.raises(KeyError), built.contexts.health.noted(opened):
        raise KeyError("a fault of ours")
    await built.contexts.health.write()
    health = (await built.services.connections.show(member, opened.id)).health
    assert (health.calls, health.failures) == (3, 2)
    assert health.succeeded_at == health.failed_at is not None


async def test_hears_how_much_room_is_left(built, opened, member):
    context = built.contexts.make(member.workspace, opened, registry()["http"], NoSettings())
    async with web_peer() as shop:
        shop.always(Answer(headers={"X-RateLimit-Limit": "60", "X-RateLimit-Remaining": "4"}))
        await context.http.get(f"{shop.base}/orders")
    await built.contexts.health.write()
    assert (await built.services.connections.show(member, opened.id)).health.room == Room(4, 60)


async def test_processes_that_write_at_once_do_not_wait_for_each_other(member):
    known = [
        SimpleNamespace(id=row["id"])
        for row in await fetch(
            "insert into connections (id, workspace, name, connector) "
            "select gen_random_uuid(), $1, n::text, 'http' from generate_series(1, 200) n returning id",
            member.workspace,
        )
    ]

    async def write(order):
        health = Health()
        for opened in order:
            with health.noted(opened):
                pass
        async with transaction():  # in which the hub would not put a statement again that lost a deadlock
            for plan in ("hashjoin", "mergejoin", "seqscan"):  # what is not used among many connections
                await execute(f"set local enable_{plan} = off")
            await health.write()
        await health.close()

    for _ in range(10):
        await asyncio.gather(write(known), write(known[::-1]))
    counted = await fetch("select sum(calls) from connection_hours where workspace = $1", member.workspace)
    assert counted[0][0] == 200 * 20


async def test_adds_up_a_day_and_forgets_a_week(built, opened, member):
    for hours in (1, 30, 200):
        await execute(
            "insert into connection_hours values ($1, $2, date_trunc('hour', now()) - $3 * interval '1 hour', 10, 1)",
            member.workspace, opened.id, hours,
        )  # fmt: skip
    with built.contexts.health.noted(opened):
        pass
    await built.contexts.health.write()
    health = (await built.services.connections.show(member, opened.id)).health
    assert (health.calls, health.failures) == (11, 1)
    kept = await fetch("select calls from connection_hours where connection = $1 order by hour", opened.id)
    assert [row["calls"] for row in kept] == [10, 10, 1]
