"""What contexts hold open is closed with the hub, whatever its servers do."""

import asyncio
from typing import Any
from uuid import uuid4

from connectors.sdk import NoSettings
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
    async with asyncio.timeout(20):
        await contexts.close()
    assert [pool.farewells for pool in stuck] == [2] * 20
