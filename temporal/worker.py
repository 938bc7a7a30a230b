"""The worker: workflows and activities of this process."""

from __future__ import annotations

from datetime import timedelta

from temporalio.client import Client
from temporalio.common import WorkerDeploymentVersion
from temporalio.worker import PollerBehaviorAutoscaling, UnsandboxedWorkflowRunner, Worker, WorkerDeploymentConfig

from temporal.engine import TASK_QUEUE
from temporal.errors import Translation
from workflows.activities import Activities
from workflows.fire_triggers import FireTriggers
from workflows.run_recipe import RunRecipe

GRACE = timedelta(seconds=8)
# Named, or the SDK would hash the code of every loaded module at each start, which takes a second or two
_DEPLOYMENT = WorkerDeploymentConfig(
    version=WorkerDeploymentVersion(deployment_name="patchdeck", build_id="any"), use_worker_versioning=False
)


def create_worker(client: Client, activities: Activities, *, concurrent: int = 32) -> Worker:
    """Make the worker; run it as an async context manager.

    The two workflows are a few audited lines without clock, file or network, so production runs them without the
    sandbox (a third of the CPU and of the memory); the tests run and replay them inside it.
    """
    return Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=[RunRecipe, FireTriggers],
        activities=[activities.run_stage, activities.run_short_stage, activities.fire_due],
        interceptors=[Translation()],
        workflow_runner=UnsandboxedWorkflowRunner(),
        deployment_config=_DEPLOYMENT,
        max_cached_workflows=500,
        max_concurrent_workflow_tasks=50,
        max_concurrent_activities=concurrent,
        max_concurrent_local_activities=concurrent,
        workflow_task_poller_behavior=PollerBehaviorAutoscaling(),
        activity_task_poller_behavior=PollerBehaviorAutoscaling(),
        graceful_shutdown_timeout=GRACE,
        max_heartbeat_throttle_interval=timedelta(seconds=2),
        default_heartbeat_throttle_interval=timedelta(seconds=1),
    )
