"""Replies: how a `respond` step reaches the call that waits for it, whichever process holds it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from hub.database import DB, execute, fetch_one, from_jsonb

CHANNEL = "patchdeck_replies"
# What the hub says of the connection itself, and what a browser would take for a word about the whole hub
_OURS = frozenset(
    {"clear-site-data", "connection", "content-length", "set-cookie", "strict-transport-security", "transfer-encoding"}
)
# What a stranger sent may stand in the answer, under the hub's own address
_INERT = {"content-security-policy": "sandbox", "x-content-type-options": "nosniff"}
_NAME = re.compile(r"[a-z0-9!#$%&'*+.^_`|~-]+")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


class Reply(msgspec.Struct, frozen=True):
    """What a recipe answers to the webhook that started it."""

    status: int
    body: bytes
    headers: Mapping[str, str] = {}


class Replies:
    """Waits for replies by NOTIFY; listens only from the first call that is held."""

    def __init__(self) -> None:
        self._held: dict[str, asyncio.Future[str]] = {}
        self._listener: asyncpg.Connection[Any] | None = None
        self._opening = asyncio.Lock()

    @asynccontextmanager
    async def expect(self, item: UUID) -> AsyncIterator[asyncio.Future[Reply | None]]:
        """Give an awaitable that ends with the reply of an item's `respond` step, or None once the item ended."""
        await self._listen()
        told: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._held[str(item)] = told
        reading = asyncio.ensure_future(_read(item, told))
        try:
            yield reading
        finally:
            self._held.pop(str(item), None)
            reading.cancel()

    async def close(self) -> None:
        """Stop listening."""
        if self._listener is not None:
            listener, self._listener = self._listener, None
            await listener.close()

    async def _listen(self) -> None:
        async with self._opening:
            if self._listener is None or self._listener.is_closed():
                self._listener = await asyncpg.connect(**DB.config)
                await self._listener.add_listener(CHANNEL, self._told)

    def _told(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        for item in str(payload).split(","):
            told = self._held.get(item)
            if told is not None and not told.done():
                told.set_result(item)


async def announce(items: Sequence[UUID]) -> None:
    """Tell whoever waits that these items have their reply or end without one; part of the storing transaction."""
    for start in range(0, len(items), 200):
        await execute("select pg_notify($1, $2)", CHANNEL, ",".join(str(item) for item in items[start : start + 200]))


async def _read(item: UUID, told: asyncio.Future[str]) -> Reply | None:
    await told
    row = await fetch_one(
        "select output from attempts where item = $1 and state = 'done' and output ? '$reply'"
        " order by started_at desc limit 1",
        item,
    )
    if row is None:
        return None
    answer: dict[str, Any] = from_jsonb(row["output"])["$reply"]
    body = answer.get("body")
    content = body.encode() if isinstance(body, str) else b"" if body is None else msgspec.json.encode(body)
    kind = "text/plain; charset=utf-8" if isinstance(body, str) else "application/json"
    return Reply(int(answer.get("status") or 200), content, {"content-type": kind, **_headers(answer), **_INERT})


def _headers(answer: Mapping[str, Any]) -> dict[str, str]:
    """Return the recipe's own headers; what a template made of an event cannot add lines, or cookies, or lie."""
    given = {str(name).strip().lower(): str(value) for name, value in (answer.get("headers") or {}).items()}
    return {
        name: _UNPRINTABLE.sub(" ", value)
        for name, value in given.items()
        if _NAME.fullmatch(name) and name not in _OURS
    }
