"""What happened: runs, items with every step, and the ledger, as members may see them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from hub.database import Row, fetch, fetch_one, from_jsonb
from hub.errors import NotFoundError
from hub.members import Member, Verb
from hub.runs import views

PAGE = 50
LARGEST_PAGE = 500


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Which runs or items to list; None asks for all."""

    recipe: UUID | None = None
    state: str | None = None
    kind: str | None = None
    run: UUID | None = None
    since: datetime | None = None
    before: UUID | None = None
    limit: int = PAGE


class Page(msgspec.Struct, frozen=True):
    """One page of a list and where the next one starts."""

    entries: Sequence[Any]
    cursor: str | None


class PlanResult(msgspec.Struct, frozen=True, kw_only=True):
    """A plan: its run, every write it would make, and what each step gave."""

    run: views.RunSummary
    writes: list[views.Delivery]
    item: views.ItemDetail


class History:
    """Reads runs and items; every query is the member's by workspace."""

    async def list(self, member: Member, wanted: Filter) -> Page:
        """Return runs, the newest first."""
        member.authorize(Verb.READ)
        limit = min(max(wanted.limit, 1), LARGEST_PAGE)
        rows = await fetch(
            _RUNS, member.workspace, wanted.recipe, wanted.state, wanted.kind, wanted.since, wanted.before, limit + 1
        )
        return _page([views.run_summary(row) for row in rows], limit)

    async def show(self, member: Member, run: UUID) -> views.RunSummary:
        """Return one run."""
        member.authorize(Verb.READ)
        return views.run_summary(await self.run_row(member, run))

    async def items(self, member: Member, wanted: Filter) -> Page:
        """Return items, the newest first; of one run in order of acceptance."""
        member.authorize(Verb.READ)
        limit = min(max(wanted.limit, 1), LARGEST_PAGE)
        if wanted.run is not None:
            await self.run_row(member, wanted.run)
        rows = await fetch(
            _ITEMS, member.workspace, wanted.recipe, wanted.state, wanted.run, wanted.since, wanted.before, limit + 1
        )
        return _page([views.item_summary(row) for row in rows], limit)

    async def item(self, member: Member, item: UUID) -> views.ItemDetail:
        """Return an item with every attempt and delivery."""
        member.authorize(Verb.READ)
        row = await self.item_row(member, item)
        attempts = await fetch(
            "select * from attempts where item = $1 and workspace = $2 order by started_at", item, member.workspace
        )
        deliveries = await fetch(
            "select * from deliveries where item = $1 and workspace = $2 order by written_at", item, member.workspace
        )
        return views.ItemDetail(
            item=views.item_summary(row),
            content=from_jsonb(row["content"]),
            attempts=[views.attempt(one) for one in attempts],
            deliveries=[views.delivery(one) for one in deliveries],
        )

    async def deliveries(self, member: Member, run: UUID) -> Sequence[views.Delivery]:
        """Return the ledger of a run."""
        member.authorize(Verb.READ)
        await self.run_row(member, run)
        rows = await fetch(
            "select * from deliveries where run = $1 and workspace = $2 order by id", run, member.workspace
        )
        return [views.delivery(row) for row in rows]

    async def planned(self, member: Member, run: UUID) -> PlanResult:
        """Return a plan as it was made."""
        member.authorize(Verb.READ)
        row = await self.run_row(member, run)
        item = await fetch_one("select id from items where run = $1 order by id limit 1", run)
        if item is None:
            raise NotFoundError("This run is no plan.")
        return PlanResult(
            run=views.run_summary(row),
            writes=list(await self.deliveries(member, run)),
            item=await self.item(member, item["id"]),
        )

    async def run_row(self, member: Member, run: UUID) -> Row:
        """Return a run's row; for services that act on it."""
        row = await fetch_one(f"{_SELECT_RUN} where r.workspace = $1 and r.id = $2", member.workspace, run)
        if row is None:
            raise NotFoundError("There is no such run.")
        return row

    async def item_row(self, member: Member, item: UUID) -> Row:
        """Return an item's row; for services that act on it."""
        row = await fetch_one(f"{_SELECT_ITEM} where i.workspace = $1 and i.id = $2", member.workspace, item)
        if row is None:
            raise NotFoundError("There is no such item.")
        return row


def _page(entries: Sequence[Any], limit: int) -> Page:
    more = len(entries) > limit
    return Page(entries[:limit], entries[limit - 1].id if more else None)


_SELECT_RUN = "select r.*, d.name as recipe_name from runs r join documents d on d.id = r.recipe"
_SELECT_ITEM = "select i.*, d.name as recipe_name from items i join documents d on d.id = i.recipe"
_RUNS = f"""{_SELECT_RUN}
where r.workspace = $1 and ($2::uuid is null or r.recipe = $2) and ($3::text is null or r.state = $3)
and ($4::text is null or r.kind = $4) and ($5::timestamptz is null or r.started_at >= $5)
and ($6::uuid is null or r.id < $6) order by r.id desc limit $7"""
_ITEMS = f"""{_SELECT_ITEM}
where i.workspace = $1 and ($2::uuid is null or i.recipe = $2) and ($3::text is null or i.state = $3)
and ($4::uuid is null or i.run = $4 or i.id in (select item from attempts where run = $4))
and ($5::timestamptz is null or i.accepted_at >= $5)
and ($6::uuid is null or i.id < $6) order by i.id desc limit $7"""  # noqa: S608  # joined from our own words, values are arguments
