"""The sweep: repairs whatever a crash left, from PostgreSQL alone, and lets what is due go on."""

from __future__ import annotations

import asyncio
import logging

from hub.database import execute, fetch, transaction
from hub.decisions import Due
from hub.outages import AWAY
from hub.runs.dispatch import LEASE, Dispatcher
from hub.runs.engine import Engine

PAUSE = 1.0
LOCK = 0x73776570
TIDY_EVERY = 3600
SHARDS = 1
SAMPLES_KEPT = 100

log = logging.getLogger(__name__)


class Sweep:
    """Runs in every worker; an advisory lock sees to it that one at a time does the work."""

    def __init__(self, dispatcher: Dispatcher, engine: Engine, due: Due) -> None:
        self._dispatcher = dispatcher
        self._engine = engine
        self._due = due
        self._rounds = 0

    async def forever(self) -> None:
        """Sweep once a second until cancelled; a lost database or engine is waited for."""
        while True:
            try:
                await self.once()
            except AWAY as error:
                log.warning("the sweep waits: %s", error)
            await asyncio.sleep(PAUSE)

    async def once(self) -> None:
        """Do one round."""
        async with transaction():
            if not (await fetch("select pg_try_advisory_xact_lock($1) as mine", LOCK))[0]["mine"]:
                return
            await execute(_WAKE)
            await execute(_CLOSE_WINDOWS)
            await execute(_WAKE_COLLECTED)
            await execute(_WAKE_PARENTS)
            await self._due.once()
            stale = await fetch(_STALE, LEASE)
            waiting = await fetch(_WAITING)
            late = await fetch(_LATE)
            self._rounds += 1
        if self._rounds % TIDY_EVERY == 1:
            await _tidy()
        self._dispatcher.nudge({row["recipe"] for row in waiting})
        for row in stale:
            await self._dispatcher.start(row["id"], row["recipe"], row["version"], row["kind"])
        for shard in {row["shard"] for row in late} | (set(range(SHARDS)) if self._rounds % 30 == 1 else set()):
            await self._engine.schedule(shard)


async def _tidy() -> None:
    """Forget what is old, each in a statement of its own, so that nobody who waits for one holds up another."""
    for statement in _TIDY:
        await execute(statement)


# The sweep waits for no row that somebody else has: it takes what is free, in order, and the rest with its next round.
_WAKE = """
update items set state = 'waiting', due_at = null where id in (
    select id from items where state = 'waiting_until' and due_at <= now() order by due_at limit 2000
    for no key update skip locked
)"""
# The first of the collected items goes on with all of them; the aggregate step finds its window closed.
_CLOSE_WINDOWS = """
with due as materialized (
    select id, step from windows where closed_at is null and closes_at <= now() order by id limit 200
    for update skip locked
)
update windows w set closed_at = now(), leader = chosen.item from due cross join lateral (
    select m.item from window_items m join items i on i.id = m.item
    where m."window" = due.id and i.state = 'waiting_for' and i.reason_kind = 'aggregate' and i.step = due.step
    order by m.item limit 1 for no key update of i skip locked
) chosen where w.id = due.id"""
# An item may also join a window that others close before it has been written down as waiting for it.
_WAKE_COLLECTED = """
with collected as materialized (
    select i.id from items i join window_items m on m.item = i.id join windows w on w.id = m."window"
    where i.state = 'waiting_for' and i.reason_kind = 'aggregate' and w.closed_at is not null
    and w.recipe = i.recipe and w.step = i.step for no key update of i skip locked
)
update items i set state = 'waiting' from collected where i.id = collected.id"""
_WAKE_PARENTS = """
with parents as materialized (
    select p.id from items p where p.state = 'waiting_for' and p.reason_kind = 'recipe' and exists (
        select from items c where c.parent = p.id and c.parent_step = p.step and c.ended_at is not null
    ) for no key update skip locked
)
update items p set state = 'waiting' from parents where p.id = parents.id"""
_STALE = """
update runs set leased_until = now() + $1 * interval '1 second' where id in (
    select id from runs where state = 'running' and leased_until < now() order by id limit 200 for update skip locked
) returning id, recipe, version, kind"""
_WAITING = """
select t.recipe from triggers t where t.state = 'live'
and exists (select from items i where i.recipe = t.recipe and i.state = 'waiting' and not i.test)"""
_LATE = """
select distinct shard from triggers
where state = 'live' and next_due_at < now() - interval '3 seconds' and version is not null
and (leased_until is null or leased_until < now())"""
_FORGET_KEYS = "delete from seen_keys where seen_at < now() - interval '30 days'"
_FORGET_IMAGES = "update deliveries set images = null where images is not null and images_until < now()"
_FORGET_REQUESTS = "delete from idempotent_requests where created_at < now() - interval '1 day'"
_FORGET_WINDOWS = "delete from windows where closed_at < now() - interval '30 days'"
_FORGET_NOTICES = "delete from decision_notices where created_at < now() - interval '30 days'"
_FORGET_TRIES = "delete from tries where tried_at < now() - interval '30 days'"
_FORGET_LISTENINGS = "delete from listenings where until < now() - interval '1 day'"
# Of a recipe the newest stay, however many a test event brought or somebody gave.
_FORGET_SAMPLES = f"""
delete from items where id in (
    select id from (
        select id, row_number() over (partition by recipe order by id desc) as place from items
        where test and reason_kind = 'sample'
    ) samples where place > {SAMPLES_KEPT}
)"""  # noqa: S608  # a number of ours
_FORGET_REPLAYS = "delete from replays where made_at < now() - interval '90 days'"
_FORGET_COMPARISONS = "delete from runs where kind = 'compare' and ended_at < now() - interval '30 days'"
# Nobody will decide any more how these ended, as when their item was cancelled or went on regardless.
_LEAVE_UNKNOWN = """
update deliveries d set state = 'unknown', settled_at = now(),
    message = coalesce(d.message, 'It is not known whether this was delivered.')
from items i where d.state = 'pending' and i.id = d.item and i.ended_at < now() - interval '1 hour'"""
# Accepted while their recipe was being deleted.
_CANCEL_ORPHANS = """
update items i set state = 'cancelled', reason = 'The recipe was deleted.', ended_at = now(), due_at = null
from triggers t where t.recipe = i.recipe and t.state = 'deleted' and i.state = 'waiting'"""
_FORGET_EVENTS = "delete from outbox where at < now() - interval '3 days'"
_TIDY = (
    _FORGET_KEYS,
    _FORGET_IMAGES,
    _FORGET_REQUESTS,
    _FORGET_EVENTS,
    _FORGET_WINDOWS,
    _FORGET_NOTICES,
    _FORGET_COMPARISONS,
    _FORGET_REPLAYS,
    _FORGET_TRIES,
    _FORGET_LISTENINGS,
    _FORGET_SAMPLES,
    _CANCEL_ORPHANS,
    _LEAVE_UNKNOWN,
)
