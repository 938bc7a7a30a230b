"""Volumes over time: items in, records out, extractions and failures by hour; hours that are over are counted once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID

import msgspec

from hub.database import execute, fetch
from hub.members import Member, Verb

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
# A transaction that began in an hour may end a little after it.
GRACE = timedelta(minutes=10)


class Span(StrEnum):
    """How far back to look: 24 hours by hour, 7 or 30 days by day."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class VolumePoint(msgspec.Struct, frozen=True, kw_only=True):
    """What happened in one hour or on one day, which begins `at`."""

    at: datetime
    items: int = 0
    records: int = 0
    extractions: int = 0
    failures: int = 0


class Volumes:
    """Counts what came in and went out; days are those of UTC."""

    async def show(self, member: Member, span: Span = Span.WEEK) -> Sequence[VolumePoint]:
        """Return one point an hour or a day, the oldest first, up to now."""
        member.authorize(Verb.READ)
        now = datetime.now(UTC)
        step = HOUR if span is Span.DAY else DAY
        starts = _starts(now, span)
        done = _hour_of(now - GRACE)
        await self._count_once(member.workspace, starts[0], done)
        stored = await fetch(_STORED, member.workspace, starts[0], done)
        fresh = await fetch(_COUNTED, member.workspace, done, _hour_of(now) + HOUR)
        found = [VolumePoint(at=row["hour"], **{name: row[name] for name in _NAMES}) for row in (*stored, *fresh)]
        return [_sum(start, [one for one in found if start <= one.at < start + step]) for start in starts]

    async def _count_once(self, workspace: UUID, first: datetime, done: datetime) -> None:
        """Count the hours of a span that are over and were not counted before."""
        missing = await fetch(_MISSING, workspace, first, done)
        if missing:
            await execute(_KEEP, workspace, missing[0]["first"], missing[0]["last"] + HOUR)


def _starts(now: datetime, span: Span) -> Sequence[datetime]:
    if span is Span.DAY:
        first = _hour_of(now) - 23 * HOUR
        return [first + number * HOUR for number in range(24)]
    days = 7 if span is Span.WEEK else 30
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return [today - (days - 1 - number) * DAY for number in range(days)]


def _hour_of(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def _sum(at: datetime, points: Sequence[VolumePoint]) -> VolumePoint:
    return VolumePoint(at=at, **{name: sum(getattr(one, name) for one in points) for name in _NAMES})


_NAMES = ("items", "records", "extractions", "failures")
# Ids sort by the time they were made, and the indexes are by id; an hour's leeway for clocks that differ.
_FLOOR = (
    "(lpad(to_hex((extract(epoch from $2::timestamptz - interval '1 hour') * 1000)::bigint), 12, '0') || "
    "repeat('0', 20))::uuid"
)
_COUNTED = f"""
with hours as (
    select * from generate_series($2::timestamptz, $3::timestamptz - interval '1 hour', '1 hour') as t(hour)
),
came as (
    select date_trunc('hour', accepted_at, 'UTC') as hour, count(*)::int as items from items
    where workspace = $1 and accepted_at >= $2 and accepted_at < $3 and not test group by 1
),
written as (
    select date_trunc('hour', written_at, 'UTC') as hour, count(*)::int as records from deliveries
    where workspace = $1 and id >= {_FLOOR} and written_at >= $2 and written_at < $3
        and state in ('sent', 'applied', 'undone') and undo_of is null group by 1
),
extracted as (
    select date_trunc('hour', created_at, 'UTC') as hour, count(*)::int as extractions from extractions
    where workspace = $1 and id >= {_FLOOR} and created_at >= $2 and created_at < $3 group by 1
),
failed as (
    select date_trunc('hour', started_at, 'UTC') as hour, sum(dead)::int as failures from runs
    where workspace = $1 and id >= {_FLOOR} and started_at >= $2 and started_at < $3 and kind <> 'plan' group by 1
)
select hour, coalesce(items, 0) as items, coalesce(records, 0) as records, coalesce(extractions, 0) as extractions,
    coalesce(failures, 0) as failures
from hours left join came using (hour) left join written using (hour) left join extracted using (hour)
left join failed using (hour)"""  # noqa: S608  # our own words
_KEEP = f"""
insert into volumes (workspace, hour, items, records, extractions, failures)
select $1, hour, items, records, extractions, failures from ({_COUNTED}) counted order by hour on conflict do nothing"""  # noqa: S608  # our own words
_MISSING = """
select min(hour) as first, max(hour) as last from generate_series(
    $2::timestamptz, $3::timestamptz - interval '1 hour', '1 hour') as t(hour)
where not exists (select from volumes v where v.workspace = $1 and v.hour = t.hour) having count(*) > 0"""
_STORED = """
select hour, items, records, extractions, failures from volumes
where workspace = $1 and hour >= $2 and hour < $3 order by hour"""
