"""Look after the polled and calendar triggers of one shard of recipes."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from workflows.activities import Activities
    from workflows.payloads import ShardInput

FIRE_TIMEOUT = timedelta(minutes=10)
HEARTBEAT = timedelta(seconds=5)
RETRY = RetryPolicy(
    initial_interval=timedelta(seconds=1), backoff_coefficient=1.5, maximum_interval=timedelta(seconds=10)
)


@workflow.defn
class FireTriggers:
    """Wake for what is due, or when told, and fire it in batches, for ever."""

    def __init__(self) -> None:
        self._woken = False

    @workflow.signal
    def wake(self) -> None:
        """Look again at once: a recipe was published or a watcher saw something new."""
        self._woken = True

    @workflow.run
    async def run(self, shard: ShardInput) -> None:
        """Fire, sleep until the next due time, and start afresh before the history grows long."""
        while not workflow.info().is_continue_as_new_suggested():
            self._woken = False
            outcome = await workflow.execute_activity_method(
                Activities.fire_due,
                shard,
                start_to_close_timeout=FIRE_TIMEOUT,
                heartbeat_timeout=HEARTBEAT,
                retry_policy=RETRY,
            )
            with contextlib.suppress(asyncio.TimeoutError):
                await workflow.wait_condition(lambda: self._woken, timeout=timedelta(seconds=outcome.pause))
        workflow.continue_as_new(shard)
