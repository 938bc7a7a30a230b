"""The `Engine` that services ask to start work, on Temporal."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from temporalio.client import Client, WorkflowFailureError
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from temporal.converters import CONVERTER
from workflows.fire_triggers import FireTriggers
from workflows.payloads import RunInput, ShardInput
from workflows.run_recipe import RunRecipe

TASK_QUEUE = "patchdeck"
TASK_TIMEOUT = timedelta(seconds=5)
RPC_TIMEOUT = timedelta(seconds=5)
CONNECT_PAUSE = 0.3

log = logging.getLogger(__name__)


class TemporalEngine:
    """Starts and cancels workflows; the run's id is the workflow's id, so a second start changes nothing."""

    def __init__(self) -> None:
        self._connected: Client | None = None

    def attach(self, client: Client) -> None:
        """Use a client; until then every start is refused, and the sweep repeats it."""
        self._connected = client

    @property
    def _client(self) -> Client:
        if self._connected is None:
            raise ConnectionError("Temporal has not answered yet.")
        return self._connected

    async def start(self, run: UUID, stages: int, long: Sequence[int] = ()) -> None:
        """Start a run's workflow, or leave the one that is running alone."""
        try:
            await self._client.start_workflow(
                RunRecipe.run,
                RunInput(run=str(run), stages=stages, long=list(long)),
                id=f"run-{run}",
                task_queue=TASK_QUEUE,
                task_timeout=TASK_TIMEOUT,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                id_conflict_policy=WorkflowIDConflictPolicy.UNSPECIFIED,
                request_eager_start=True,
                rpc_timeout=RPC_TIMEOUT,
            )
        except WorkflowAlreadyStartedError:
            return
        except RPCError as error:
            raise ConnectionError(f"Temporal did not take the run: {error.message}") from error

    async def cancel(self, run: UUID) -> None:
        """Cancel a run's workflow when there is one."""
        try:
            await self._client.get_workflow_handle(f"run-{run}").cancel(rpc_timeout=RPC_TIMEOUT)
        except (WorkflowFailureError, RPCError) as error:
            if isinstance(error, RPCError) and error.status == RPCStatusCode.NOT_FOUND:
                return
            raise ConnectionError("Temporal did not take the cancellation.") from error

    async def schedule(self, shard: int) -> None:
        """See to it that the scheduler of a shard runs, and wake it."""
        try:
            await self._client.start_workflow(
                FireTriggers.run,
                ShardInput(shard=shard),
                id=f"triggers-{shard}",
                task_queue=TASK_QUEUE,
                task_timeout=TASK_TIMEOUT,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                start_signal="wake",
                rpc_timeout=RPC_TIMEOUT,
            )
        except RPCError as error:
            raise ConnectionError(f"Temporal did not take the scheduler: {error.message}") from error

    async def ready(self) -> None:
        """Ask Temporal whether it serves; raises ConnectionError when it does not."""
        try:
            await self._client.service_client.check_health(timeout=RPC_TIMEOUT)
        except RPCError as error:
            raise ConnectionError(f"Temporal does not answer: {error.message}") from error


async def connect(address: str, namespace: str) -> Client:
    """Open the process's one client, waiting until Temporal answers; afterwards it reconnects by itself."""
    while True:
        try:
            return await Client.connect(address, namespace=namespace, data_converter=CONVERTER)
        except (RuntimeError, RPCError) as error:
            log.warning("waiting for Temporal at %s: %s", address, error)
            await asyncio.sleep(CONNECT_PAUSE)
