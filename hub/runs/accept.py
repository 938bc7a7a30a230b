"""Accepting: an item is kept, with its dedupe key, before anyone is told that it arrived."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Sequence
from uuid import UUID

import asyncpg
import msgspec

from hub import metrics
from hub.database import fetch, transaction
from hub.errors import InvalidError, UnavailableError
from hub.outages import GONE
from hub.runs.dispatch import Dispatcher

BATCH = 400
MOST_CHARACTERS = 16_000_000
RETRY_AFTER = 2.0
# A database that hangs is as good as lost: the caller is told to come back
PATIENCE = 10.0


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """One item before it is kept; `content` is JSON text, `live` what happens to a live item of the same subject."""

    id: UUID
    workspace: UUID
    recipe: UUID
    version: int
    content: str
    key: str | None = None
    subject: str | None = None
    live: str = "start"
    title: str = ""
    test: bool = False


class Accepted(msgspec.Struct, frozen=True):
    """Where an arrival went: its own item, or the one that had its key already."""

    item: UUID
    duplicate: bool


class Intake:
    """Accepts arrivals; what comes in while a statement runs goes together into the next one."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        self._dispatcher = dispatcher
        self._waiting: list[tuple[Sequence[Arrival], asyncio.Future[Sequence[Accepted]]]] = []
        self._flights = 0

    async def submit(self, arrivals: Sequence[Arrival]) -> Sequence[Accepted]:
        """Keep arrivals, all or none, and return once they are durable; UnavailableError when they are not."""
        future: asyncio.Future[Sequence[Accepted]] = asyncio.get_running_loop().create_future()
        self._waiting.append((arrivals, future))
        self._take_off()
        return await future

    def _take_off(self) -> None:
        if self._waiting and self._flights < 2:
            self._flights += 1
            asyncio.get_running_loop().create_task(self._fly(), context=contextvars.Context())

    async def _fly(self) -> None:
        try:
            while self._waiting:
                boarded = self._board()
                try:
                    await self._keep(boarded)
                finally:
                    # Whatever happened, no caller waits for ever.
                    _fail(boarded, UnavailableError("This could not be stored.", retry_after=RETRY_AFTER))
        finally:
            self._flights -= 1

    def _board(self) -> list[tuple[Sequence[Arrival], asyncio.Future[Sequence[Accepted]]]]:
        count, size, taken = 0, 0, 0
        for arrivals, _ in self._waiting:
            count, size = count + len(arrivals), size + sum(len(one.content) for one in arrivals)
            if taken and (count > BATCH or size > MOST_CHARACTERS):
                break
            taken += 1
        boarded, self._waiting = self._waiting[:taken], self._waiting[taken:]
        return boarded

    async def _keep(self, boarded: list[tuple[Sequence[Arrival], asyncio.Future[Sequence[Accepted]]]]) -> None:
        together = [arrival for arrivals, _ in boarded for arrival in arrivals]
        try:
            async with asyncio.timeout(PATIENCE):
                kept = await accept(together)
        except GONE:
            _fail(
                boarded, UnavailableError("The database does not answer; nothing was stored.", retry_after=RETRY_AFTER)
            )
            return
        except asyncpg.PostgresError as error:
            await self._keep_singly(boarded, error)
            return
        start = 0
        for arrivals, future in boarded:
            if not future.done():
                future.set_result(kept[start : start + len(arrivals)])
            start += len(arrivals)
        self._dispatcher.nudge({arrival.recipe for arrival in together if not arrival.test})

    async def _keep_singly(
        self, boarded: list[tuple[Sequence[Arrival], asyncio.Future[Sequence[Accepted]]]], error: asyncpg.PostgresError
    ) -> None:
        """One arrival that cannot be stored must not take the others with it."""
        if len(boarded) > 1:
            for one in boarded:
                await self._keep([one])
        else:
            _fail(boarded, _refusal(error))


async def accept(arrivals: Sequence[Arrival]) -> list[Accepted]:
    """Store arrivals in one statement of the current transaction; a known key is a counted duplicate."""
    if not arrivals:
        return []
    if any(arrival.subject is not None and arrival.live != "start" for arrival in arrivals):
        return _counted(await _accept_about_subjects(arrivals))
    return _counted(await _insert(arrivals))


def _counted(accepted: list[Accepted]) -> list[Accepted]:
    repeated = sum(one.duplicate for one in accepted)
    metrics.ITEMS_ACCEPTED.inc(len(accepted) - repeated)
    metrics.ITEMS_REPEATED.inc(repeated)
    return accepted


async def _insert(arrivals: Sequence[Arrival]) -> list[Accepted]:
    keyed = any(arrival.key is not None for arrival in arrivals)
    rows = await fetch(_INSERT_KEYED if keyed else _INSERT, *_columns(arrivals))
    if not keyed:
        return [Accepted(arrival.id, False) for arrival in arrivals]
    known = {(row["recipe"], row["key"]): row["item"] for row in rows}
    arrived = [one for one in arrivals if one.key is not None and not one.test]
    missing = [one for one in arrived if (one.recipe, one.key) not in known]
    if missing:
        # Another transaction committed the same key while this statement waited for it.
        late = await fetch(_KNOWN, [one.recipe for one in missing], [one.key for one in missing])
        known |= {(row["recipe"], row["key"]): row["item"] for row in late}
    items = [one.id if one.key is None or one.test else known.get((one.recipe, one.key), one.id) for one in arrivals]
    return [Accepted(item, item != one.id) for one, item in zip(arrivals, items, strict=True)]


async def _accept_about_subjects(arrivals: Sequence[Arrival]) -> list[Accepted]:
    """Keep arrivals whose subject has a live item as joined or ignored; one statement a batch for each question."""
    async with transaction():
        await fetch(
            "select pg_advisory_xact_lock(hashtextextended(s, 0)) from unnest($1::text[]) s order by s",
            sorted({f"{one.recipe}/{one.subject}" for one in arrivals if one.subject is not None}),
        )
        rows = await fetch(_LIVE, [one.recipe for one in arrivals], [one.subject for one in arrivals])
        live = {(row["recipe"], row["subject"]): row["item"] for row in rows}
        accepted = await _insert(arrivals)
        joined: list[tuple[UUID, UUID, str]] = []
        for one, kept in zip(arrivals, accepted, strict=True):
            if one.subject is None or one.live == "start" or kept.duplicate:
                continue
            leader = live.setdefault((one.recipe, one.subject), one.id)
            if leader != one.id:
                joined.append((one.id, leader, "joined" if one.live == "join" else "ignored"))
        if joined:
            await fetch(_SET_ASIDE, [j[0] for j in joined], [j[1] for j in joined], [j[2] for j in joined])
        return accepted


def _columns(arrivals: Sequence[Arrival]) -> list[list[object]]:
    return [
        [one.id for one in arrivals],
        [one.workspace for one in arrivals],
        [one.recipe for one in arrivals],
        [one.version for one in arrivals],
        [one.key for one in arrivals],
        [one.subject for one in arrivals],
        [one.title[:500] for one in arrivals],
        [one.content for one in arrivals],
        [one.test for one in arrivals],
    ]


def _refusal(error: asyncpg.PostgresError) -> Exception:
    if isinstance(error, asyncpg.DiskFullError):
        return UnavailableError("The disk is full; nothing was stored.", retry_after=30)
    if not isinstance(error, (asyncpg.DataError, asyncpg.ProgramLimitExceededError, asyncpg.StatementTooComplexError)):
        return UnavailableError("The database could not store this now; nothing was stored.", retry_after=RETRY_AFTER)
    return InvalidError("This cannot be stored: it holds text that is not valid Unicode or nests too deep.")


def _fail(boarded: list[tuple[Sequence[Arrival], asyncio.Future[Sequence[Accepted]]]], error: Exception) -> None:
    for _, future in boarded:
        if not future.done():
            future.set_exception(error)


_INCOMING = """
select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::int[], $5::text[], $6::text[], $7::text[], $8::text[],
    $9::bool[]) as t(id, workspace, recipe, version, key, subject, title, content, test)"""

_INSERT = f"""
insert into items (id, workspace, recipe, version, key, subject, title, content, test)
select id, workspace, recipe, version, key, subject, title, content::jsonb, test from ({_INCOMING}) incoming"""  # noqa: S608  # joined from our own words, values are arguments

_INSERT_KEYED = f"""
with incoming as ({_INCOMING}),
fresh as (
    insert into seen_keys (recipe, key, item) select recipe, key, id from incoming where key is not null and not test
    order by recipe, key, id on conflict do nothing returning recipe, key, item
),
kept as (
    insert into items (id, workspace, recipe, version, key, subject, title, content, test)
    select id, workspace, recipe, version, key, subject, title, content::jsonb, test from incoming
    where key is null or test or id in (select item from fresh)
),
repeated as materialized (
    select recipe, count(*) n from incoming
    where key is not null and not test and id not in (select item from fresh) group by recipe
),
held as materialized (
    select t.recipe, r.n from triggers t join repeated r on r.recipe = t.recipe order by t.recipe for update of t
),
counted as (
    update triggers t set duplicates = duplicates + h.n from held h where t.recipe = h.recipe
)
select recipe, key, item from fresh
union all
select s.recipe, s.key, s.item from seen_keys s
join incoming i on i.recipe = s.recipe and i.key = s.key and not i.test"""  # noqa: S608  # joined from our own words, values are arguments

_KNOWN = """
select s.recipe, s.key, s.item from seen_keys s
join unnest($1::uuid[], $2::text[]) as t(recipe, key) on t.recipe = s.recipe and t.key = s.key"""

_LIVE = """
select distinct on (i.recipe, i.subject) i.recipe, i.subject, i.id as item from items i
join unnest($1::uuid[], $2::text[]) as t(recipe, subject) on t.recipe = i.recipe and t.subject = i.subject
where i.state in ('waiting', 'running', 'waiting_until', 'waiting_for') order by i.recipe, i.subject, i.id"""

_SET_ASIDE = """
update items i set state = 'filtered', parent = t.leader, reason_kind = t.how, ended_at = now(),
    reason = case t.how when 'joined' then 'It joined an earlier item about the same subject.'
                        else 'An earlier item about the same subject is still being worked on.' end
from unnest($1::uuid[], $2::uuid[], $3::text[]) as t(id, leader, how) where i.id = t.id"""
