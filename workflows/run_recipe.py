"""Carry a run through the stages of its recipe."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from workflows.activities import Activities
    from workflows.payloads import RunInput, RunOutput, StageInput, StageOutcome

STAGE_TIMEOUT = timedelta(hours=6)
SHORT_STAGE_TIMEOUT = timedelta(minutes=30)
HEARTBEAT = timedelta(seconds=5)
# Only infrastructure fails here: what a service says is a row with a due time, never a Temporal failure.
RETRY = RetryPolicy(
    initial_interval=timedelta(milliseconds=500), backoff_coefficient=1.6, maximum_interval=timedelta(seconds=10)
)


@workflow.defn
class RunRecipe:
    """Carry a run's items through the stages of its recipe."""

    @workflow.run
    async def run(self, run: RunInput) -> RunOutput:
        """Return how many stages were worked through; items that wait have left the run by then."""
        stage, worked = 0, 0
        while stage < run.stages:
            outcome = await self._stage(StageInput(run=run.run, stage=stage), long=stage in run.long)
            worked += 1
            if outcome.active == 0:
                break
            stage = outcome.next_stage
        return RunOutput(stages=worked)

    async def _stage(self, stage: StageInput, *, long: bool) -> StageOutcome:
        """Work one stage: a short one inside this worker at once, a long one as an activity that heartbeats.

        A short stage's worker is missed when the workflow task times out, as soon as a heartbeat would be.
        """
        if long:
            return await workflow.execute_activity_method(
                Activities.run_stage,
                stage,
                start_to_close_timeout=STAGE_TIMEOUT,
                heartbeat_timeout=HEARTBEAT,
                retry_policy=RETRY,
            )
        return await workflow.execute_local_activity_method(
            Activities.run_short_stage, stage, start_to_close_timeout=SHORT_STAGE_TIMEOUT, retry_policy=RETRY
        )
