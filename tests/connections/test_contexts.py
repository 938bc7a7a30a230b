"""What contexts hold open is closed with the hub, whatever its servers do."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import msgspec

from connectors.sdk import NoSettings, Settings, fill
from connectors.sdk.network.guard import Guard
from connectors.sdk.registry import registry
from hub.connections import Contexts
from hub.extraction.capturing.browsers import Browsers


class Stuck:
    """A driver's pool whose server never answers the first farewell."""

    def __init__(self) -> None:
        self.farewells = 0
        self._answers = [asyncio.Event(), asyncio.Event()]
        self._answers[1].set()

    async def close(self) -> None:
        self.farewells += 1
        await self._answers[self.farewells - 1].wait()


class Leaving:
    """A driver's pool that knows with what it was opened, and whether it was closed."""

    def __init__(self, host: str) -> None:
        self.host = host
        self.closed = asyncio.Event()

    async def close(self) -> None:
        self.closed.set()


class Opened(msgspec.Struct, frozen=True):
    """A connection as a call finds it."""

    id: UUID
    settings: Settings


class Nothing:
    """A workspace without files, tables and folders."""

    def files(self, workspace: object) -> Any: ...

    datasets = folder = files


async def test_servers_that_hang_keep_no_hub_from_ending():
    guard = Guard()
    contexts, stuck = Contexts(guard, Nothing(), Browsers(guard)), [Stuck() for _ in range(20)]

    async def open_one(pool):
        async def opener():
            return pool

        return await contexts.make(uuid4(), None, registry()["http"], NoSettings()).pool(opener)

    assert await asyncio.gather(*map(open_one, stuck)) == stuck
    async with asyncio.timeout(60):
        await contexts.close()
    assert [pool.farewells for pool in stuck] == [2] * 20


async def test_a_connection_that_another_process_has_changed_gets_a_new_pool():
    guard, kind, identity = Guard(), registry()["postgres"], uuid4()
    contexts = Contexts(guard, Nothing(), Browsers(guard))
    declared = kind.connection
    assert declared is not None

    async def pool_at(host):
        async def opener():
            return Leaving(host)

        settings = fill(declared, {"host": host, "database": "shop", "user": "ada", "password": "hunter2"})
        return await contexts.make(uuid4(), Opened(identity, settings), kind, NoSettings()).pool(opener)

    first, again, moved = [await pool_at(host) for host in ("old.example", "old.example", "new.example")]
    assert (again, moved.host, first.closed.is_set(), moved.closed.is_set()) == (first, "new.example", True, False)
    await contexts.close()
    assert moved.closed.is_set()


async def test_a_pool_that_is_still_being_opened_is_closed_too():
    guard, identity, pool = Guard(), uuid4(), Leaving("shop.example")
    contexts, begun, goes_on = Contexts(guard, Nothing(), Browsers(guard)), asyncio.Event(), asyncio.Event()

    async def opener():
        begun.set()
        await goes_on.wait()
        return pool

    context = contexts.make(uuid4(), Opened(identity, NoSettings()), registry()["rss"], NoSettings())
    asking = asyncio.create_task(context.pool(opener))
    await begun.wait()
    forgetting = asyncio.create_task(contexts.forget(identity))
    goes_on.set()
    await asyncio.gather(asking, forgetting)
    assert pool.closed.is_set()
    await contexts.close()
