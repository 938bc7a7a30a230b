"""The outbox: events are rows of the work's own transaction; readers follow them by cursor and miss none."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from hub.database import Row, execute, fetch, fetch_one, from_jsonb, to_jsonb
from hub.errors import InvalidError
from hub.outbox.bell import Bell

CHANNEL = "patchdeck_outbox"
RING_AT_MOST_EVERY = 0.1
LOOK_AGAIN = 2.0
PAGE = 500


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened: a kind (`run.done`), what it happened to, what is worth knowing at once."""

    cursor: str
    kind: str
    subject: str
    body: dict[str, Any]
    at: datetime


class Outbox:
    """Publishes events and follows them; `bell` is only a quicker way to learn that there is something to read."""

    def __init__(self, bell: Bell | None = None) -> None:
        self._bell = bell or Bell()
        self._rung: dict[UUID, float] = {}
        self._rings: Counter[str | None] = Counter()
        self._bell.on(CHANNEL, self._heard)

    async def publish(self, workspace: UUID, kind: str, subject: str, body: Mapping[str, Any] | None = None) -> None:
        """Write an event in the current transaction; readers see it once that has committed."""
        await self.publish_all(workspace, [(kind, subject, body or {})])

    async def publish_all(self, workspace: UUID, events: Sequence[tuple[str, str, Mapping[str, Any]]]) -> None:
        """Write several events in one statement."""
        if not events:
            return
        await execute(
            "with written as (insert into outbox (workspace, kind, subject, body) select $1, * from "
            "unnest($2::text[], $3::text[], $4::jsonb[])) select pg_notify($5, $1::uuid::text) where $6",
            workspace,
            [kind for kind, _, _ in events],
            [subject for _, subject, _ in events],
            [to_jsonb(body) for _, _, body in events],
            CHANNEL,
            self._should_ring(workspace),
        )

    async def newest(self) -> str:
        """Return a cursor behind which lies everything that is not yet finished now."""
        row = await fetch_one("select pg_snapshot_xmin(pg_current_snapshot())::text as xmin")
        return f"{row['xmin']}.0" if row else "0.0"

    async def read(self, workspace: UUID, after: str, limit: int = PAGE) -> Sequence[Event]:
        """Return a workspace's events after a cursor, in an order in which none turns up late."""
        xid, number = _parse(after)
        rows = await fetch(_READ, workspace, xid, number, limit)
        return [_event(row) for row in rows]

    async def follow(self, workspace: UUID, after: str | None = None) -> AsyncGenerator[Event | None]:
        """Yield events as they happen, from a cursor or from now on; None whenever it was quiet for a while."""
        cursor, seconds = after or await self.newest(), RING_AT_MOST_EVERY
        while True:
            events = await self.read(workspace, cursor)
            for event in events:
                yield event
                cursor = event.cursor
            if len(events) == PAGE:
                continue
            if await self._bell.wait(CHANNEL, str(workspace), seconds):
                seconds = RING_AT_MOST_EVERY * 1.5  # what came too soon for a ring of its own
            else:
                seconds = LOOK_AGAIN
                yield None

    def rings(self, workspace: UUID) -> int:
        """Return a number that grows when something has happened in a workspace; readers compare it with the last."""
        return self._rings[str(workspace)] + self._rings[None]

    def _heard(self, workspace: str | None) -> None:
        self._rings[workspace] += 1

    def _should_ring(self, workspace: UUID) -> bool:
        # Commits that notify wait for each other, so a busy workspace rings ten times a second, not more.
        now = time.monotonic()
        if now - self._rung.get(workspace, 0.0) < RING_AT_MOST_EVERY:
            return False
        self._rung[workspace] = now
        return True


def _event(row: Row) -> Event:
    return Event(
        cursor=f"{row['xid']}.{row['id']}",
        kind=row["kind"],
        subject=row["subject"],
        body=from_jsonb(row["body"]),
        at=row["at"],
    )


def _parse(cursor: str) -> tuple[str, int]:
    xid, _, number = cursor.partition(".")
    if not (xid.isdecimal() and number.isdecimal() and len(xid) < 20 and len(number) < 19):
        raise InvalidError(f"{cursor[:60]!r} is not a cursor of the event stream; leave it out to begin with now.")
    return xid, int(number)


# A transaction that is still running may yet write below what is already there: read only below the oldest one.
_READ = (
    "select id, xid::text as xid, kind, subject, body, at from outbox where workspace = $1 "
    "and (xid, id) > ($2::text::xid8, $3::bigint) and xid < pg_snapshot_xmin(pg_current_snapshot()) "
    "order by xid, id limit $4"
)
