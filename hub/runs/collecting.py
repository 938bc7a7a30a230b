"""The step aggregate: items collected in windows, of which one goes on with what all of them brought."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from hub.database import execute, fetch, from_jsonb, to_jsonb, transaction
from hub.ids import new_id
from hub.recipes import CompiledStep
from hub.recipes.durations import seconds
from hub.runs.keys import key_text
from hub.runs.progress import Clock, Progress

if TYPE_CHECKING:
    from hub.runs.steps import Travel


async def collect(
    travel: Travel, step: CompiledStep, ready: Sequence[tuple[Progress, Mapping[str, Any]]], clock: Clock
) -> None:
    """Collect values into their window; the item that completes it goes on with all of them."""
    async with transaction():
        await execute("select pg_advisory_xact_lock(hashtextextended($1, 2))", f"{travel.recipe}/{step.id}")
        ready = await _not_collected(travel, step, ready, clock)
        for key in sorted({key_text(values.get("key")) for _, values in ready}):
            members = [(one, values) for one, values in ready if key_text(values.get("key")) == key]
            await _fill(travel, step, key, members, clock)


async def _not_collected(
    travel: Travel, step: CompiledStep, ready: Sequence[tuple[Progress, Mapping[str, Any]]], clock: Clock
) -> list[tuple[Progress, Mapping[str, Any]]]:
    """Settle the items that are in a window already, as after a pause or a crash, and return the others."""
    rows = await fetch(_MEMBERS, travel.recipe, step.id, [one.item for one, _ in ready])
    held = {row["item"]: row for row in rows}
    for one, _ in ready:
        row = held.get(one.item)
        if row is None:
            continue
        if row["closed_at"] is None:
            one.leave("waiting_for", step.id, "It is collected with others.", "aggregate")
        elif row["leader"] == one.item:
            values = await _window_values(row["window"])
            one.done(step.id, values, clock.trace(step.id, "done", output=values))
        else:
            one.leave("delivered", step.id, "It was collected with others.", "aggregate")
    return [(one, values) for one, values in ready if one.item not in held]


async def _fill(
    travel: Travel, step: CompiledStep, key: str, members: Sequence[tuple[Progress, Mapping[str, Any]]], clock: Clock
) -> None:
    count, period = members[0][1].get("count"), members[0][1].get("period")
    closes = seconds(str(period)) if period else None
    waiting = list(members)
    while waiting:
        window = (
            await fetch(_WINDOW, new_id(), travel.workspace, travel.recipe, step.id, key, closes, waiting[0][0].item)
        )[0]
        room = len(waiting) if count is None else max(int(count) - window["held"], 1)
        now, waiting = waiting[:room], waiting[room:]
        await execute(
            _JOIN_WINDOW,
            window["id"],
            [one.item for one, _ in now],
            [to_jsonb(values.get("value")) for _, values in now],
        )
        full = count is not None and window["held"] + len(now) >= int(count)
        if not full:
            for one, _ in now:
                one.leave("waiting_for", step.id, "It is collected with others.", "aggregate")
            return
        for one, _ in now[:-1]:
            one.leave("delivered", step.id, "It was collected with others.", "aggregate")
        leader = now[-1][0]
        await _close(window["id"], leader.item)
        values = await _window_values(window["id"])
        leader.done(step.id, values, clock.trace(step.id, "done", output=values))


async def _close(window: UUID, leader: UUID) -> None:
    """Close a window: all its items but the leader are delivered by having been collected."""
    await execute("update windows set closed_at = now(), leader = $2 where id = $1", window, leader)
    await execute(_COLLECTED, window, leader)


async def _window_values(window: UUID) -> list[Any]:
    rows = await fetch('select value from window_items where "window" = $1 order by item', window)
    return [from_jsonb(row["value"]) for row in rows]


_WINDOW = """
with opened as (
    insert into windows (id, workspace, recipe, step, key, closes_at, leader)
    select $1, $2, $3, $4, $5, now() + $6 * interval '1 second', $7
    where not exists (select from windows where recipe = $3 and step = $4 and key = $5 and closed_at is null)
    returning id, leader
)
select id, leader, 0 as held from opened
union all
select w.id, w.leader, (select count(*) from window_items where "window" = w.id) as held
from windows w where w.recipe = $3 and w.step = $4 and w.key = $5 and w.closed_at is null limit 1"""
_JOIN_WINDOW = """
insert into window_items ("window", item, value)
select $1, t.item, t.value::jsonb from unnest($2::uuid[], $3::text[]) as t(item, value)
on conflict do nothing"""
_MEMBERS = """
select w.id as window, w.leader, w.closed_at, m.item from window_items m join windows w on w.id = m."window"
where w.recipe = $1 and w.step = $2 and m.item = any($3::uuid[])"""
_COLLECTED = """
with held as materialized (
    select i.id from items i join window_items m on m.item = i.id
    where m."window" = $1 and i.id <> $2 and i.state = 'waiting_for' order by i.id for no key update of i
)
update items i set state = 'delivered', reason = 'It was collected with others.', reason_kind = 'aggregate',
    ended_at = now()
from held where i.id = held.id"""
