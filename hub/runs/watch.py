"""Watching: triggers that can be told of news (a mailbox in IDLE) keep a connection open and are polled at once."""

from __future__ import annotations

import asyncio
import contextvars
import logging
from uuid import UUID

from connectors.sdk import ConnectorError
from connectors.sdk.registry import registry
from hub.database import Row, execute, fetch
from hub.errors import HubError
from hub.outages import AWAY
from hub.runs.catalogue import Catalogue
from hub.runs.engine import Engine

LOOK_EVERY = 2.0
LEASE = 20
AT_ONCE = 200
PAUSE_AFTER_FAILURE = 15.0

# What makes news come no sooner than with the next poll
PASSING: tuple[type[Exception], ...] = (ConnectorError, HubError, *AWAY)

log = logging.getLogger(__name__)


class Watch:
    """Holds the watchers of this worker; a lease in PostgreSQL sees to it that each trigger has one."""

    def __init__(self, catalogue: Catalogue, engine: Engine) -> None:
        self._catalogue = catalogue
        self._engine = engine
        self._watching: dict[UUID, tuple[int, asyncio.Task[None]]] = {}

    async def forever(self) -> None:
        """Take up triggers that nobody watches until cancelled."""
        try:
            while True:
                try:
                    await self._look()
                except AWAY as error:
                    log.warning("watching waits for the database: %s", error)
                await asyncio.sleep(LOOK_EVERY)
        finally:
            for _, task in self._watching.values():
                task.cancel()

    async def _look(self) -> None:
        """Keep the leases of running watchers, end those of triggers that are gone, start new ones."""
        held = await fetch(_KEEP, list(self._watching), [version for version, _ in self._watching.values()], LEASE)
        kept = {row["recipe"] for row in held}
        for recipe in [one for one, (_, task) in self._watching.items() if one not in kept or task.done()]:
            self._watching.pop(recipe)[1].cancel()
        watched = _watched()
        if watched and len(self._watching) < AT_ONCE:
            for row in await fetch(_TAKE, watched, LEASE):
                task = asyncio.get_running_loop().create_task(self._watch(row), context=contextvars.Context())
                self._watching[row["recipe"]] = row["version"], task

    async def _watch(self, row: Row) -> None:
        """Watch until cancelled; what goes wrong here only makes news come with the next poll."""
        while True:
            try:
                entry = await self._catalogue.entry(row["recipe"], row["version"])
                if entry.trigger.watcher is None:
                    return
                await entry.trigger.watcher(self._catalogue.context(entry))
                await execute(_NEWS, row["recipe"])
                await self._engine.schedule(row["shard"])
            except PASSING as error:
                log.info("watching recipe %s pauses: %s", row["recipe"], type(error).__name__)
                await asyncio.sleep(PAUSE_AFTER_FAILURE)


def _watched() -> list[str]:
    """Return the names of triggers that can be watched."""
    return [
        trigger.uses
        for connector in registry().values()
        for trigger in connector.triggers.values()
        if trigger.watcher is not None
    ]


_NEWS = "update triggers set next_due_at = now() where recipe = $1 and state = 'live'"
# A watcher of an older version lets go: the newer one may look elsewhere.
_KEEP = """
with held as materialized (
    select t.recipe, t.version = w.version as same
    from triggers t join unnest($1::uuid[], $2::int[]) as w(recipe, version) on w.recipe = t.recipe
    where t.state = 'live' order by t.recipe for update of t
)
update triggers t set watched_until = case when h.same then now() + $3 * interval '1 second' end
from held h where t.recipe = h.recipe returning case when h.same then t.recipe end as recipe"""
_TAKE = """
update triggers set watched_until = now() + $2 * interval '1 second' where recipe in (
    select recipe from triggers where uses = any($1::text[]) and state = 'live' and version is not null
    and (watched_until is null or watched_until < now()) limit 50 for update skip locked
) returning recipe, version, shard"""
