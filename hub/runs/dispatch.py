"""Dispatch: waiting items of a recipe are claimed into a run, one when idle and hundreds under load."""

from __future__ import annotations

import asyncio
import contextvars
import logging
from collections.abc import Awaitable, Iterable, Sequence
from typing import Protocol
from uuid import UUID

from hub.database import Row, fetch_one, transaction
from hub.errors import HubError
from hub.ids import new_id
from hub.outages import AWAY
from hub.runs.engine import Engine

BATCH = 300
# As they lie in the database, compressed: a worker holds all items of a run
MOST_BYTES = 4_000_000
RUNS_AT_ONCE = 3
LEASE = 20
SOON = 1
# Runs of one stage that perform what is written down, whatever their recipe looks like by now
STORED = ("apply", "undo")
# A run that compares a draft with past items, portion by portion
COMPARE = "compare"

log = logging.getLogger(__name__)


class Shape(Protocol):
    """What dispatch needs to know of a compiled recipe."""

    @property
    def stage_count(self) -> int:
        """How many stages the recipe has."""
        ...

    @property
    def long_stages(self) -> Sequence[int]:
        """Which of them may take minutes."""
        ...

    @property
    def concurrency(self) -> int | None:
        """How many items may be worked on at once, when the recipe says so."""
        ...


class Shapes(Protocol):
    """Where compiled recipes are kept."""

    def shape(self, recipe: UUID, version: int) -> Awaitable[Shape]:
        """Return a published version, compiled."""
        ...

    def live_concurrency(self, recipe: UUID) -> Awaitable[int | None]:
        """Return the limit of the active version."""
        ...


class Dispatcher:
    """Turns waiting items into runs; asked after every commit that made items wait, repaired by the sweep."""

    def __init__(self, engine: Engine, shapes: Shapes) -> None:
        self._engine = engine
        self._shapes = shapes
        self._draining: dict[UUID, bool] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def nudge(self, recipes: Iterable[UUID]) -> None:
        """Look after these recipes soon; never waits and never fails."""
        for recipe in recipes:
            if recipe in self._draining:
                self._draining[recipe] = True
                continue
            self._draining[recipe] = False
            task = asyncio.get_running_loop().create_task(self._drain(recipe), context=contextvars.Context())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def start(self, run: UUID, recipe: UUID, version: int, kind: str = "live") -> None:
        """Ask the engine to carry a run; when it cannot, the run's lease lapses and the sweep asks again."""
        try:
            if kind == COMPARE:
                await self._engine.start(run, 1, [0])
            elif kind in STORED:
                await self._engine.start(run, 1)
            else:
                shape = await self._shapes.shape(recipe, version)
                await self._engine.start(run, shape.stage_count, shape.long_stages)
        except HubError as error:
            log.warning("run %s cannot be carried: %s", run, error)
            reasons = " ".join(problem.message for problem in error.errors) or error.message
            await fetch_one(_GIVE_UP, run, f"This version of the recipe cannot run any more. {reasons}"[:1000])
        except ConnectionError as error:
            log.warning("run %s waits for the engine: %s", run, error)
            await fetch_one(_SOON, run, SOON)

    async def _drain(self, recipe: UUID) -> None:
        try:
            while True:
                self._draining[recipe] = False
                claimed = await self._claim(recipe)
                if claimed is not None:
                    await self.start(claimed["id"], recipe, claimed["version"])
                elif not self._draining[recipe]:
                    return
        except AWAY as error:
            log.warning("dispatch of recipe %s waits for the database: %s", recipe, error)
        finally:
            del self._draining[recipe]

    async def _claim(self, recipe: UUID) -> Row | None:
        limit = await self._shapes.live_concurrency(recipe)
        if limit is None:
            return await fetch_one(_CLAIM, recipe, BATCH, new_id(), RUNS_AT_ONCE, LEASE, MOST_BYTES)
        async with transaction():
            await fetch_one("select pg_advisory_xact_lock(hashtextextended($1::text, 1))", str(recipe))
            busy = await fetch_one(_BUSY, recipe, limit == 1)
            room = limit - (int(busy["items"]) if busy else 0)
            if room <= 0:
                return None
            return await fetch_one(_CLAIM, recipe, min(room, BATCH), new_id(), limit, LEASE, MOST_BYTES)


# With a concurrency of one the order of acceptance is kept, so an item that waits for another try holds the others;
# one that is collected with others waits for just these.
_BUSY = """
select count(*) as items from items
where recipe = $1 and not test and (state = 'running' or ($2 and (
    state = 'waiting_until' or (state = 'waiting_for' and reason_kind is distinct from 'aggregate'))))"""
_SOON = """
update runs set leased_until = least(leased_until, now() + $2 * interval '1 second')
where id = $1 and state = 'running' and fence = 0"""
_GIVE_UP = """
with ended as (
    update runs set state = 'done', ended_at = now(), leased_until = null, dead = total, message = $2
    where id = $1 and state = 'running' returning id
)
update items set state = 'dead', reason = $2, reason_kind = 'RecipeError', ended_at = now()
where run in (select id from ended) and state = 'running'"""

_CLAIM = """
with oldest as (
    select version from items where recipe = $1 and state = 'waiting' and not test order by id limit 1
),
picked as (
    select i.id, pg_column_size(i.content) as size from items i, oldest
    where i.recipe = $1 and i.state = 'waiting' and i.version = oldest.version and not i.test
      and exists (select from triggers where recipe = $1 and state = 'live')
      and (select count(*) from runs where recipe = $1 and state = 'running' and kind = 'live') < $4
    order by i.id limit $2 for no key update of i skip locked
),
chosen as (
    select id from (select id, sum(size) over (order by id) - size as before from picked) p where before < $6
),
claimed as (
    update items set state = 'running', run = $3, due_at = null from chosen where items.id = chosen.id
    returning items.workspace, items.version
)
insert into runs (id, workspace, recipe, version, kind, total, leased_until)
select $3, workspace, $1, version, 'live', count(*), now() + $5 * interval '1 second'
from claimed group by workspace, version returning id, version, total"""
