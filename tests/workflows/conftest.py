"""Workflows on the time-skipping server, inside the sandbox, over services that answer as they are told."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from temporal.converters import CONVERTER
from temporal.errors import Translation
from workflows.activities import Activities
from workflows.fire_triggers import FireTriggers
from workflows.run_recipe import RunRecipe

SERVER = Path(sys.executable).parent / "temporal-test-server"
START_LIMIT = timedelta(minutes=3)


class Services:
    """Stands at the far side of the activities: notes what was asked and answers from a list, or raises it."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int] | int] = []
        self.answers: list[tuple[int, float] | Exception] = []
        self.otherwise: tuple[int, float] = (0, 30.0)

    async def run_stage(self, run: str, stage: int) -> tuple[int, int]:
        self.asked.append((run, stage))
        active, following = self._next()
        return active, int(following)

    async def fire_due(self, shard: int) -> tuple[int, float]:
        self.asked.append(shard)
        return self._next()

    def _next(self) -> tuple[int, float]:
        answer = self.answers.pop(0) if self.answers else self.otherwise
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def asked_times(self, count: int) -> None:
        """Wait until so many questions have come."""
        async with asyncio.timeout(60):
            while len(self.asked) < count:
                await asyncio.sleep(0.01)


@pytest.fixture(scope="session")
async def environment() -> AsyncIterator[WorkflowEnvironment]:
    """A server on which hours of waiting take no time."""
    async with await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=str(SERVER), test_server_startup_timeout=START_LIMIT, data_converter=CONVERTER
    ) as found:
        yield found


@pytest.fixture
def services() -> Services:
    return Services()


@pytest.fixture
async def queue(environment: WorkflowEnvironment, services: Services) -> AsyncIterator[str]:
    """A task queue with a worker whose workflows run in the sandbox."""
    async with worker(environment, services) as name:
        yield name


@asynccontextmanager
async def worker(environment: WorkflowEnvironment, services: Services) -> AsyncIterator[str]:
    """Work a queue of its own; the sandbox is the SDK's default."""
    name, activities = f"test-{uuid4()}", Activities(services, services)
    async with Worker(
        environment.client,
        task_queue=name,
        workflows=[RunRecipe, FireTriggers],
        activities=[activities.run_stage, activities.run_short_stage, activities.fire_due],
        interceptors=[Translation()],
    ):
        yield name
