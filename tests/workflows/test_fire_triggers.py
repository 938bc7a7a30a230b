"""The scheduler's workflow: it fires, sleeps until the next due time, and wakes when told."""

import asyncio
from uuid import uuid4

import pytest
from temporalio.client import WorkflowExecutionStatus

from workflows.fire_triggers import FireTriggers
from workflows.payloads import ShardInput


@pytest.fixture
async def scheduler(environment, queue):
    handle = await environment.client.start_workflow(
        FireTriggers.run, ShardInput(shard=3), id=f"triggers-{uuid4()}", task_queue=queue
    )
    yield handle
    await handle.terminate()


async def test_fires_its_shard_at_once_and_sleeps(scheduler, services):
    services.otherwise = (0, 3600.0)
    await services.asked_times(1)
    await asyncio.sleep(0.1)
    assert services.asked == [3]


async def test_fires_again_when_the_next_is_due(scheduler, services, environment):
    services.otherwise = (1, 30.0)
    await services.asked_times(1)
    await environment.sleep(95)
    await services.asked_times(4)
    assert 4 <= len(services.asked) <= 5


async def test_wakes_when_told(scheduler, services):
    services.otherwise = (0, 3600.0)
    await services.asked_times(1)
    await scheduler.signal(FireTriggers.wake)
    await services.asked_times(2)


async def test_goes_on_after_a_part_of_the_hub_was_away(scheduler, services, environment):
    services.answers += [ConnectionError("gone"), ConnectionError("gone")]
    services.otherwise = (0, 3600.0)
    await environment.sleep(10)
    await services.asked_times(3)
    assert (await scheduler.describe()).status is WorkflowExecutionStatus.RUNNING
