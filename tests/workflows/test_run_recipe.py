"""The workflow of a run: stage after stage, as far as there are items, whatever the infrastructure does."""

from typing import Any
from uuid import uuid4

import pytest
from temporalio.client import WorkflowFailureError, WorkflowHandle

from workflows.payloads import RunInput, RunOutput
from workflows.run_recipe import RunRecipe


@pytest.fixture
def start(environment, queue):
    async def begin(stages: int, long: list[int] | None = None) -> WorkflowHandle[Any, Any]:
        identity = f"run-{uuid4()}"
        handle: WorkflowHandle[Any, Any] = await environment.client.start_workflow(
            RunRecipe.run, RunInput(run=identity, stages=stages, long=long or []), id=identity, task_queue=queue
        )
        return handle

    return begin


@pytest.mark.parametrize("long", [[], [0, 1, 2]])
async def test_works_stage_after_stage_while_items_go_on(start, services, long):
    services.answers += [(5, 1), (3, 2), (0, 3)]
    handle = await start(3, long)
    assert await handle.result() == RunOutput(stages=3)
    assert services.asked == [(handle.id, 0), (handle.id, 1), (handle.id, 2)]


async def test_ends_when_no_item_goes_on(start, services):
    services.answers += [(0, 1)]
    handle = await start(3)
    assert await handle.result() == RunOutput(stages=1)
    assert services.asked == [(handle.id, 0)]


async def test_leaves_out_stages_that_have_nothing_to_do(start, services):
    services.answers += [(5, 3), (0, 4)]
    handle = await start(4)
    assert await handle.result() == RunOutput(stages=2)
    assert [stage for _, stage in services.asked] == [0, 3]


@pytest.mark.parametrize("long", [[], [0]])
async def test_tries_a_stage_again_while_a_part_of_the_hub_is_away(start, services, long):
    services.answers += [ConnectionError("gone"), TimeoutError(), OSError("full"), (0, 1)]
    handle = await start(1, long)
    assert await handle.result() == RunOutput(stages=1)
    assert len(services.asked) == 4


async def test_a_cancelled_run_works_no_further_stage(start, services):
    services.answers += [ConnectionError("gone")] * 1000
    handle = await start(2)
    await services.asked_times(2)
    await handle.cancel()
    with pytest.raises(WorkflowFailureError):
        await handle.result()
    assert {stage for _, stage in services.asked} == {0}
