"""What happened: runs, items with every step, and the ledger, as members may see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from hub.database import Row, fetch, fetch_one, from_jsonb
from hub.errors import NotFoundError
from hub.ids import show
from hub.members import Member, Verb
from hub.runs import views
from hub.runs.filters import LONGEST_TEXT, SEARCHED, SELECT_ITEM, SELECT_RUN, Filter, pattern, select_items, select_runs

LARGEST_PAGE = 500
# A text that is found in more runs than this is looked for in one run after the other.
OFTEN = 20_000


class Page(msgspec.Struct, frozen=True):
    """One page of a list and where the next one starts."""

    entries: Sequence[Any]
    cursor: str | None


class PlanResult(msgspec.Struct, frozen=True, kw_only=True):
    """A plan: its run, every write it would make, and what each step gave."""

    run: views.RunSummary
    writes: list[views.Delivery]
    item: views.ItemDetail


class Volume(msgspec.Struct, frozen=True, kw_only=True):
    """How many items of one day ended in which way."""

    day: date
    delivered: int
    filtered: int
    dead: int


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """A workspace at a glance: items by day, and what is open now; counts of open things stop at a thousand."""

    volumes: list[Volume]
    dead: int
    running: int


class StepCount(msgspec.Struct, frozen=True, kw_only=True):
    """How many items of a run are in which state at a step, by their last try there."""

    step: str
    state: str
    items: int


class StepUse(msgspec.Struct, frozen=True, kw_only=True):
    """What a step took over all items and tries of a run: time spent in it, tokens, and what they cost."""

    step: str
    items: int
    tries: int
    failed: int
    took_ms: float
    slowest_ms: float
    tokens: int
    cost_usd: float


class History:
    """Reads runs and items; every query is the member's by workspace."""

    async def list(self, member: Member, wanted: Filter) -> Page:
        """Return runs, the newest first."""
        member.authorize(Verb.READ)
        limit = min(max(wanted.limit, 1), LARGEST_PAGE)
        if wanted.text:
            wanted = msgspec.structs.replace(wanted, runs=await _seldom(member.workspace, wanted.text))
        rows = await fetch(*select_runs(member.workspace, wanted, limit + 1))
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
        rows = await fetch(*select_items(member.workspace, wanted, limit + 1))
        return _page([views.item_summary(row) for row in rows], limit)

    async def item(self, member: Member, item: UUID) -> views.ItemDetail:
        """Return an item with every attempt and delivery."""
        member.authorize(Verb.READ)
        row = await self.item_row(member, item)
        attempts = await fetch(
            "select * from attempts where item = $1 and workspace = $2 order by started_at", item, member.workspace
        )
        deliveries = await fetch(
            "select * from deliveries where item = $1 and workspace = $2 order by written_at, id",
            item,
            member.workspace,
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

    async def steps(self, member: Member, run: UUID) -> Sequence[StepCount]:
        """Return how many items each step of a run worked on, and how that ended."""
        member.authorize(Verb.READ)
        rows = await fetch(_STEPS, member.workspace, run)
        return [StepCount(step=row["step"], state=row["state"], items=row["items"]) for row in rows]

    async def use(self, member: Member, run: UUID) -> Sequence[StepUse]:
        """Return what each step of a run took, in the order in which they were first reached."""
        member.authorize(Verb.READ)
        await self.run_row(member, run)
        return [
            StepUse(**{**dict(row), "cost_usd": float(row["cost_usd"])})
            for row in await fetch(_USE, member.workspace, run)
        ]

    async def overview(self, member: Member, days: int = 14) -> Overview:
        """Return what the workspace did in the last days, the oldest first, and what is open."""
        member.authorize(Verb.READ)
        today = datetime.now(UTC).date()
        first = today - timedelta(days=days - 1)
        start = datetime(first.year, first.month, first.day, tzinfo=UTC)
        rows = {row["day"]: row for row in await fetch(_VOLUMES, member.workspace, _floor(start))}
        opened = await fetch_one(_OPEN, member.workspace)
        volumes = [_volume(day, rows.get(day)) for day in (first + timedelta(days=number) for number in range(days))]
        return Overview(
            volumes=volumes, dead=opened["dead"] if opened else 0, running=opened["running"] if opened else 0
        )

    async def latest(
        self, member: Member, recipes: Sequence[UUID], most: int = 12
    ) -> Mapping[str, Sequence[views.RunSummary]]:
        """Return the last live runs of each recipe, the newest first, by the recipe's id."""
        member.authorize(Verb.READ)
        found: dict[str, list[views.RunSummary]] = {show("rcp", recipe): [] for recipe in recipes}
        for row in await fetch(_LATEST, member.workspace, list(recipes), most):
            found[show("rcp", row["recipe"])].append(views.run_summary(row))
        return found

    async def run_row(self, member: Member, run: UUID) -> Row:
        """Return a run's row; for services that act on it."""
        row = await fetch_one(f"{SELECT_RUN} where r.workspace = $1 and r.id = $2", member.workspace, run)
        if row is None:
            raise NotFoundError("There is no such run.")
        return row

    async def item_row(self, member: Member, item: UUID) -> Row:
        """Return an item's row; for services that act on it."""
        row = await fetch_one(f"{SELECT_ITEM} where i.workspace = $1 and i.id = $2", member.workspace, item)
        if row is None:
            raise NotFoundError("There is no such item.")
        return row


async def _seldom(workspace: UUID, text: str) -> Sequence[UUID] | None:
    """Return every run that a text is found in; None when it is found so often that looking one by one is quicker."""
    rows = await fetch(_BY_TEXT, workspace, pattern(text.strip()[:LONGEST_TEXT]), OFTEN)
    return None if len(rows) >= OFTEN or text.partition("_")[0] in {"run", "rcp"} else [row["id"] for row in rows]


def _page(entries: Sequence[Any], limit: int) -> Page:
    more = len(entries) > limit
    return Page(entries[:limit], entries[limit - 1].id if more else None)


def _volume(day: date, row: Row | None) -> Volume:
    ended = {name: row[name] if row else 0 for name in ("delivered", "filtered", "dead")}
    return Volume(day=day, **ended)


def _floor(at: datetime) -> UUID:
    """Return the least id that could have been made at a time: ids sort by it, and the index is by id."""
    return UUID(int=int(at.timestamp() * 1000) << 80)


_STEPS = """
select step, state, count(distinct item)::int as items from (
    select distinct on (item, step, path) item, step, state from attempts
    where workspace = $1 and run = $2 order by item, step, path, started_at desc
) last group by step, state"""

_USE = """
select step, count(distinct item)::int as items, count(*)::int as tries,
    count(*) filter (where state in ('failed', 'caught', 'ignored'))::int as failed,
    sum(took_ms)::float8 as took_ms, max(took_ms) as slowest_ms, sum(tokens)::int as tokens, sum(cost_usd) as cost_usd
from attempts where workspace = $1 and run = $2 and state <> 'skipped' group by step order by min(started_at), step"""

_BY_TEXT = f"""
(select run as id from items i where workspace = $1 and run is not null and {SEARCHED} ilike $2 limit $3)
union
(select r.id from runs r where r.workspace = $1 and r.message <> '' and r.message ilike $2 limit $3)
union
(select r.id from runs r where r.workspace = $1 and r.recipe in (
    select id from documents where workspace = $1 and kind = 'recipe' and name ilike $2) limit $3)
limit $3"""  # noqa: S608  # a constant of ours
_VOLUMES = """
select (started_at at time zone 'UTC')::date as day, sum(delivered)::int as delivered,
    sum(filtered)::int as filtered, sum(dead)::int as dead
from runs where workspace = $1 and id >= $2 and kind = 'live' group by 1"""
_OPEN = """
select (select count(*)::int from (
    select 1 from items where workspace = $1 and state = 'dead' and closed_as is null and not test limit 1000
  ) d) as dead,
  (select count(*)::int from (
    select 1 from runs where workspace = $1 and state = 'running' limit 1000) r) as running"""
_LATEST = """
select r.*, d.name as recipe_name, d.title as recipe_title from unnest($2::uuid[]) as wanted (recipe)
join documents d on d.id = wanted.recipe and d.workspace = $1
cross join lateral (
    select * from runs where workspace = $1 and recipe = wanted.recipe and kind = 'live' order by id desc limit $3
) r order by r.id desc"""
