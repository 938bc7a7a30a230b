"""The activities: each calls one service; each is safe to repeat."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Protocol, TypeVar

from temporalio import activity

from workflows.payloads import DueOutcome, ShardInput, StageInput, StageOutcome

T = TypeVar("T")
BEAT = 1.5


class Stages(Protocol):
    """What carries items through a stage; `hub.runs` implements it."""

    def run_stage(self, run: str, stage: int) -> Awaitable[tuple[int, int]]:
        """Work one stage and return how many items go on and to which stage."""
        ...


class Schedules(Protocol):
    """What fires due triggers; `hub.runs` implements it."""

    def fire_due(self, shard: int) -> Awaitable[tuple[int, float]]:
        """Fire what is due and return how many, and the seconds until the next look."""
        ...


class Activities:
    """The thin border between Temporal and the services."""

    def __init__(self, stages: Stages, schedules: Schedules) -> None:
        self._stages = stages
        self._schedules = schedules

    @activity.defn
    async def run_stage(self, stage: StageInput) -> StageOutcome:
        """Carry a run's items through one stage."""
        active, following = await _beating(self._stages.run_stage(stage.run, stage.stage))
        return StageOutcome(active=active, next_stage=following)

    @activity.defn
    async def run_short_stage(self, stage: StageInput) -> StageOutcome:
        """Carry a run's items through a stage within the workflow's own task."""
        active, following = await self._stages.run_stage(stage.run, stage.stage)
        return StageOutcome(active=active, next_stage=following)

    @activity.defn
    async def fire_due(self, shard: ShardInput) -> DueOutcome:
        """Fire the triggers of a shard that are due."""
        fired, pause = await _beating(self._schedules.fire_due(shard.shard))
        return DueOutcome(fired=fired, pause=pause)


async def _beating(work: Awaitable[T]) -> T:
    """Await the work while telling Temporal that this worker lives."""
    beats = asyncio.create_task(_beat())
    try:
        return await work
    finally:
        beats.cancel()


async def _beat() -> None:
    while True:
        await asyncio.sleep(BEAT)
        activity.heartbeat()
