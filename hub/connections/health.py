"""How connections fare: calls that worked and calls that did not, and how much of a rate limit is left."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Protocol
from uuid import UUID

import asyncpg
import msgspec

from connectors.sdk import ConnectorError
from connectors.sdk.network.room import Room, room_of
from hub.database import execute

log = logging.getLogger(__name__)

# What was noted is written together after so many seconds: no write a call
WRITE_AFTER = 2.0


class ConnectionHealth(msgspec.Struct, frozen=True, kw_only=True):
    """The calls of the last 24 hours, the newest that worked, and what the service says of its rate limit."""

    calls: int = 0
    failures: int = 0
    succeeded_at: datetime | None = None
    failed_at: datetime | None = None
    room: Room | None = None


class Known(Protocol):
    """What is needed of an opened connection."""

    @property
    def id(self) -> UUID:
        """The connection's id."""
        ...


class _Noted:
    """What has been noted of one connection and not been written yet."""

    def __init__(self) -> None:
        self.calls = 0
        self.failures = 0
        self.room: Room | None = None


class Health:
    """Takes note of every call over a connection, in memory first; a hub that is killed forgets two seconds of it."""

    def __init__(self) -> None:
        self._noted: dict[UUID, _Noted] = {}
        self._writing: asyncio.Task[None] | None = None

    @contextlib.contextmanager
    def noted(self, opened: Known | None) -> Iterator[None]:
        """Note how the calls in a block end that the service answers; what is cancelled or a fault of ours is none."""
        try:
            yield
        except (ConnectorError, TimeoutError):
            self._note(opened, failed=True)
            raise
        self._note(opened, failed=False)

    def heard(self, connection: UUID, headers: Mapping[str, str]) -> None:
        """Note what an answer says of the rate limit."""
        room = room_of(headers)
        if room is not None:
            self._of(connection).room = room

    async def write(self) -> None:
        """Write down what has been noted."""
        noted, self._noted = self._noted, {}
        if not noted:
            return
        rooms = [None if one.room is None else msgspec.json.encode(one.room).decode() for one in noted.values()]
        counts = [one.calls for one in noted.values()], [one.failures for one in noted.values()]
        await execute(_WRITE, list(noted), *counts, rooms)

    async def close(self) -> None:
        """Write down the rest."""
        writing, self._writing = self._writing, None
        if writing is not None:
            writing.cancel()
            await self._write_if_possible()

    def _note(self, opened: Known | None, *, failed: bool) -> None:
        if opened is not None:
            found = self._of(opened.id)
            found.calls += 1
            found.failures += failed

    def _of(self, connection: UUID) -> _Noted:
        if self._writing is None:
            self._writing = asyncio.get_running_loop().create_task(self._write_later())
        return self._noted.setdefault(connection, _Noted())

    async def _write_later(self) -> None:
        await asyncio.sleep(WRITE_AFTER)
        self._writing = None
        await self._write_if_possible()

    async def _write_if_possible(self) -> None:
        """Write, unless the database is away: the counts are told, nothing depends on them."""
        try:
            await self.write()
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            log.warning("how connections fare was not written down: %s", error)


# Connections in one order for all who write, and before anything else of theirs.
_WRITE = """
with noted as materialized (
    select c.workspace, c.id, t.calls, t.failures, t.room
    from unnest($1::uuid[], $2::int[], $3::int[], $4::jsonb[]) as t(id, calls, failures, room)
    join connections c on c.id = t.id order by c.id for no key update of c
),
counted as (
    insert into connection_hours (workspace, connection, hour, calls, failures)
    select workspace, id, date_trunc('hour', now()), calls, failures from noted where calls > 0 order by id
    on conflict (workspace, connection, hour) do update
    set calls = connection_hours.calls + excluded.calls, failures = connection_hours.failures + excluded.failures
),
forgotten as (
    delete from connection_hours h using noted n
    where h.workspace = n.workspace and h.connection = n.id and h.hour < now() - interval '7 days'
)
update connections c set room = coalesce(n.room, c.room),
    succeeded_at = case when n.calls > n.failures then now() else c.succeeded_at end,
    failed_at = case when n.failures > 0 then now() else c.failed_at end
from noted n where c.workspace = n.workspace and c.id = n.id"""
