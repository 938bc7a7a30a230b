"""Schedules: fire the polled and calendar triggers that are due, and keep what they bring with their cursor."""

from __future__ import annotations

import asyncio
import contextvars
import logging
from collections.abc import Coroutine, Sequence
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from connectors.sdk import Attachment, ConnectorError, Item, TemporaryError, TriggerKind
from hub.database import Row, execute, fetch, fetch_one, transaction
from hub.errors import HubError
from hub.outages import AWAY
from hub.runs.accept import accept
from hub.runs.catalogue import Catalogue, Entry
from hub.runs.dispatch import Dispatcher
from hub.runs.incoming import arrivals_of

AT_ONCE = 200
IN_PARALLEL = 32
KEPT_TOGETHER = 200
LEASE = 12
LEASE_BEAT = 4.0
PATIENCE = 2.0
LONGEST_PAUSE = 30.0
SHORTEST_PAUSE = 0.5
LONGEST_BACKOFF = 3600.0
POLL_LIMIT = 300.0
HEAVIEST = 16 * 1024 * 1024
_BACK = (timedelta(minutes=2), timedelta(hours=2), timedelta(days=2), timedelta(days=32), timedelta(days=367))
TAKEN_OVER = "Another worker has taken over this trigger."
_UNEXPECTED = "The trigger failed in an unexpected way; the hub's log says more."
_SAID: dict[type[Exception], str] = {TimeoutError: "The service took too long to answer."}

log = logging.getLogger(__name__)


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """A trigger taken for one firing: its lease's fence guards what is stored afterwards."""

    recipe: UUID
    version: int
    kind: str
    cursor: str | None
    every: float
    fence: int
    due_at: datetime
    failures: int


class Schedules:
    """Fires triggers in batches: one statement takes what is due, a poll with nothing new costs no further query."""

    def __init__(self, catalogue: Catalogue, dispatcher: Dispatcher, longest: float = POLL_LIMIT) -> None:
        self._catalogue = catalogue
        self._longest = longest
        self._dispatcher = dispatcher
        self._places = asyncio.Semaphore(IN_PARALLEL)
        self._finished: list[Due] = []
        self._slow: set[asyncio.Task[int]] = set()

    async def fire_due(self, shard: int) -> tuple[int, float]:
        """Fire what is due in a shard; returns how many and the seconds until the next look.

        Services that take long are seen through in the background, so that they keep nobody waiting.
        """
        rows = await fetch(_TAKE, shard, AT_ONCE, LEASE)
        if rows:
            firing = _apart(self._see_through([_due(row) for row in rows]))
            await asyncio.wait([firing], timeout=PATIENCE)
            if firing.done():
                firing.result()
            else:
                self._slow.add(firing)
                firing.add_done_callback(self._ended_late)
        if len(rows) == AT_ONCE:
            return len(rows), SHORTEST_PAUSE
        upcoming = await fetch_one(_NEXT, shard)
        pause = float(upcoming["seconds"]) if upcoming and upcoming["seconds"] is not None else LONGEST_PAUSE
        return len(rows), min(max(pause, SHORTEST_PAUSE), LONGEST_PAUSE)

    async def poll_now(self, recipe: UUID) -> int:
        """Fire one trigger at once, whoever asks; returns how many items came."""
        row = await fetch_one(_TAKE_ONE, recipe, LEASE)
        return await self._see_through([_due(row)]) if row else 0

    async def _see_through(self, taken: Sequence[Due]) -> int:
        """Fire, renew the leases of those that take long, end those of the others; returns how many items came."""
        firing = {_apart(self._fire(due)): due for due in taken}
        pending = set(firing)
        while pending:
            _, pending = await asyncio.wait(pending, timeout=LEASE_BEAT)
            await self._let_go()
            if pending:
                held = [firing[task] for task in pending]
                await execute(_HOLD, [due.recipe for due in held], [due.fence for due in held], LEASE)
        return sum(task.result() for task in firing)

    def _ended_late(self, firing: asyncio.Task[int]) -> None:
        """Forget what was seen through in the background; its leases run out when it could not end them."""
        self._slow.discard(firing)
        if not firing.cancelled() and (error := firing.exception()) is not None:
            log.warning("triggers were left to their leases: %s", error, exc_info=error)

    async def _let_go(self) -> None:
        """End the leases of polls that are done, all in one statement."""
        finished, self._finished = self._finished, []
        if finished:
            await execute(_LET_GO, [due.recipe for due in finished], [due.fence for due in finished])

    async def _fire(self, due: Due) -> int:
        async with self._places:
            try:
                async with asyncio.timeout(self._longest):
                    entry = await self._catalogue.entry(due.recipe, due.version)
                    if entry.trigger.kind == TriggerKind.CALENDAR:
                        return await self._ring(due, entry)
                return await self._poll(due, entry)
            except (ConnectorError, HubError, TimeoutError, asyncpg.DataError) as error:
                await self._put_off(due, error)
            except AWAY as error:
                log.warning("trigger of recipe %s waits for the database: %s", due.recipe, error)
            except Exception as error:  # one trigger's fault must not hold the others
                log.exception("the trigger of recipe %s failed in an unexpected way", due.recipe)
                await self._put_off(due, error)
            return 0

    async def _poll(self, due: Due, entry: Entry) -> int:
        context = self._catalogue.context(entry)
        if entry.opened is not None and entry.opened.blocked_for:
            raise TemporaryError("The service has asked to be left alone.", retry_after=entry.opened.blocked_for)
        batch: list[Item] = []
        count = weight = 0
        try:
            with self._catalogue.contexts.health.noted(entry.opened):
                async with (
                    asyncio.timeout(self._longest),
                    aclosing(entry.trigger.function(context, due.cursor)) as news,
                ):
                    async for item in news:
                        batch.append(item)
                        weight += _weight(item.content)
                        if len(batch) >= KEPT_TOGETHER or weight >= HEAVIEST:
                            count += await self._keep(due, entry, batch)
                            batch, weight = [], 0
        except (ConnectorError, TimeoutError):
            # What came before the failure or the end of the time stays, and so does how far it reached
            await self._keep(due, entry, batch)
            raise
        count += await self._keep(due, entry, batch)
        self._finished.append(due)
        return count

    async def _keep(self, due: Due, entry: Entry, batch: Sequence[Item]) -> int:
        """Store items and cursor in one transaction; a firing whose lease was taken over stores nothing."""
        if not batch:
            return 0
        cursors = [item.cursor for item in batch if item.cursor is not None]
        news = [item for item in batch if item.content is not None]
        arrivals = await arrivals_of(entry, news, self._catalogue)
        async with transaction():
            accepted = await accept(arrivals)
            if not await execute(_KEEP, due.recipe, due.fence, cursors[-1] if cursors else None, bool(news)):
                raise TemporaryError(TAKEN_OVER)
        fresh = sum(not one.duplicate for one in accepted)
        if fresh:
            self._dispatcher.nudge([due.recipe])
        return fresh

    async def _ring(self, due: Due, entry: Entry) -> int:
        """Accept the due times since the last one, as the missed-run policy says, and set the next."""
        now = datetime.now(UTC)
        missed = getattr(entry.settings, "missed", "once")
        times = _missed(entry, due.due_at, now) if missed == "all" else [_last_due(entry, due.due_at, now)]
        upcoming = entry.trigger.function(entry.settings, times[-1] if missed == "all" else max(now, times[-1]))
        items = [_tick(when) for when in times if missed != "skip" or now - times[-1] <= timedelta(minutes=1)]
        arrivals = await arrivals_of(entry, items, self._catalogue)
        async with transaction():
            await accept(arrivals)
            if not await execute(_RANG, due.recipe, due.fence, upcoming):
                raise TemporaryError(TAKEN_OVER)
        self._dispatcher.nudge([due.recipe])
        return len(arrivals)

    async def _put_off(self, due: Due, error: Exception) -> None:
        """Say what is wrong and ask again later, after growing pauses."""
        message = getattr(error, "message", None) or _SAID.get(type(error), _UNEXPECTED)
        pause = min(max(due.every, 5.0) * 2 ** min(due.failures, 10), LONGEST_BACKOFF)
        if isinstance(error, TemporaryError) and error.retry_after is not None:
            pause = max(error.retry_after, 1.0)
        await execute(
            "update triggers set failures = failures + 1, message = $3, leased_until = null,"
            " next_due_at = now() + $4 * interval '1 second' where recipe = $1 and fence = $2",
            due.recipe, due.fence, message[:1000], pause,
        )  # fmt: skip


def _apart(work: Coroutine[Any, Any, int]) -> asyncio.Task[int]:
    """Start work that joins no transaction of its starter's."""
    return asyncio.get_running_loop().create_task(work, context=contextvars.Context())


def _due(row: Row) -> Due:
    return Due(
        recipe=row["recipe"],
        version=row["version"],
        kind=row["kind"],
        cursor=row["cursor"],
        every=row["every"] or 60.0,
        fence=row["fence"],
        due_at=row["was_due_at"],
        failures=row["failures"],
    )


def _missed(entry: Entry, first: datetime, now: datetime) -> list[datetime]:
    """Return every due time from the first one on that has passed; the rest of very many comes next time."""
    times = [first]
    while (later := entry.trigger.function(entry.settings, times[-1])) is not None and later <= now:
        if len(times) == KEPT_TOGETHER:
            break
        times.append(later)
    return times


def _last_due(entry: Entry, first: datetime, now: datetime) -> datetime:
    """Return the last due time that has passed, looking back no further than has to be."""
    for back in _BACK:
        latest = max(first, now - back)
        later = entry.trigger.function(entry.settings, latest)
        if latest == first or (later is not None and later <= now):
            break
    else:
        latest, later = first, entry.trigger.function(entry.settings, first)
    while later is not None and later <= now:
        latest, later = later, entry.trigger.function(entry.settings, later)
    return latest


def _weight(content: Any) -> int:
    """Return how many bytes of files a content holds."""
    if isinstance(content, Attachment):
        return len(content.content)
    if isinstance(content, dict):
        return sum(_weight(one) for one in content.values())
    return sum(_weight(one) for one in content) if isinstance(content, list) else 0


def _tick(when: datetime) -> Item:
    content: dict[str, Any] = {"due": when.isoformat()}
    return Item(key=f"due:{content['due']}", title=f"Due {when:%Y-%m-%d %H:%M}", content=content)


# A calendar keeps its due time until the next is set, so that a crash in between loses none.
_TAKE_SQL = """
update triggers t set fence = t.fence + 1, leased_until = now() + {lease} * interval '1 second', last_poll_at = now(),
    next_due_at = case when t.kind = 'calendar' then t.next_due_at
        else now() + coalesce(t.every, 60) * interval '1 second' end
from ({chosen}) due
where t.recipe = due.recipe
returning t.recipe, t.version, t.kind, t.cursor, t.every, t.fence, t.failures, due.next_due_at as was_due_at"""

_TAKE = _TAKE_SQL.format(
    lease="$3",
    chosen="""
    select recipe, next_due_at from triggers
    where shard = $1 and state = 'live' and next_due_at <= now() and version is not null
      and (leased_until is null or leased_until < now())
    order by next_due_at limit $2 for update skip locked""",
)
_TAKE_ONE = _TAKE_SQL.format(
    lease="$2",
    chosen="""
    select recipe, coalesce(next_due_at, now()) as next_due_at from triggers
    where recipe = $1 and state = 'live' and version is not null for update""",
)
_NEXT = """
select extract(epoch from min(greatest(next_due_at, leased_until)) - now()) as seconds from triggers
where shard = $1 and state = 'live' and next_due_at is not null"""
_MINE = """
with mine as materialized (
    select t.recipe from triggers t join unnest($1::uuid[], $2::bigint[]) as d(recipe, fence)
    on t.recipe = d.recipe and t.fence = d.fence order by t.recipe for update of t
)
update triggers t set {change} from mine where t.recipe = mine.recipe"""
_LET_GO = _MINE.format(change="leased_until = null, failures = 0, message = ''")
_HOLD = _MINE.format(change="leased_until = now() + $3 * interval '1 second'")
# After the items: whoever accepts some takes subjects and keys first, then the trigger's row to count duplicates
_RANG = """
update triggers set next_due_at = $3, leased_until = null, last_event_at = now(), failures = 0, message = ''
where recipe = $1 and fence = $2"""
_KEEP = """
update triggers set cursor = coalesce($3, cursor), last_event_at = case when $4 then now() else last_event_at end
where recipe = $1 and fence = $2"""
