"""Listening for one event of a trigger: a webhook's test address, or looks at what a poll brings that is new.

A look is made when somebody asks how it stands, so that a service is left alone once nobody waits any more, and a
restart loses nothing. The cursor of the live recipe is never moved.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec

from connectors.sdk import Item, TriggerKind
from hub.database import Row, execute, fetch_one, from_jsonb, struct_from_jsonb, to_jsonb, transaction
from hub.errors import ConflictError, HubError, InvalidError, NotFoundError, Problem, UnavailableError
from hub.ids import new_id, show
from hub.members import Member, Verb
from hub.recipes import from_plain
from hub.runs.catalogue import Catalogue
from hub.runs.trying import samples
from hub.runs.trying.drafts import Draft, draft_of
from hub.runs.trying.reading import Position, Reader, Source
from hub.runs.trying.views import Listening, Sample, sample_of

LISTEN_FOR = 600
READ_AT_ONCE = 5
SHORTEST_PAUSE, LONGEST_PAUSE = 2.0, 15.0


class Listenings:
    """Waits with members for one event of a draft's trigger, ten minutes at most."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._reader = Reader(catalogue)

    async def read(self, member: Member, recipe: UUID) -> Sequence[Sample]:
        """Read the newest items of the trigger now and keep them as samples, the newest first."""
        member.authorize(Verb.PLAN)
        draft = await draft_of(member, recipe)
        source = await self._reader.source(member, draft)
        if source.trigger.kind is TriggerKind.WEBHOOK:
            raise ConflictError("This trigger waits to be called. Listen for an event, or give a sample.")
        found = await self._reader.newest(source, READ_AT_ONCE)
        if not found:
            message = "The trigger has nothing to read now. Listen for the next event, or give a sample."
            raise InvalidError(message, errors=[Problem("item", message)])
        kept = await samples.keep(member, recipe, draft.version, found, self._catalogue)
        return [sample_of(row) for row in reversed(kept)]

    async def begin(self, member: Member, recipe: UUID) -> Listening:
        """Begin to listen; whoever listened for this recipe before is let go."""
        member.authorize(Verb.PLAN)
        draft = await draft_of(member, recipe)
        source = await self._reader.source(member, draft)
        kind, position = source.trigger.kind, None
        if kind is TriggerKind.POLL:
            position = await self._reader.base(source, await _cursor(recipe, draft))
        elif kind is not TriggerKind.WEBHOOK:
            raise ConflictError("Nothing has to be waited for here: give a sample, or read one now.")
        identity = new_id()
        written = None if position is None else to_jsonb(msgspec.to_builtins(position))
        async with transaction():
            await fetch_one(_ALONE, recipe, member.workspace)
            await execute(_LET_GO, recipe, member.workspace)
            await execute(_BEGIN, identity, member.workspace, recipe, str(kind), LISTEN_FOR, written, member.user)
            if kind is TriggerKind.WEBHOOK:
                await execute(_OPEN_ADDRESS, recipe, LISTEN_FOR)
        return await self._view(member, recipe, identity)

    async def show(self, member: Member, recipe: UUID, listening: UUID) -> Listening:
        """Tell how it stands; a poll is looked at again when the last look is a while ago."""
        member.authorize(Verb.PLAN)
        await self._row(member, recipe, listening)
        if await execute(_END, listening):
            return await self._view(member, recipe, listening)
        draft = await draft_of(member, recipe)
        source = await self._source(member, draft, listening)
        if source is not None:
            pause = min(max(source.trigger.every, SHORTEST_PAUSE), LONGEST_PAUSE)
            turn = await fetch_one(_TAKE_TURN, listening, pause)
            if turn is not None:
                await self._look(source, draft, turn)
        return await self._view(member, recipe, listening)

    async def cancel(self, member: Member, recipe: UUID, listening: UUID) -> None:
        """Stop listening."""
        member.authorize(Verb.PLAN)
        await self._row(member, recipe, listening)
        async with transaction():
            await execute("update listenings set state = 'cancelled' where id = $1 and state = 'listening'", listening)
            await execute(_CLOSE_ADDRESS, recipe)

    async def _source(self, member: Member, draft: Draft, listening: UUID) -> Source | None:
        """Return the trigger to look at; one that was changed into what cannot be asked ends the listening."""
        try:
            source = await self._reader.source(member, draft)
        except HubError as error:
            await execute(_FAIL, listening, error.message)
            return None
        return source if source.trigger.kind is TriggerKind.POLL else None

    async def _look(self, source: Source, draft: Draft, turn: Row) -> None:
        position = struct_from_jsonb(turn["position"], Position) if turn["position"] else Position()
        try:
            found = await self._reader.look(source, position)
            if found.item is None:
                written = to_jsonb(msgspec.to_builtins(found.position))
                await execute("update listenings set position = $2, message = '' where id = $1", turn["id"], written)
            else:
                await self._heard(source.member, draft, turn, found.item)
        except UnavailableError as error:
            await execute(_PUT_OFF, turn["id"], error.message, min(error.retry_after or 0.0, LISTEN_FOR))
        except HubError as error:
            await execute(_FAIL, turn["id"], error.message)

    async def _heard(self, member: Member, draft: Draft, turn: Row, item: Item) -> None:
        async with transaction():
            (row,) = await samples.keep(member, turn["recipe"], draft.version, [item], self._catalogue)
            await execute(_HEARD, turn["id"], row["id"])

    async def _row(self, member: Member, recipe: UUID, listening: UUID) -> Row:
        row = await fetch_one(_ROW, member.workspace, recipe, listening)
        if row is None:
            raise NotFoundError("Nobody has listened under this id.")
        return row

    async def _view(self, member: Member, recipe: UUID, listening: UUID) -> Listening:
        row = await self._row(member, recipe, listening)
        address = row["hook_token"] if row["kind"] == "webhook" else None
        return Listening(
            id=show("lsn", row["id"]),
            kind=row["kind"],
            state=row["state"],
            until=row["until"],
            looks=row["looks"],
            message=row["message"],
            test_path=f"/hooks/test/{address}" if address else None,
            item=show("itm", row["item"]) if row["item"] else None,
        )


async def _cursor(recipe: UUID, draft: Draft) -> str | None:
    """Return how far the live recipe has read, when its trigger is the draft's; what came since is new."""
    row = await fetch_one(_LIVE, recipe)
    if row is None or row["content"] is None:
        return None
    live = from_plain(from_jsonb(row["content"])).spec.trigger
    mine = draft.document.spec.trigger
    same = (live.uses, live.connection, live.settings) == (mine.uses, mine.connection, mine.settings)
    cursor: str | None = row["cursor"] if same else None
    return cursor


_LIVE = """
select t.cursor, v.content from triggers t
left join document_versions v on v.document = t.recipe and v.number = t.version where t.recipe = $1"""
# Of two who begin at once, the second lets go of the first
_ALONE = "select id from documents where id = $1 and workspace = $2 for no key update"
_LET_GO = """
update listenings set state = case when until <= now() then 'over' else 'cancelled' end
where recipe = $1 and workspace = $2 and state = 'listening'"""
_BEGIN = """
insert into listenings (id, workspace, recipe, kind, until, position, started_by, next_look_at)
values ($1, $2, $3, $4, now() + $5 * interval '1 second', $6::jsonb, $7, now() + interval '2 seconds')"""
_OPEN_ADDRESS = "update triggers set test_until = now() + $2 * interval '1 second' where recipe = $1"
_CLOSE_ADDRESS = """
update triggers set test_until = null
where recipe = $1 and not exists (select from listenings where recipe = $1 and state = 'listening')"""
_ROW = """
select l.*, t.hook_token from listenings l left join triggers t on t.recipe = l.recipe
where l.workspace = $1 and l.recipe = $2 and l.id = $3"""
_END = "update listenings set state = 'over' where id = $1 and state = 'listening' and until <= now()"
_TAKE_TURN = """
update listenings set looks = looks + 1, next_look_at = now() + $2 * interval '1 second'
where id = $1 and state = 'listening' and kind = 'poll' and next_look_at <= now() returning *"""
_PUT_OFF = """
update listenings set message = $2, next_look_at = greatest(next_look_at, now() + $3 * interval '1 second')
where id = $1 and state = 'listening'"""
_FAIL = "update listenings set state = 'failed', message = $2 where id = $1 and state = 'listening'"
_HEARD = "update listenings set state = 'heard', item = $2, message = '' where id = $1 and state = 'listening'"
