"""A stage: take over a run's items, do a chain of steps for each, and settle all of them in one transaction."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import logging
from collections.abc import Awaitable, Sequence
from typing import Any, Protocol
from uuid import UUID

from hub import metrics
from hub.database import Row, execute, fetch, fetch_one, from_jsonb, transaction
from hub.ids import show
from hub.logs import correlate
from hub.outages import AWAY
from hub.recipes import CompiledRecipe, CompiledStep, Stage, TemplateError
from hub.runs.catalogue import Catalogue
from hub.runs.dispatch import COMPARE, LEASE, Dispatcher
from hub.runs.failing import fail
from hub.runs.ledger import LateWriterError
from hub.runs.progress import Clock, Failure, Progress, progress_of
from hub.runs.replayed import ReplayedWrites
from hub.runs.settling import Begun, settle
from hub.runs.steps import Steps, Travel
from hub.telemetry import span

LEASE_BEAT = 5.0

log = logging.getLogger(__name__)


class Comparing(Protocol):
    """What works comparisons with the past off, portion by portion."""

    def perform(self, run: Row) -> Awaitable[int]:
        """Compare some more items and return how many are left."""
        ...


class Stages:
    """Works runs stage by stage; safe to repeat, as every write is guarded by the run's fence."""

    def __init__(  # collaborators
        self,
        catalogue: Catalogue,
        steps: Steps,
        dispatcher: Dispatcher,
        replayed: ReplayedWrites,
        comparing: Comparing,
    ) -> None:
        self._catalogue = catalogue
        self._steps = steps
        self._dispatcher = dispatcher
        self._replayed = replayed
        self._comparing = comparing

    async def run_stage(self, run: str, stage: int) -> tuple[int, int]:
        """Work one stage of a run; returns how many items go on, and the stage they go on with."""
        row = await fetch_one(_TAKE_OVER, UUID(run), LEASE)
        if row is None:
            return 0, stage
        beats = asyncio.get_running_loop().create_task(
            _keep_lease(row["id"], row["fence"]), context=contextvars.Context()
        )
        try:
            if row["kind"] == COMPARE:
                return await self._comparing.perform(row), 0
            if row["kind"] in ("apply", "undo"):
                await self._replayed.perform(row)
                return 0, stage
            begun = await self._begin(row)
            chosen = self._stage_for(begun, stage)
            with correlate(run=show("run", row["id"])), metrics.STAGE_SECONDS.time(), span("stage", stage=chosen.index):
                await self.work(begun, chosen)
                return await self._settle(begun, chosen)
        except LateWriterError:
            log.info("run %s was taken over by another attempt", run)
            return 0, stage
        finally:
            beats.cancel()

    async def work(self, begun: Begun, stage: Stage) -> None:
        """Do the steps of a stage for all items that reach them."""
        if stage.steps:
            _pass_by(begun, stage.steps[0].index)
        for step in stage.steps:
            group = [one for one in begun.works if one.active and step.id not in one.settled and reaches(step, one)]
            if group:
                await self._steps.perform(begun.travel, step, group)

    async def _begin(self, row: Row) -> Begun:
        version = await self._catalogue.version(row["recipe"], row["version"])
        compiled = version.compiled
        rows = await fetch(_ITEMS, row["id"])
        works = progress_of(rows, surroundings(compiled, row))
        if any(one.resumed is not None for one in works) or row["stage"] > 0:
            await recall(works, compiled)
        travel = Travel(
            workspace=row["workspace"],
            recipe=row["recipe"],
            version=row["version"],
            run=row["id"],
            fence=row["fence"],
            concurrency=compiled.concurrency,
        )
        return Begun(travel=travel, kind=row["kind"], compiled=compiled, works=works)

    @staticmethod
    def _stage_for(begun: Begun, stage: int) -> Stage:
        """Return the first stage that has something to do, at or after the asked one."""
        stages = begun.compiled.stages
        if not stages:
            return Stage(index=0, steps=())
        for candidate in stages[stage:]:
            if any(step.id not in one.settled for step in candidate.steps for one in begun.works):
                return candidate
        return stages[-1]

    async def _settle(self, begun: Begun, stage: Stage) -> tuple[int, int]:
        """Write down what happened to every item; the last stage ends the run."""
        last = stage.index >= len(begun.compiled.stages) - 1
        for one in begun.works:
            if one.active and last:
                one.leave("delivered", None)
        active = sum(one.active for one in begun.works)
        async with transaction():
            await settle(begun, stage.index + 1, ended=active == 0)
        if active == 0:
            self._dispatcher.nudge([begun.travel.recipe])
        return active, stage.index + 1


def surroundings(compiled: CompiledRecipe, row: Row | dict[str, Any]) -> dict[str, Any]:
    """Return the names that templates see besides the item's own."""
    return {
        "run": {"id": show("run", row["id"])},
        "recipe": {"name": compiled.name, "title": compiled.title, "version": row["version"]},
        "vars": compiled.variables,
    }


async def recall(works: Sequence[Progress], compiled: CompiledRecipe) -> None:
    """Read back what earlier stages and runs gave, so that only what is missing is done."""
    by_item = {one.item: one for one in works}
    for row in await fetch(_RECALL, list(by_item)):
        one, step = by_item[row["item"]], compiled.by_id.get(row["step"])
        if step is None:
            continue
        output = from_jsonb(row["output"])
        if output is None and compiled.keep_outputs == "none" and step.uses != "wait":
            continue  # thinned out when the item ended: done again, and the ledger answers for what was sent
        if row["path"]:
            one.paths.setdefault(step.id, {})[row["path"]] = output
        elif row["state"] == "caught":
            one.settled[step.id], one.scope[step.id] = "failed", None
            one.scope["error"] = {"step": step.id, "kind": row["error_kind"], "message": row["message"]}
        else:
            settle_known(one, step, output)


def settle_known(one: Progress, step: CompiledStep, output: Any) -> None:
    """Settle a step with an output that it has given before."""
    one.done(step.id, output)
    if step.uses == "branch" and isinstance(output, dict):
        one.settled[step.id] = f"case:{output['case']}" if output.get("case") is not None else "done"


def _pass_by(begun: Begun, place: int) -> None:
    """Settle earlier steps that were skipped or are disabled: they leave no trace that could be read back."""
    for step in begun.compiled.steps[:place]:
        for one in begun.works:
            if one.active and step.id not in one.settled:
                reaches(step, one)


def reaches(step: CompiledStep, one: Progress) -> bool:
    """Tell whether an item has reached a step; one that has not skips it, one that cannot tell has failed."""
    try:
        reached = step.reached(one.settled) and step.when.test(one.scope)
    except TemplateError as error:
        fail(step, one, Failure(kind="SettingsError", message=str(error)), Clock())
        return False
    if not reached:
        one.skip(step.id)
        return False
    if step.disabled:
        one.done(step.id, None)
        return False
    return True


async def _keep_lease(run: UUID, fence: int) -> None:
    """Hold the run's lease while a long stage works."""
    while True:
        await asyncio.sleep(LEASE_BEAT)
        with contextlib.suppress(*AWAY):
            await execute(
                "update runs set leased_until = now() + $3 * interval '1 second' where id = $1 and fence = $2",
                run,
                fence,
                LEASE,
            )


_TAKE_OVER = """
update runs set fence = fence + 1, leased_until = now() + $2 * interval '1 second'
where id = $1 and state = 'running' returning *"""
_ITEMS = "select * from items where run = $1 and state = 'running' order by id"
# The newest outcome of each settled step, and of the elements a loop has behind it: done, ignored by on_error, or
# caught by another step.
_RECALL = """
select distinct on (item, step, path) item, step, path, state, output, error_kind, message from attempts
where item = any($1::uuid[]) and state in ('done', 'ignored', 'caught')
order by item, step, path, started_at desc"""
