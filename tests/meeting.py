"""Calls that meet: one transaction stays open until all the others wait for it, or need not."""

import asyncio
import contextvars
from collections.abc import Awaitable, Coroutine, Sequence
from typing import Any
from uuid import UUID

from hub.audit import Audit
from hub.database import fetch, transaction

PATIENCE = 60.0
_WAITING = "select distinct pid from pg_locks where not granted"


async def meet(first: Awaitable[object], *calls: Coroutine[Any, Any, object]) -> Sequence[Any]:
    """Do what is first in a transaction, begin each call once those before it wait or are done, then let go.

    Returns what the calls gave, or the exceptions that they ended with.
    """
    begun: list[asyncio.Task[object]] = []
    async with transaction():
        await first
        for call in calls:
            # In no transaction, as what is called by somebody else
            begun.append(asyncio.get_running_loop().create_task(call, context=contextvars.Context()))
            await _held_up(begun)
    return await asyncio.gather(*begun, return_exceptions=True)


async def hold_trail(workspace: UUID) -> None:
    """Let nobody else write to a workspace's audit trail until the transaction ends."""
    await Audit().hold(workspace)


async def _held_up(begun: Sequence[asyncio.Task[object]]) -> None:
    async with asyncio.timeout(PATIENCE):
        while len(await fetch(_WAITING)) < sum(not one.done() for one in begun):
            await asyncio.sleep(0.01)
