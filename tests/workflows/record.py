"""Records the histories that the replay test reads: python -m tests.workflows.record, after a change of a workflow.

A recorded history is never written again: runs of a release may be open on it while the next one is installed. Give
new ones new names.
"""

import asyncio
import re
import signal
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from temporalio.client import Client, WorkflowFailureError, WorkflowHandle

from hub.supervisor import child
from hub.supervisor.ports import free_port
from temporal.converters import CONVERTER
from temporal.dev_server import DevServer
from temporal.engine import TASK_QUEUE
from temporal.worker import create_worker
from tests.workflows.conftest import Services
from workflows.activities import Activities
from workflows.fire_triggers import FireTriggers
from workflows.payloads import RunInput, ShardInput
from workflows.run_recipe import RunRecipe

HISTORIES = Path(__file__).parent / "histories"


async def record() -> None:
    """Carry a few workflows through a real server and keep what it wrote down."""
    with tempfile.TemporaryDirectory() as folder:
        server = DevServer(
            database=Path(folder) / "temporal.db", port=free_port(), http_port=free_port(), metrics_port=free_port()
        )
        program = child.Program(command=server.command(), folder=Path(folder), environment=server.environment())
        with (Path(folder) / "log").open("wb") as log:
            running = program.start(log)
        try:
            await _record_all(server)
        finally:
            child.stop(running, signal.SIGTERM, 10)


async def _record_all(server: DevServer) -> None:
    while not server.answers():
        await asyncio.sleep(0.05)
    client = await Client.connect(server.address, data_converter=CONVERTER, identity="recorder")
    services = Services()
    async with create_worker(client, Activities(services, services)):
        await _run(client, services, "run-of-three-stages", [(5, 1), (3, 2), (0, 3)], [])
        await _run(client, services, "run-with-a-long-stage", [(5, 1), (5, 2), (0, 3)], [1])
        await _run(client, services, "run-tried-again", [ConnectionError("gone"), (1, 1), OSError("full"), (0, 2)], [1])
        await _run(client, services, "run-cancelled", [ConnectionError("gone")] * 100, [0], _cancel)
        await _triggers(client, services)


async def _run(
    client: Client,
    services: Services,
    name: str,
    answers: list[tuple[int, float] | Exception],
    long: list[int],
    meanwhile: Callable[[WorkflowHandle[Any, Any]], Awaitable[None]] | None = None,
) -> None:
    services.answers = answers
    handle = await client.start_workflow(
        RunRecipe.run, RunInput(run=name, stages=3, long=long), id=name, task_queue=TASK_QUEUE
    )
    if meanwhile is not None:
        await meanwhile(handle)
    try:
        await handle.result()
    except WorkflowFailureError:
        services.answers = []
    await _keep(handle, name)


async def _cancel(handle: WorkflowHandle[Any, Any]) -> None:
    await asyncio.sleep(1)
    await handle.cancel()


async def _triggers(client: Client, services: Services) -> None:
    services.answers, services.otherwise = [(2, 0.2), ConnectionError("gone"), (1, 0.3)], (0, 60.0)
    handle = await client.start_workflow(
        FireTriggers.run, ShardInput(shard=0), id="triggers-0", task_queue=TASK_QUEUE, start_signal="wake"
    )
    await asyncio.sleep(3)
    await handle.signal(FireTriggers.wake)
    await asyncio.sleep(1)
    await _keep(handle, "triggers-fired-and-woken")
    await handle.terminate()


async def _keep(handle: WorkflowHandle[Any, Any], name: str) -> None:
    place = HISTORIES / f"{name}.json"
    if not place.exists():
        history = (await handle.fetch_history()).to_json()
        # Where the recorder's own files lie is nobody's business, and replays do not read it
        place.write_text(re.sub(r'("stackTrace": )"(?:[^"\\]|\\.)*"', r'\1""', history) + "\n")


if __name__ == "__main__":
    asyncio.run(record())
