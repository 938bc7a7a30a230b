"""How triggers fare: what came last, what is asked next, how late that is, what is wrong; failing ones first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from connectors.sdk import TriggerKind
from hub.database import Row, fetch
from hub.errors import ConflictError, NotFoundError
from hub.ids import show
from hub.members import Member, Role, Verb
from hub.runs.schedules import Schedules

MOST = 2000
# A poll that is later than this is told as late.
LATE = 60.0
GONE = "There is no connection {name} any more. Add one under this name, or choose another."


class TriggerHealth(msgspec.Struct, frozen=True, kw_only=True):
    """One published recipe's trigger: `health` is `failing`, `late`, `ok` or `paused`, `late_seconds` its lag now."""

    recipe: str
    recipe_name: str
    title: str
    uses: str
    kind: str
    state: str
    health: str
    last_event_at: datetime | None
    last_poll_at: datetime | None
    next_poll_at: datetime | None
    late_seconds: float
    waiting: int
    oldest_waiting_at: datetime | None
    failures: int
    message: str
    duplicates: int
    watched: bool
    connection: str | None
    connection_id: str | None
    connection_state: str | None
    connection_message: str
    hook_url: str | None


class RecipeName(msgspec.Struct, frozen=True, kw_only=True):
    """A recipe to choose from, and what starts it."""

    id: str
    name: str
    title: str
    uses: str


class Triggers:
    """Looks after the triggers of a workspace."""

    def __init__(self, schedules: Schedules, public_url: str) -> None:
        self._schedules = schedules
        self._public_url = public_url.rstrip("/")

    async def list(self, member: Member) -> Sequence[TriggerHealth]:
        """Return all triggers of published recipes: failing ones first, then late ones, paused ones last."""
        member.authorize(Verb.READ)
        rows = await fetch(f"{_SELECT} {_ORDER}", member.workspace, LATE, MOST)
        return [self._view(member, row) for row in rows]

    async def names(self, member: Member) -> Sequence[RecipeName]:
        """Return every recipe with what starts it, by title."""
        member.authorize(Verb.READ)
        rows = await fetch(_NAMES, member.workspace, MOST)
        return [RecipeName(**{**dict(row), "id": show("rcp", row["id"])}) for row in rows]

    async def show(self, member: Member, recipe: UUID) -> TriggerHealth:
        """Return one recipe's trigger."""
        member.authorize(Verb.READ)
        rows = await fetch(f"{_SELECT} and t.recipe = $3", member.workspace, LATE, recipe)
        if not rows:
            raise NotFoundError("There is no such recipe, or it has never been published.")
        return self._view(member, rows[0])

    async def poll(self, member: Member, recipe: UUID) -> TriggerHealth:
        """Ask a trigger for news now, and return how that went."""
        member.authorize(Verb.RUN)
        found = await self.show(member, recipe)
        if found.kind != TriggerKind.POLL:
            raise ConflictError("Only a trigger that asks a service for news can be asked now.")
        if found.state != "live":
            raise ConflictError("The recipe is paused. Resume it first.")
        await self._schedules.poll_now(recipe)
        return await self.show(member, recipe)

    def _view(self, member: Member, row: Row) -> TriggerHealth:
        shows_hook = row["kind"] == TriggerKind.WEBHOOK and row["hook_token"] and member.role >= Role.EDITOR
        gone = row["connection"] is not None and row["connection_id"] is None
        return TriggerHealth(
            recipe=show("rcp", row["recipe"]),
            recipe_name=row["name"],
            title=row["title"] or "",
            uses=row["uses"],
            kind=row["kind"],
            state=row["state"],
            health=_HEALTH[row["rank"]],
            last_event_at=row["last_event_at"] or row["newest_at"],
            last_poll_at=row["last_poll_at"],
            next_poll_at=row["next_due_at"],
            late_seconds=round(max(row["late"] or 0.0, 0.0), 1),
            waiting=row["waiting"],
            oldest_waiting_at=row["oldest"],
            failures=row["failures"],
            message=row["message"],
            duplicates=row["duplicates"],
            watched=bool(row["watched"]),
            connection=row["connection"],
            connection_id=show("con", row["connection_id"]) if row["connection_id"] else None,
            connection_state=row["connection_state"],
            connection_message=GONE.format(name=row["connection"]) if gone else row["connection_message"] or "",
            hook_url=f"{self._public_url}/hooks/{row['hook_token']}" if shows_hook else None,
        )


_HEALTH = ("failing", "late", "ok", "paused")
# Webhooks keep no time of their own: the newest item tells it
_SELECT = """
select *, case when state = 'paused' then 3
    when failures > 0 or (connection is not null and (connection_state is null
        or connection_state not in ('ok', 'untested'))) then 0
    when late > $2 or oldest < now() - $2 * interval '1 second' then 1 else 2 end as rank
from (
    select t.*, d.name, d.title, t.watched_until > now() as watched,
        case when t.state = 'live' then extract(epoch from now() - t.next_due_at)::float8 end as late,
        v.content->'spec'->'trigger'->>'connection' as connection, c.id as connection_id, c.state as connection_state,
        c.message as connection_message, w.waiting, w.oldest, newest.accepted_at as newest_at
    from triggers t
    join documents d on d.id = t.recipe and d.deleted_at is null
    join document_versions v on v.document = t.recipe and v.number = t.version
    left join connections c on c.workspace = t.workspace
        and lower(c.name) = lower(v.content->'spec'->'trigger'->>'connection')
    cross join lateral (
        select count(*)::int as waiting, min(accepted_at) as oldest from (
            select accepted_at from items i where i.recipe = t.recipe and i.state = 'waiting' order by i.id limit 1000
        ) few
    ) w
    left join lateral (
        select accepted_at from items i where i.workspace = t.workspace and i.recipe = t.recipe
        order by i.id desc limit 1
    ) newest on true
    where t.workspace = $1 and t.state in ('live', 'paused')
) t where true"""
_NAMES = """
select d.id, d.name, d.title, coalesce(t.uses, '') as uses from documents d left join triggers t on t.recipe = d.id
where d.workspace = $1 and d.kind = 'recipe' and d.deleted_at is null
order by lower(coalesce(nullif(d.title, ''), d.name)) limit $2"""
_ORDER = "order by rank, failures desc, late desc nulls last, name limit $3"
