"""The outbox: readers get every committed event once, in order, soon."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from uuid import UUID

import asyncpg
import pytest

from hub.database import execute, transaction
from hub.errors import InvalidError
from hub.outbox import Bell, Event, Outbox
from hub.outbox.service import CHANNEL
from tests.conftest import Members


@pytest.fixture
async def outbox(database: str) -> AsyncIterator[Outbox]:
    bell = Bell()
    async with bell.listening(CHANNEL):
        yield Outbox(bell)


async def test_reads_what_was_published(outbox: Outbox, workspace: UUID) -> None:
    start = await outbox.newest()
    await outbox.publish(workspace, "run.done", "run_1", {"delivered": 3})
    events = await outbox.read(workspace, start)
    assert [(e.kind, e.subject, e.body) for e in events] == [("run.done", "run_1", {"delivered": 3})]
    assert await outbox.read(workspace, events[-1].cursor) == []


async def test_does_not_show_another_workspaces_events(outbox: Outbox, workspace: UUID, members: Members) -> None:
    start = await outbox.newest()
    await outbox.publish(members.outsider.workspace, "run.done", "run_1")
    assert await outbox.read(workspace, start) == []


async def test_passes_over_no_late_commit(outbox: Outbox, workspace: UUID, database: str) -> None:
    start = await outbox.newest()
    slow = await asyncpg.connect(database)
    transaction_of_another = slow.transaction()
    await transaction_of_another.start()
    await slow.execute("insert into outbox (workspace, kind, subject) values ($1, 'slow', 's')", workspace)
    await outbox.publish(workspace, "quick", "s")
    early = await outbox.read(workspace, start)
    await transaction_of_another.commit()
    await slow.close()
    late = await outbox.read(workspace, early[-1].cursor if early else start)
    assert sorted(event.kind for event in [*early, *late]) == ["quick", "slow"]


async def test_follows_within_a_moment(outbox: Outbox, workspace: UUID) -> None:
    events = outbox.follow(workspace)
    assert await anext(events) is None
    await outbox.publish(workspace, "run.done", "run_1")
    async with asyncio.timeout(60):
        assert (await _next(events)).subject == "run_1"
    await events.aclose()


async def test_follows_a_burst_whole(outbox: Outbox, workspace: UUID) -> None:
    start = await outbox.newest()
    events = outbox.follow(workspace, start)
    await asyncio.gather(*(outbox.publish(workspace, "n", str(number)) for number in range(20)))
    async with asyncio.timeout(60):
        seen = [(await _next(events)).subject for _ in range(20)]
    assert sorted(seen, key=int) == [str(number) for number in range(20)]
    await events.aclose()


async def test_goes_on_after_its_connection_was_lost(outbox: Outbox, workspace: UUID) -> None:
    events = outbox.follow(workspace)
    assert await anext(events) is None
    await execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where query like 'LISTEN%' and pid <> pg_backend_pid()"
    )
    await outbox.publish(workspace, "run.done", "run_1")
    async with asyncio.timeout(60):
        assert (await _next(events)).subject == "run_1"
    await events.aclose()


async def test_publishes_nothing_when_the_work_fails(outbox: Outbox, workspace: UUID) -> None:
    start = await outbox.newest()
    with contextlib.suppress(ZeroDivisionError):
        await _publish_and_fail(outbox, workspace)
    assert await outbox.read(workspace, start) == []


@pytest.mark.parametrize("cursor", ["", "x", "1", "1.x", "1.2.3", "-1.0", "9" * 30 + ".1"])
async def test_refuses_a_cursor_that_is_none(outbox: Outbox, workspace: UUID, cursor: str) -> None:
    with pytest.raises(InvalidError):
        await outbox.read(workspace, cursor)


async def _next(events: AsyncIterator[Event | None]) -> Event:
    async for event in events:
        if event is not None:
            return event
    raise AssertionError("The stream ended.")


async def _publish_and_fail(outbox: Outbox, workspace: UUID) -> None:
    async with transaction():
        await outbox.publish(workspace, "never", "s")
        raise ZeroDivisionError
