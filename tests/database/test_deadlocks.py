"""Of two statements that wait for each other one is taken back by PostgreSQL, and put again by the hub."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import asyncpg
import pytest

from hub.database import execute, fetch, fetch_one, transaction

# Takes one row, and the other once both statements have theirs
ONE_THEN_THE_OTHER = """
with held as materialized (select n from crossed where n = $1 for update),
met as materialized (select pg_advisory_xact_lock_shared(40001) from held)
update crossed set touched = touched + 1 from met where n = $2 returning n, touched"""
BOTH_WAIT = """
select 1 from pg_locks l join pg_database d on d.oid = l.database and d.datname = current_database()
where l.locktype = 'advisory' and l.objid = 40001 and not l.granted having count(*) = 2"""


@pytest.fixture
async def crossed(database: str) -> AsyncIterator[None]:
    await execute("create table crossed (n int primary key, touched int not null default 0)")
    await execute("insert into crossed values (1), (2)")
    yield
    await execute("drop table crossed")


async def cross(ask: Callable[..., Awaitable[object]]) -> list[object]:
    """Let two statements lock two rows in opposite orders, each its first before any its second."""
    shut = asyncio.Event()

    async def one(first: int, then: int) -> object:
        await shut.wait()
        return await ask(ONE_THEN_THE_OTHER, first, then)

    both = asyncio.gather(one(1, 2), one(2, 1), return_exceptions=True)
    async with transaction():
        await execute("select pg_advisory_xact_lock(40001)")
        shut.set()
        async with asyncio.timeout(60):
            while not await fetch(BOTH_WAIT):
                await asyncio.sleep(0.01)
    return list(await both)


async def in_transaction(sql: str, *arguments: int) -> None:
    async with transaction():
        await execute(sql, *arguments)


@pytest.mark.parametrize("ask", [fetch, fetch_one, execute])
async def test_both_statements_come_through_and_count_once(crossed: None, ask: Callable[..., Awaitable[object]]):
    assert not [one for one in await cross(ask) if isinstance(one, Exception)]
    assert [row["touched"] for row in await fetch("select touched from crossed")] == [1, 1]


async def test_a_transaction_is_told_for_its_earlier_statements_are_gone_too(crossed: None):
    assert [type(one) for one in await cross(in_transaction) if one is not None] == [asyncpg.DeadlockDetectedError]
