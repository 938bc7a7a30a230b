"""The ledger by target: what was written where and what failed, counted, listed and as CSV."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from connectors.sdk.records.sheets import inert
from hub.database import Row, fetch
from hub.ids import show
from hub.members import Member, Verb
from hub.runs.filters import PAGE, Condition, named, statement
from hub.runs.views import Delivery, delivery

LARGEST_PAGE = 500
# More than this many are fetched in parts by `until`.
MOST = 50_000
PART = 1000
COUNTED = timedelta(days=7)
TROUBLE = "('failed', 'unknown', 'refused')"
COLUMNS = (
    "written_at", "settled_at", "target", "connection", "recipe", "step", "state", "effect", "reference", "url",
    "message", "repeated", "run", "item", "key",
)  # fmt: skip


class DeliveryFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which deliveries to list; the state `trouble` stands for all that a person may have to look at."""

    target: str | None = None
    recipe: UUID | None = None
    state: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str = ""
    before: UUID | None = None
    limit: int = PAGE


class DeliveryPage(msgspec.Struct, frozen=True):
    """Some deliveries, the newest first, and where to go on."""

    entries: Sequence[Delivery]
    cursor: str | None


class TargetCount(msgspec.Struct, frozen=True, kw_only=True):
    """One target: deliveries by how they ended, when it was last written to, and what it last complained of."""

    target: str
    sent: int
    open: int
    failed: int
    unknown: int
    last_sent_at: datetime | None
    last_failed_at: datetime | None
    message: str


class Deliveries:
    """Reads the ledger of a workspace; images of rows stay sealed."""

    async def list(self, member: Member, wanted: DeliveryFilter) -> DeliveryPage:
        """Return deliveries, the newest first."""
        member.authorize(Verb.READ)
        limit = min(max(wanted.limit, 1), LARGEST_PAGE)
        rows = await fetch(*select_deliveries(member.workspace, wanted, limit + 1))
        found = [delivery(row) for row in rows]
        return DeliveryPage(found[:limit], found[limit - 1].id if len(found) > limit else None)

    async def targets(self, member: Member, since: datetime | None = None) -> Sequence[TargetCount]:
        """Return every target written to since then (in the last week), those with failures first."""
        member.authorize(Verb.READ)
        rows = await fetch(_TARGETS, member.workspace, _floor(since or datetime.now(UTC) - COUNTED))
        return [TargetCount(**dict(row)) for row in rows]

    async def export(self, member: Member, wanted: DeliveryFilter) -> bytes:
        """Return the newest matching deliveries as CSV, with text that no spreadsheet takes for a formula."""
        member.authorize(Verb.READ)
        buffer = io.StringIO()
        csv.writer(buffer, lineterminator="\r\n").writerow(COLUMNS)
        for _ in range(0, MOST, PART):
            rows = await fetch(*select_deliveries(member.workspace, wanted, PART))
            await asyncio.to_thread(_write, buffer, rows)
            if len(rows) < PART:
                break
            wanted = msgspec.structs.replace(wanted, before=rows[-1]["id"])
        return buffer.getvalue().encode()


def select_deliveries(workspace: UUID, wanted: DeliveryFilter, limit: int) -> tuple[Any, ...]:
    """Return the statement for a page of deliveries with its arguments."""
    trouble = wanted.state == "trouble"
    conditions: list[Condition] = [
        ("l.workspace = {}", workspace),
        ("l.target = {}", wanted.target),
        ("l.recipe = {}", wanted.recipe),
        ("l.state = {}", None if trouble else wanted.state),
        (f"l.state in {TROUBLE}", True if trouble else None),
        # What a plan would write stands on the plan's own page.
        ("l.state not in ('planned', 'applying', 'applied')", None if wanted.state else True),
        ("l.written_at >= {}", wanted.since),
        ("l.written_at < {}", wanted.until),
        *named(wanted.text, {"itm": "l.item", "run": "l.run", "rcp": "l.recipe", "dlv": "l.id"}, _TEXT),
        ("l.id < {}", wanted.before),
    ]
    return statement(_SELECT, conditions, f"order by l.id desc limit {limit:d}")


def _floor(at: datetime) -> UUID:
    """Return the least id that could have been made at a time."""
    return UUID(int=max(int(at.timestamp() * 1000), 0) << 80)


def _write(buffer: io.StringIO, rows: Sequence[Row]) -> None:
    csv.writer(buffer, lineterminator="\r\n").writerows(
        [inert(value) if isinstance(value, str) else value for value in _cells(row)] for row in rows
    )


def _cells(row: Row) -> Sequence[Any]:
    return (
        row["written_at"].isoformat(), row["settled_at"].isoformat() if row["settled_at"] else "", row["target"],
        row["connection_name"] or "", row["recipe_name"], row["step"], row["state"], row["effect"],
        row["reference"] or "", row["url"] or "", row["message"] or "", row["repeated"], show("run", row["run"]),
        show("itm", row["item"]), row["key"],
    )  # fmt: skip


_SELECT = """
select l.*, d.name as recipe_name, c.name as connection_name from deliveries l
join documents d on d.id = l.recipe left join connections c on c.id = l.connection"""
_TEXT = "(l.reference ilike {0} or l.message ilike {0} or l.key = trim('%' from {0}))"
_TARGETS = """
with named as (
    select *, state in ('failed', 'unknown', 'refused') as trouble from deliveries
    where workspace = $1 and id >= $2 and state not in ('planned', 'applying', 'applied')
)
select target, count(*) filter (where state = 'sent')::int as sent,
    count(*) filter (where state in ('pending', 'accepted'))::int as open,
    count(*) filter (where state in ('failed', 'refused'))::int as failed,
    count(*) filter (where state = 'unknown')::int as unknown,
    max(settled_at) filter (where state = 'sent') as last_sent_at,
    max(coalesce(settled_at, written_at)) filter (where trouble) as last_failed_at,
    coalesce((array_agg(message order by id desc) filter (where trouble))[1], '') as message
from named group by target order by count(*) filter (where trouble) desc, target"""
