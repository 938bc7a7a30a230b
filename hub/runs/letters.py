"""Dead letters in people's hands: whose each is, what is known of it, how it was closed, and what failed alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from hub.audit import Audit, Entry
from hub.database import execute, fetch, fetch_one, transaction
from hub.errors import ConflictError, InvalidError, NotFoundError, Problem
from hub.ids import new_id, parse, show
from hub.members import Member, Verb
from hub.outbox import Outbox
from hub.runs.filters import CAUSE

# Causes are told of so many of the newest open dead letters.
LOOKED_AT = 10_000
MOST = 1000
LONGEST_NOTE = 2000
Closing = Literal["resolved", "ignored"]


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """Open dead letters that failed alike: how many, with the reason of the newest."""

    id: str
    recipe: str
    recipe_name: str
    recipe_title: str
    step: str | None
    reason_kind: str | None
    reason: str
    items: int
    newest_at: datetime
    replayable: bool


class Letters:
    """What people do with dead letters besides replaying them; each act is in the audit log."""

    def __init__(self, audit: Audit, outbox: Outbox) -> None:
        self._audit = audit
        self._outbox = outbox

    async def causes(self, member: Member) -> Sequence[Cause]:
        """Return what the open dead letters failed of, the most frequent first."""
        member.authorize(Verb.READ)
        return [
            Cause(
                id=row["cause"],
                recipe=show("rcp", row["recipe"]),
                recipe_name=row["recipe_name"],
                recipe_title=row["recipe_title"],
                step=row["step"],
                reason_kind=row["reason_kind"],
                reason=row["reason"] or "",
                items=row["items"],
                newest_at=row["newest_at"],
                replayable=row["reason_kind"] != "Unknown",
            )
            for row in await fetch(_CAUSES, member.workspace, LOOKED_AT)
        ]

    async def assign(self, member: Member, items: Sequence[str], owner: str | None) -> int:
        """Give dead letters to a member, or to nobody; the member is told of those that were not theirs before."""
        member.authorize(Verb.RUN)
        user, named = parse("usr", owner) if owner else None, _named(items)
        async with transaction():
            if user is not None:
                await self._check_belongs(member, user)
            fresh = [row["id"] for row in await fetch(_HOLD, named, member.workspace) if row["owner"] != user]
            found = await self._change(member, items, "item.assigned", _ASSIGN, user, detail={"owner": owner})
            if user is not None and fresh:
                await self._tell(member, user, fresh)
        return len(found)

    async def _tell(self, member: Member, user: UUID, items: Sequence[UUID]) -> None:
        """Tell of dead letters that have become somebody's: the outbox, and a mail unless they took them themselves."""
        shown = [show("itm", one) for one in items[:20]]
        by = show("usr", member.user) if member.user else None
        body = {"owner": show("usr", user), "items": shown, "count": len(items), "by": by}
        await self._outbox.publish(member.workspace, "item.assigned", shown[0], body)
        if user != member.user:
            await execute(_TELL, new_id(), member.workspace, user, items)

    async def close(self, member: Member, items: Sequence[str], closing: Closing, reason: str) -> int:
        """Take dead letters off the list without replaying them: they are resolved elsewhere, or do not matter."""
        member.authorize(Verb.RUN)
        if not reason.strip():
            raise InvalidError(
                "Say why, for whoever asks later.",
                errors=[Problem("reason", "Write what was done, or why nothing has to be.")],
            )
        said = reason.strip()[:LONGEST_NOTE]
        detail = {"closed_as": closing, "reason": said}
        return len(await self._change(member, items, "item.closed", _CLOSE, closing, said, member.user, detail=detail))

    async def reopen(self, member: Member, items: Sequence[str]) -> int:
        """Put closed dead letters back on the list."""
        member.authorize(Verb.RUN)
        return len(await self._change(member, items, "item.reopened", _REOPEN, detail={}))

    async def note(self, member: Member, item: UUID, note: str) -> None:
        """Keep a note on a dead letter, or on any other item."""
        member.authorize(Verb.RUN)
        async with transaction():
            done = await execute(_NOTE, item, member.workspace, note.strip()[:LONGEST_NOTE])
            if not done:
                raise NotFoundError("There is no such item.")
            await self._audit.record(member, "item.noted", show("itm", item), {})

    async def _change(
        self, member: Member, items: Sequence[str], verb: str, sql: str, *values: object, detail: Mapping[str, object]
    ) -> list[str]:
        named = _named(items)
        async with transaction():
            known = await fetch_one(_KNOWN, named, member.workspace)
            if known is None or known["items"] < len(set(named)):
                raise NotFoundError("There is no such item.")
            await execute(_HOLD, named, member.workspace)
            rows = await fetch(sql, named, member.workspace, *values)
            if not rows:
                raise ConflictError("None of these is a dead letter that this could be done with now.")
            found = [show("itm", row["id"]) for row in rows]
            await self._audit.record_all(member, [Entry(verb=verb, subject=one, detail=detail) for one in found])
        return found

    async def _check_belongs(self, member: Member, user: UUID) -> None:
        """Refuse who is no member, and keep a member until the transaction ends: a notice may refer to them."""
        if await fetch_one(_BELONGS, member.workspace, user) is None:
            raise NotFoundError("There is no such member.")


def _named(items: Sequence[str]) -> list[UUID]:
    if not 0 < len(items) <= MOST:
        raise InvalidError(
            "Name the dead letters.", errors=[Problem("items", f"Between one and {MOST} items are taken at once.")]
        )
    return [parse("itm", one) for one in items]


_CAUSES = f"""
select {CAUSE} as cause, i.recipe, d.name as recipe_name, d.title as recipe_title, i.step, i.reason_kind,
    (array_agg(i.reason order by i.id desc))[1] as reason, count(*)::int as items,
    max(coalesce(i.ended_at, i.accepted_at)) as newest_at
from (
    select * from items where workspace = $1 and state = 'dead' and closed_as is null and not test
    order by id desc limit $2
) i join documents d on d.id = i.recipe
group by 1, 2, 3, 4, 5, 6 order by items desc, newest_at desc limit 200"""  # noqa: S608  # a constant of ours
_KNOWN = "select count(*)::int as items from items where id = any($1::uuid[]) and workspace = $2"
_ASSIGN = """
update items set owner = $3
where id = any($1::uuid[]) and workspace = $2 and state = 'dead' and not test returning id"""
# In the order of their ids, as everybody takes several items
_HOLD = """
select id, owner from items where id = any($1::uuid[]) and workspace = $2 and state = 'dead' and not test
order by id for no key update"""
_BELONGS = 'select 1 as found from memberships where workspace = $1 and "user" = $2 for key share'
_TELL = 'insert into letter_notices (id, workspace, "user", items) values ($1, $2, $3, $4)'
_CLOSE = """
update items set closed_as = $3, closed_reason = $4, closed_by = $5, closed_at = now()
where id = any($1::uuid[]) and workspace = $2 and state = 'dead' and not test and closed_as is null returning id"""
_REOPEN = """
update items set closed_as = null, closed_reason = ''
where id = any($1::uuid[]) and workspace = $2 and state = 'dead' and not test and closed_as is not null returning id"""
_NOTE = "update items set note = $3 where id = $1 and workspace = $2"
