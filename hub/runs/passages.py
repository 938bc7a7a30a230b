"""How the items of a run went through the steps of a recipe: counts for each step, and what it did to each item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from hub.database import Row, fetch, fetch_one
from hub.errors import NotFoundError
from hub.members import Member, Verb
from hub.runs import views
from hub.runs.filters import SELECT_ITEM, SELECT_RUN

LARGEST = 100


class StepPassage(msgspec.Struct, frozen=True, kw_only=True):
    """How many items a step let through, ended, failed on, or holds.

    `caught` failed here and went on all the same; `cases` counts what a branch decided.
    """

    step: str
    done: int = 0
    failed: int = 0
    caught: int = 0
    filtered: int = 0
    waiting: int = 0
    reason: str = ""
    cases: Mapping[str, int] = {}


class Passage(msgspec.Struct, frozen=True, kw_only=True):
    """A run and the steps that its items have reached; `running` is how many items are still on their way."""

    run: views.RunSummary
    running: int
    steps: Sequence[StepPassage]


class Passed(msgspec.Struct, frozen=True, kw_only=True):
    """An item at a step of a run: its last try there, or None where it has only come so far and waits."""

    item: views.ItemSummary
    attempt: views.Attempt | None


class Passages:
    """Reads what steps did in a run; every query is the member's by workspace."""

    async def show(self, member: Member, run: UUID) -> Passage:
        """Return a run step by step."""
        member.authorize(Verb.READ)
        row = await self._run(member, run)
        tried = await fetch(_TRIED, member.workspace, run)
        held = {one["step"]: one for one in await fetch(_HELD, member.workspace, run)}
        steps = dict.fromkeys([*(one["step"] for one in tried), *(step for step in held if step)])
        counts = row["total"] - row["delivered"] - row["filtered"] - row["waiting"] - row["dead"] - row["cancelled"]
        return Passage(
            run=views.run_summary(row),
            running=max(counts, 0) if row["state"] == "running" else 0,
            steps=[_passage(step, [one for one in tried if one["step"] == step], held.get(step)) for step in steps],
        )

    async def items(self, member: Member, run: UUID, step: str, limit: int = 20) -> Sequence[Passed]:
        """Return what a step did to items, those on which it failed first, then those that wait there."""
        member.authorize(Verb.READ)
        await self._run(member, run)
        limit = min(max(limit, 1), LARGEST)
        tries = {row["item"]: row for row in await fetch(_AT, member.workspace, run, step, limit)}
        found = f"{SELECT_ITEM} where i.workspace = $1 and (i.id = any($2::uuid[]) or {_WAITS}) order by i.id limit $5"
        rows = await fetch(found, member.workspace, list(tries), run, step, limit)
        order = {item: place for place, item in enumerate(tries)}
        rows = sorted(rows, key=lambda row: order.get(row["id"], len(order)))
        return [
            Passed(
                item=views.item_summary(row), attempt=views.attempt(tries[row["id"]]) if row["id"] in tries else None
            )
            for row in rows
        ]

    async def _run(self, member: Member, run: UUID) -> Row:
        row = await fetch_one(f"{SELECT_RUN} where r.workspace = $1 and r.id = $2", member.workspace, run)
        if row is None:
            raise NotFoundError("There is no such run.")
        return row


def _passage(step: str, tried: Sequence[Row], held: Row | None) -> StepPassage:
    cases: dict[str, int] = {}
    for row in tried:
        if row["taken"] is not None:
            cases[row["taken"]] = cases.get(row["taken"], 0) + row["items"]
    failed = [row for row in tried if row["state"] in _BAD]
    tried_bad = sum(row["items"] for row in failed)
    waiting, filtered, dead = (held[name] if held else 0 for name in ("waiting", "filtered", "dead"))
    through = sum(row["items"] for row in tried if row["state"] not in _BAD | _OPEN | _CAUGHT)
    return StepPassage(
        step=step,
        done=max(through - filtered - max(dead - tried_bad, 0), 0),
        failed=max(tried_bad, dead),
        filtered=filtered,
        caught=sum(row["items"] for row in tried if row["state"] in _CAUGHT),
        waiting=waiting,
        reason=next((row["message"] for row in tried if row["state"] in _BAD | _CAUGHT and row["message"]), "")
        or (held["reason"] or "" if held else ""),
        cases=cases,
    )


# How the last try of a step ended when the item did not go on from it
_BAD = frozenset({"failed", "dead", "refused", "unknown"})
_CAUGHT = frozenset({"caught", "ignored"})
_OPEN = frozenset({"waiting", "waiting_until", "waiting_for", "later"})
# A branch gives nothing but the case it took
_TRIED = """
select step, state, taken, count(distinct item)::int as items, max(message) as message, min(first_at) as first_at from (
    select distinct on (item, step, path) item, step, state, message, started_at as first_at,
        case when jsonb_typeof(output) = 'object' and output - 'case' = '{}'::jsonb then output->>'case' end as taken
    from attempts where workspace = $1 and run = $2 order by item, step, path, started_at desc
) last group by step, state, taken order by min(first_at)"""
_WAITS = "i.run = $3 and i.step = $4 and i.state in ('waiting_until', 'waiting_for')"
_HELD = """
select step, count(*) filter (where state like 'waiting_%')::int as waiting,
    count(*) filter (where state = 'filtered')::int as filtered,
    count(*) filter (where state = 'dead')::int as dead, max(reason) filter (where state <> 'filtered') as reason
from items where workspace = $1 and run = $2 and state in ('waiting_until', 'waiting_for', 'filtered', 'dead')
group by step"""
_AT = """
select * from (
    select distinct on (item) * from attempts where workspace = $1 and run = $2 and step = $3
    order by item, started_at desc
) last order by (state in ('failed', 'dead', 'refused', 'unknown')) desc, started_at desc limit $4"""
