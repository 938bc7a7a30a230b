"""Comparing a recipe's draft with its past, for every face: start, watch, look, cancel."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from uuid import UUID

import msgspec

from hub.audit import Audit
from hub.database import Row, execute, fetch, fetch_one, transaction
from hub.errors import ConflictError, InvalidError, NotFoundError, Problem
from hub.ids import new_id, parse, show
from hub.members import Member, Verb
from hub.runs.dispatch import COMPARE, LEASE, Dispatcher
from hub.runs.engine import Engine
from hub.runs.past.views import (
    MOST_DAYS,
    MOST_ITEMS,
    PREFIX,
    ComparedItem,
    ComparedPage,
    Comparison,
    Wanted,
    compared_item,
    comparison,
)

KEPT = 20


class TimeMachine:
    """What members may do with comparisons; every query is theirs by workspace."""

    def __init__(self, dispatcher: Dispatcher, engine: Engine, audit: Audit) -> None:
        self._dispatcher = dispatcher
        self._engine = engine
        self._audit = audit

    async def start(self, member: Member, recipe: UUID, wanted: Wanted) -> Comparison:
        """Compare the draft with the newest items that have ended; nothing is written but the comparison."""
        member.authorize(Verb.PLAN)
        _check(wanted)
        row = await fetch_one(_DRAFT, member.workspace, recipe)
        if row is None:
            raise NotFoundError("There is no such recipe.")
        if row["draft"] is None:
            raise ConflictError("The recipe has no draft to compare.")
        problems = msgspec.json.decode(row["problems"], type=list[Problem])
        if problems:
            raise InvalidError("The draft cannot run yet: mend its problems first.", errors=problems)
        identity = new_id()
        async with transaction():
            await fetch_one("select id from documents where id = $1 for no key update", recipe)
            open_one = await fetch_one(_OPEN, recipe, COMPARE)
            if open_one is not None:
                raise ConflictError("The draft is being compared already. Wait for its end, or cancel it.")
            items = [one["id"] for one in await fetch(_ITEMS, member.workspace, recipe, wanted.days, wanted.items)]
            if not items:
                raise InvalidError(
                    f"No item has ended in the last {wanted.days} days, so that there is nothing to compare with."
                )
            version = row["active_version"] or 0
            total = len(items)
            await execute(_RUN, identity, member.workspace, recipe, version, COMPARE, member.user, total, LEASE)
            await execute(_COMPARISON, identity, member.workspace, recipe, row["draft"], wanted.days, items)
            await execute(_FORGET, member.workspace, recipe, COMPARE, KEPT)
            detail = {"comparison": show(PREFIX, identity), "items": total}
            await self._audit.record(member, "recipe.compared", show("rcp", recipe), detail)
        await self._dispatcher.start(identity, recipe, version, COMPARE)
        return await self.show(member, recipe, identity)

    async def list(self, member: Member, recipe: UUID) -> Sequence[Comparison]:
        """Return the comparisons that are kept, the newest first."""
        member.authorize(Verb.READ)
        return [comparison(row) for row in await fetch(_LIST, member.workspace, recipe)]

    async def show(self, member: Member, recipe: UUID, identity: UUID) -> Comparison:
        """Return one comparison, as far as it is."""
        member.authorize(Verb.READ)
        return comparison(await self._row(member, recipe, identity))

    async def items(
        self,
        member: Member,
        recipe: UUID,
        identity: UUID,
        *,
        differing: bool = False,
        limit: int = 50,
        cursor: str | None = None,
    ) -> ComparedPage:
        """Return compared items, the newest first; `differing` leaves out those that are the same."""
        member.authorize(Verb.READ)
        await self._row(member, recipe, identity)
        before = parse("itm", cursor) if cursor else None
        rows = await fetch(_COMPARED, identity, member.workspace, differing, before, limit + 1)
        found: list[ComparedItem] = [compared_item(row) for row in rows]
        return ComparedPage(items=found[:limit], cursor=found[limit - 1].item if len(found) > limit else None)

    async def cancel(self, member: Member, recipe: UUID, identity: UUID) -> Comparison:
        """Stop a comparison; what was compared stays to be looked at."""
        member.authorize(Verb.PLAN)
        await self._row(member, recipe, identity)
        if not await execute(_CANCEL, identity, member.workspace, COMPARE):
            raise ConflictError("This comparison has ended already.")
        # Without the engine the workflow finds at its next portion that the run is no longer its own.
        with contextlib.suppress(ConnectionError):
            await self._engine.cancel(identity)
        return await self.show(member, recipe, identity)

    @staticmethod
    async def _row(member: Member, recipe: UUID, identity: UUID) -> Row:
        row = await fetch_one(f"{_SELECT} and c.recipe = $2 and c.run = $3", member.workspace, recipe, identity)
        if row is None:
            raise NotFoundError("There is no such comparison.")
        return row


def _check(wanted: Wanted) -> None:
    problems = []
    if not 1 <= wanted.items <= MOST_ITEMS:
        problems.append(Problem("items", f"Use 1 to {MOST_ITEMS:,}."))
    if not 1 <= wanted.days <= MOST_DAYS:
        problems.append(Problem("days", f"Use 1 to {MOST_DAYS}."))
    if problems:
        raise InvalidError("This cannot be compared.", errors=problems)


_SELECT = """
select c.*, r.state, r.total, r.message, r.started_at, r.ended_at from comparisons c join runs r on r.id = c.run
where c.workspace = $1"""
_LIST = f"{_SELECT} and c.recipe = $2 order by c.run desc limit {KEPT}"
_DRAFT = """
select draft, problems, active_version from documents
where workspace = $1 and id = $2 and kind = 'recipe' and deleted_at is null"""
_OPEN = "select id from runs where recipe = $1 and kind = $2 and state = 'running' limit 1"
# The newest, in the order of acceptance, so that dedupe steps meet them as they came.
_ITEMS = """
select id from (
    select id from items
    where workspace = $1 and recipe = $2 and not test and state in ('delivered', 'filtered', 'dead')
    and accepted_at > now() - $3 * interval '1 day' order by id desc limit $4
) newest order by id"""
_RUN = """
insert into runs (id, workspace, recipe, version, kind, started_by, total, leased_until)
values ($1, $2, $3, $4, $5, $6, $7, now() + $8 * interval '1 second')"""
_COMPARISON = """
insert into comparisons (run, workspace, recipe, draft, days, items) values ($1, $2, $3, $4::json, $5, $6)"""
_FORGET = """
delete from runs where id in (
    select id from runs where workspace = $1 and recipe = $2 and kind = $3 and state <> 'running'
    order by id desc offset $4
)"""
_COMPARED = """
select d.*, i.title, i.accepted_at from comparison_items d join items i on i.id = d.item
where d.run = $1 and d.workspace = $2 and (d.differs or not $3) and ($4::uuid is null or d.item < $4)
order by d.item desc limit $5"""
_CANCEL = """
update runs set state = 'cancelled', fence = fence + 1, ended_at = now(), leased_until = null
where id = $1 and workspace = $2 and kind = $3 and state = 'running'"""
