"""Comparing, durably: some items at a time, each portion settled under the run's fence, so that a restart goes on."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from hub.database import Row, execute, fetch, fetch_one, from_jsonb, to_jsonb, transaction
from hub.errors import HubError
from hub.recipes import CompiledRecipe, compile_recipe, from_plain
from hub.runs.catalogue import Catalogue
from hub.runs.ledger import LateWriterError
from hub.runs.past.then import Then, remember
from hub.runs.past.walk import Seen, Walked, Walks
from hub.runs.steps import Travel

PORTION = 100
# As they lie in the database, compressed
MOST_BYTES = 4_000_000
# A portion is settled after so many seconds even when it is not through
SECONDS = 5.0


class Comparing:
    """Works comparisons off; safe to repeat, as what was compared is not compared again."""

    def __init__(self, catalogue: Catalogue, walks: Walks) -> None:
        self._catalogue = catalogue
        self._walks = walks

    async def perform(self, run: Row) -> int:
        """Compare some more items; returns how many are left, 0 when the run has ended."""
        row = await fetch_one("select * from comparisons where run = $1", run["id"])
        if row is None:
            await self._end(run, "The comparison is not there any more.")
            return 0
        try:
            draft = compile_recipe(from_plain(from_jsonb(row["draft"])))
        except HubError as error:
            await self._end(run, f"The draft cannot run any more. {error.message}")
            return 0
        left = await fetch(_LEFT, run["id"], PORTION, MOST_BYTES)
        found = await self._walked(run, draft, left)
        total = await self._settle(run, found)
        remaining = run["total"] - total
        if not left or remaining <= 0:
            await self._end(run, "" if left or remaining <= 0 else "Some of the items are not there any more.")
            return 0
        return int(remaining)

    async def _walked(self, run: Row, draft: CompiledRecipe, rows: Sequence[Row]) -> list[tuple[Then, Walked]]:
        thens = await remember(rows, await self._versions(run["recipe"], rows))
        seen = await _seen(run["id"])
        schemas = {row["name"]: row["active_version"] for row in await fetch(_SCHEMAS, run["workspace"])}
        found: list[tuple[Then, Walked]] = []
        until = time.monotonic() + SECONDS
        for row in rows:
            then = thens[row["id"]]
            travel = Travel(
                workspace=run["workspace"],
                recipe=run["recipe"],
                version=row["version"],
                run=run["id"],
                fence=run["fence"],
                concurrency=None,
            )
            found.append((then, await self._walks.walk(travel, draft, then, schemas, seen)))
            if time.monotonic() > until:
                break
        return found

    async def _versions(self, recipe: UUID, rows: Sequence[Row]) -> dict[int, CompiledRecipe]:
        """Return the versions that the items ran on; one that cannot be compiled any more is left out."""
        found: dict[int, CompiledRecipe] = {}
        for number in {row["version"] for row in rows}:
            try:
                found[number] = (await self._catalogue.version(recipe, number)).compiled
            except HubError:
                continue
        return found

    async def _settle(self, run: Row, found: Sequence[tuple[Then, Walked]]) -> int:
        """Keep what was found and count it all anew; returns how many items have been compared."""
        async with transaction():
            mine = await fetch_one(_MINE, run["id"], run["fence"])
            if mine is None:
                raise LateWriterError("Another attempt has taken over this comparison.")
            await execute(_KEEP, run["id"], run["workspace"], *_columns(found))
            counted = await fetch_one(_COUNT, run["id"])
        return int(counted["compared"]) if counted else 0

    async def _end(self, run: Row, message: str) -> None:
        await execute(_END, run["id"], run["fence"], message[:1000])


async def _seen(run: UUID) -> Seen:
    """Return the keys that dedupe steps of the draft have let pass in this comparison so far."""
    found: Seen = {}
    for row in await fetch("select keys from comparison_items where run = $1 and keys <> '{}'", run):
        for step, key in from_jsonb(row["keys"]).items():
            found.setdefault(step, set()).add(key)
    return found


def _columns(found: Sequence[tuple[Then, Walked]]) -> list[list[Any]]:
    return [
        [then.row["id"] for then, _ in found],
        [then.row["version"] for then, _ in found],
        [then.row["state"] for then, _ in found],
        [walked.state for _, walked in found],
        [walked.reason[:1000] for _, walked in found],
        [walked.counts.differing > 0 or walked.state != then.row["state"] for then, walked in found],
        [walked.counts.same for _, walked in found],
        [walked.counts.added for _, walked in found],
        [walked.counts.missing for _, walked in found],
        [walked.counts.changed for _, walked in found],
        [walked.taken for _, walked in found],
        [walked.anew for _, walked in found],
        [to_jsonb(walked.unknown) for _, walked in found],
        [to_jsonb(walked.keys) for _, walked in found],
        [to_jsonb(walked.records) for _, walked in found],
    ]


# At most so many, and no more after so many bytes, as a worker holds them all.
_LEFT = """
with picked as (
    select i.id, wanted.place, pg_column_size(i.content) as size
    from comparisons c cross join unnest(c.items) with ordinality as wanted(id, place)
    join items i on i.id = wanted.id
    where c.run = $1 and not exists (select from comparison_items d where d.run = $1 and d.item = i.id)
    order by wanted.place limit $2
),
chosen as (
    select id, place from (
        select id, place, sum(size) over (order by place) - size as before from picked
    ) p where before < $3
)
select i.* from items i join chosen on chosen.id = i.id order by chosen.place"""
_SCHEMAS = """
select lower(name) as name, active_version from documents
where workspace = $1 and kind = 'schema' and deleted_at is null"""
_MINE = "select id from runs where id = $1 and fence = $2 and state = 'running' for update"
_KEEP = """
insert into comparison_items (run, workspace, item, version, state_then, state_now, reason, differs, same, added,
    missing, changed, taken, anew, unknown, keys, records)
select $1, $2, t.item, t.version, t.state_then, t.state_now, t.reason, t.differs, t.same, t.added, t.missing, t.changed,
    t.taken, t.anew, array(select jsonb_array_elements_text(t.unknown::jsonb)), t.keys::jsonb, t.records::jsonb
from unnest($3::uuid[], $4::int[], $5::text[], $6::text[], $7::text[], $8::boolean[], $9::int[], $10::int[],
    $11::int[], $12::int[], $13::int[], $14::int[], $15::text[], $16::text[], $17::text[])
    as t(item, version, state_then, state_now, reason, differs, same, added, missing, changed, taken, anew, unknown,
    keys, records)
on conflict do nothing"""
_COUNT = """
update comparisons c set compared = t.compared, differing = t.differing, outcomes = t.outcomes, same = t.same,
    added = t.added, missing = t.missing, changed = t.changed
from (
    select count(*)::int as compared, (count(*) filter (where differs))::int as differing,
        (count(*) filter (where state_now <> state_then))::int as outcomes, coalesce(sum(same), 0)::int as same,
        coalesce(sum(added), 0)::int as added, coalesce(sum(missing), 0)::int as missing,
        coalesce(sum(changed), 0)::int as changed
    from comparison_items where run = $1
) t where c.run = $1 returning c.compared"""
_END = """
update runs set state = 'done', ended_at = now(), leased_until = null, message = $3
where id = $1 and fence = $2 and state = 'running'"""
