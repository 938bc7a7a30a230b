"""The work of batches: every worker takes files that wait, a few at a time, and settles each by itself."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress

from hub.database import execute, fetch, fetch_one, struct_from_jsonb, transaction
from hub.errors import HubError, InvalidError, NotFoundError
from hub.extraction import store
from hub.extraction.batches.shapes import Held
from hub.extraction.choice import Choice
from hub.extraction.extractor import Asked, Extractor
from hub.extraction.history import forget_previews, forget_strays
from hub.extraction.schemas.workspace import Schemas
from hub.extraction.sources import Given
from hub.extraction.store import Origin
from hub.files import Files
from hub.ids import parse, show
from hub.outages import AWAY
from hub.outbox import Outbox

AT_ONCE = 2
# A file that is tried this often without success has failed; the pauses between grow.
TRIES = 3
# Taken this often, a file has ended its workers rather than failed by itself.
MOST_TAKEN = 6
ENDED = "The work on this file ended before it was done, again and again. Split the file or make it smaller."
BROKEN = "Something went wrong with this file that should not; the hub's log tells more. The others go on."
FIRST_PAUSE = 5
# Held on to by whoever is alive, so that what a dead worker held is taken over within a minute.
HOLD = 60
LOOK_AGAIN = 1.0
TIDY_EVERY = 600

log = logging.getLogger(__name__)


class BatchWork:
    """Extracts the files of batches; several workers share the work, a dead one's files are taken over."""

    def __init__(self, *, extractor: Extractor, schemas: Schemas, files: Files, outbox: Outbox) -> None:
        self._extractor = extractor
        self._schemas = schemas
        self._files = files
        self._outbox = outbox

    async def forever(self) -> None:
        """Work until cancelled; a lost database is waited for. A long file holds up one place and not the others."""
        async with asyncio.TaskGroup() as places:
            places.create_task(self._tidy())
            for _ in range(AT_ONCE):
                places.create_task(self._work())

    async def once(self) -> bool:
        """Extract a few files that are due; tells whether there were any."""
        held = await self._take(AT_ONCE)
        if held:
            await asyncio.gather(*(self._extract(one) for one in held))
        return bool(held)

    async def _work(self) -> None:
        while True:
            try:
                held = await self._take(1)
                for one in held:
                    await self._extract(one)
            except AWAY as error:
                log.warning("batches wait: %s", error)
                held = []
            if not held:
                await asyncio.sleep(LOOK_AGAIN)

    async def _tidy(self) -> None:
        while True:
            try:
                await forget_previews()
                await forget_strays()
            except AWAY as error:
                log.warning("tidying waits: %s", error)
            await asyncio.sleep(TIDY_EVERY)

    async def _take(self, most: int) -> Sequence[Held]:
        rows = await fetch(_TAKE, most, HOLD)
        return [Held(**{**row, "settings": struct_from_jsonb(row["settings"], Choice)}) for row in rows]

    async def _extract(self, held: Held) -> None:
        if held.tries > MOST_TAKEN:
            await self._settle(held, "failed", message=ENDED)
            return
        keeping = asyncio.create_task(self._keep_hold(held))
        try:
            await self._try(held)
        finally:
            keeping.cancel()

    async def _keep_hold(self, held: Held) -> None:
        """Hold a file for as long as it takes, so that nobody else begins with it meanwhile."""
        while True:
            await asyncio.sleep(HOLD / 3)
            with suppress(*AWAY):
                await execute(_HOLD_ON, held.batch, held.position, held.fence, HOLD)

    async def _try(self, held: Held) -> None:
        try:
            made = await store.made_in(held.workspace, held.batch, held.file) or await self._make(held)
        except (InvalidError, NotFoundError) as error:
            await self._settle(held, "failed", message=error.message)
        except HubError as error:
            if held.tries >= TRIES:
                await self._settle(held, "failed", message=error.message)
            else:
                pause = FIRST_PAUSE * 2 ** (held.tries - 1)
                await execute(_LATER, held.batch, held.position, held.fence, pause, error.message)
        except AWAY:
            raise
        except Exception:  # one file's fault must not end the process, which serves others too
            log.exception("file %s of batch %s failed", held.position, held.batch)
            await self._settle(held, "failed", message=BROKEN)
        else:
            await self._settle(held, "done", extraction=made)

    async def _make(self, held: Held) -> str:
        described = await self._files.describe(held.workspace, held.file)
        asked = Asked(
            workspace=held.workspace,
            schema=await self._schemas.resolve(held.workspace, held.schema_name),
            given=Given(name=described.name, file=described.id),
            choice=held.settings,
            origin=Origin(member=held.created_by, batch=held.batch),
            # A model that is away is asked again later.
            strict=True,
            tags=held.tags,
        )
        return (await self._extractor.extract(asked)).id

    async def _settle(self, held: Held, state: str, *, extraction: str | None = None, message: str = "") -> None:
        identity = parse("ext", extraction) if extraction else None
        async with transaction():
            # One after another, so that the last of a batch sees that it is the last.
            await execute("select from batches where id = $1 for update", held.batch)
            await execute(_SETTLE, held.batch, held.position, held.fence, state, identity, message)
            if await fetch_one(_END, held.batch):
                await self._outbox.publish(held.workspace, "batch.done", show("bat", held.batch))


# The workspace with the fewest files under way comes first, so that a thousand files of one do not hold up another.
_TAKE = """
with shares as (
    select w.id, (
        select count(*) from batch_files r
        where r.workspace = w.id and r.state = 'running' and r.held_until >= now()
    ) as running
    from (select distinct workspace as id from batches where state = 'running') w
),
waiting as (
    select s.id, s.running, f.batch, f.position, f.due_at,
        row_number() over (partition by s.id order by f.due_at, f.batch, f.position) as place
    from shares s cross join lateral (
        select f.batch, f.position, f.due_at
        from batch_files f join batches b on b.workspace = f.workspace and b.id = f.batch and b.state = 'running'
        where f.workspace = s.id and f.state in ('waiting', 'running') and f.due_at <= now()
            and (f.held_until is null or f.held_until < now())
        order by f.due_at, f.batch, f.position limit $1 for update of f skip locked
    ) f
),
due as (
    select batch, position from waiting order by running + place, due_at, batch, position limit $1
),
taken as (
    update batch_files f set state = 'running', tries = f.tries + 1, fence = f.fence + 1,
        held_until = now() + $2 * interval '1 second'
    from due where f.batch = due.batch and f.position = due.position
    returning f.workspace, f.batch, f.position, f.file, f.fence, f.tries
)
select taken.*, b.schema_name, b.settings, b.tags, b.created_by from taken join batches b on b.id = taken.batch"""
_HOLD_ON = (
    "update batch_files set held_until = now() + $4 * interval '1 second' "
    "where batch = $1 and position = $2 and fence = $3 and state = 'running'"
)
_SETTLE = (
    "update batch_files set state = $4, extraction = $5, message = $6, held_until = null "
    "where batch = $1 and position = $2 and fence = $3"
)
_LATER = (
    "update batch_files set state = 'waiting', held_until = null, due_at = now() + $4 * interval '1 second', "
    "message = $5 where batch = $1 and position = $2 and fence = $3"
)
_END = """
update batches set state = 'done', ended_at = now() where id = $1 and state = 'running' and not exists (
    select from batch_files f where f.batch = $1 and f.state in ('waiting', 'running')
) returning id"""
