"""Settling: what a stage did to its items, written down in one transaction under the run's fence."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from hub import metrics
from hub.database import execute, fetch, to_jsonb, to_text
from hub.decisions import ask_all, take_up
from hub.ids import show
from hub.outbox.service import CHANNEL
from hub.recipes import CompiledRecipe
from hub.runs.dispatch import LEASE
from hub.runs.ledger import LateWriterError
from hub.runs.progress import Progress, trace_columns
from hub.runs.replies import announce
from hub.runs.steps import Travel

RING_AT_MOST_EVERY = 0.1
ENDED = ("delivered", "filtered", "dead", "cancelled")

_rung: dict[UUID, float] = {}


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """A run taken over by this attempt."""

    travel: Travel
    kind: str
    compiled: CompiledRecipe
    works: list[Progress]


async def settle(begun: Begun, following: int, *, ended: bool) -> None:
    """Store traces, item states and the run's counts, unless another attempt has taken the run over."""
    travel, works = begun.travel, begun.works
    counts = {state: sum(one.state == state for one in works) for state in (*ENDED, "waiting_until", "waiting_for")}
    mine = await fetch(
        _SETTLE_RUN, travel.run, travel.fence, following, ended, LEASE,
        counts["delivered"], counts["filtered"], counts["dead"], counts["cancelled"],
        counts["waiting_until"] + counts["waiting_for"],
        show("run", travel.run), show("rcp", travel.recipe), CHANNEL, ended and _should_ring(travel.workspace),
    )  # fmt: skip
    if not mine:
        raise LateWriterError("Another attempt has taken over this run.")
    for state in ENDED:
        metrics.ITEMS_SETTLED.labels(state).inc(counts[state])
    unkept = _thin_out(begun)
    columns = trace_columns(works)
    if columns[0]:
        await execute(TRACES, travel.workspace, travel.run, *columns)
    left = [one for one in works if not one.active]
    if left:
        await execute(_LEAVE, travel.run, *_item_columns(left))
        await _tell(travel, left)
    await _decide(travel, works)
    if unkept and (following > 1 or any(one.resumed is not None for one in works)):
        await execute(_THIN_OUT, unkept)
    if begun.compiled.responds:
        await announce([one.item for one in works if one.state in ENDED or _replies(one)])


def _replies(one: Progress) -> bool:
    return any(_is_reply(trace.output) for trace in one.traces)


def _is_reply(output: Any) -> bool:
    return isinstance(output, dict) and "$reply" in output


def _thin_out(begun: Begun) -> list[UUID]:
    """Keep inputs and outputs only as the recipe says; what a waiting item still needs stays until it ends.

    Returns the items whose earlier stages are to be thinned out as well.
    """
    keep = begun.compiled.keep_outputs
    if keep == "all":
        return []
    ended = [
        one for one in begun.works if one.state in ("delivered", "filtered") or (keep == "none" and one.state in ENDED)
    ]
    for one in ended:
        for trace in one.traces:
            trace.input = None
            trace.output = trace.output if _is_reply(trace.output) else None
    return [one.item for one in ended]


async def _tell(travel: Travel, left: Sequence[Progress]) -> None:
    """Put what others want to know into the outbox, within the same transaction."""
    dead = [one for one in left if one.state == "dead"]
    if dead:
        await execute(
            _OUTBOX, travel.workspace, "item.dead", [show("itm", one.item) for one in dead],
            [to_jsonb({"recipe": show("rcp", travel.recipe), "run": show("run", travel.run), "step": one.step,
                       "reason": one.reason}) for one in dead],
        )  # fmt: skip


async def _decide(travel: Travel, works: Sequence[Progress]) -> None:
    """Write down what people are asked, and which answers have been taken up."""
    asked = [one.asked for one in works if one.asked is not None]
    taken = [one.taken for one in works if one.taken is not None]
    if asked:
        await ask_all(travel.workspace, asked)
    if taken:
        await take_up(taken)


def _should_ring(workspace: UUID) -> bool:
    """Tell whether to wake readers of the outbox: often enough to seem at once, seldom enough to cost little."""
    now = time.monotonic()
    if now - _rung.get(workspace, 0.0) < RING_AT_MOST_EVERY:
        return False
    _rung[workspace] = now
    return True


def _item_columns(left: Sequence[Progress]) -> list[list[Any]]:
    return [
        [one.item for one in left],
        [one.state for one in left],
        [one.step for one in left],
        [to_text(one.reason) for one in left],
        [one.reason_kind for one in left],
        [one.due_seconds for one in left],
        [one.tries for one in left],
    ]


_SETTLE_RUN = """
with mine as (
    update runs set stage = $3, leased_until = case when $4 then null else now() + $5 * interval '1 second' end,
        state = case when $4 then 'done' else state end, ended_at = case when $4 then now() end,
        delivered = delivered + $6, filtered = filtered + $7, dead = dead + $8, cancelled = cancelled + $9,
        waiting = waiting + $10
    where id = $1 and fence = $2 and state = 'running' returning *
),
told as (
    insert into outbox (workspace, kind, subject, body)
    select workspace, 'run.done', $11, jsonb_build_object('recipe', $12::text, 'kind', kind, 'delivered', delivered,
        'filtered', filtered, 'waiting', waiting, 'dead', dead) from mine where $4
)
select case when $14 then pg_notify($13, workspace::text) end as told from mine"""
TRACES = """
insert into attempts (workspace, run, item, step, path, try, state, input, output, error_kind, message, started_at,
    took_ms, tokens, cost_usd)
select $1, $2, t.item, t.step, t.path, t.try, t.state, t.input::jsonb, t.output::jsonb, t.error_kind, t.message,
    t.started_at, t.took_ms, t.tokens, t.cost_usd
from unnest($3::uuid[], $4::text[], $5::text[], $6::int[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
    $12::timestamptz[], $13::float8[], $14::int[], $15::float8[])
    as t(item, step, path, try, state, input, output, error_kind, message, started_at, took_ms, tokens, cost_usd)"""
_LEAVE = """
update items i set state = t.state, step = t.step, reason = t.reason, reason_kind = t.kind, tries = t.tries,
    due_at = case when t.state in ('waiting_until', 'waiting_for') then now() + t.due * interval '1 second' end,
    ended_at = case when t.state in ('delivered', 'filtered', 'dead', 'cancelled') then now() end
from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::float8[], $8::int[])
    as t(id, state, step, reason, kind, due, tries)
where i.id = t.id and i.run = $1 and i.state = 'running'"""
_THIN_OUT = """
update attempts set input = null, output = case when output ? '$reply' then output end
where item = any($1::uuid[]) and (input is not null or output is not null)"""
_OUTBOX = """
insert into outbox (workspace, kind, subject, body)
select $1, $2, t.subject, t.body::jsonb from unnest($3::text[], $4::text[]) as t(subject, body)"""
