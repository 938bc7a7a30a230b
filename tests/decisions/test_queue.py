"""The queue with very many entries: listed, counted and passed over quickly, expired in lots."""

import time

import pytest

from hub.audit import Audit
from hub.database import execute, fetch, transaction
from hub.decisions import Due, Wanted
from hub.decisions.queries import count, page

MANY = 50_000


@pytest.fixture
async def crowded(members):
    await execute("update decisions set next_at = null")  # what other tests left open is due no more
    await execute(
        "insert into decisions (id, workspace, kind, subject, question, state, due_at, next_at, expires_at)"
        " select gen_random_uuid(), $1, case when n % 2 = 0 then 'review' else 'approval' end, 'No. ' || n, '?',"
        " case when n % 10 = 0 then 'open' else 'answered' end, now() + n * interval '1 second',"
        " case when n % 10 = 0 then now() + interval '1 day' end, now() + interval '1 day'"
        f" from generate_series(1, {MANY}) as n", members.workspace,
    )  # fmt: skip
    await execute("analyze decisions")
    return members


async def seconds(work) -> float:
    """Return how long some work takes, the best of three."""
    took = []
    for _ in range(3):
        began = time.perf_counter()
        await work()
        took.append(time.perf_counter() - began)
    return min(took)


@pytest.mark.xdist_group("alone")
async def test_a_long_queue_is_listed_counted_and_passed_over_quickly(crowded):
    wanted = Wanted(kind="review", limit=50)
    first = await page(crowded.viewer, wanted)
    assert first.entries[0].subject == "No. 10"
    further = Wanted(kind="review", limit=50, cursor=first.cursor)
    assert await seconds(lambda: page(crowded.viewer, further)) < 0.5
    assert await seconds(lambda: page(crowded.viewer, Wanted(kind="review", state="answered"))) < 0.5
    assert await count(crowded.workspace, "review") == 1000
    assert await seconds(Due(Audit()).once) < 0.3


async def test_many_expire_in_lots_and_each_is_told_once(crowded):
    await execute("update decisions set expires_at = now(), next_at = now() where workspace = $1 and state = 'open'"
                  " and substring(subject from 5)::int <= 12000", crowded.workspace)  # fmt: skip
    for_all = Due(Audit())
    left = [await one_round(for_all, crowded.workspace) for _ in range(4)]
    assert left == [700, 200, 0, 0]
    told = await fetch("select subject from outbox where workspace = $1", crowded.workspace)
    assert len(told) == len({row["subject"] for row in told}) == 1200


async def one_round(due, workspace) -> int:
    async with transaction():
        await due.once()
    (row,) = await fetch(
        "select count(*) as open from decisions where workspace = $1 and state = 'open' and next_at <= now()", workspace
    )
    return int(row["open"])
