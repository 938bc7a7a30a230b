"""Doing a step for all items that have reached it, each kind of step in its own way."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

import msgspec

from connectors.sdk import ConnectorError, Lookup, Target, TemporaryError, fill
from hub.connections import OpenConnection
from hub.errors import HubError
from hub.recipes import CompiledStep, TemplateError, Verdict, Work, state_of
from hub.runs.catalogue import Catalogue
from hub.runs.effects import Call
from hub.runs.failing import fail, passed_over, settle_step
from hub.runs.incoming import stored_content
from hub.runs.ledger import Destination, Write, delivery_key
from hub.runs.outcomes import Sending, unexpected
from hub.runs.pace import REASON, SLOWED, DeferredError, Pace
from hub.runs.progress import Clock, Failure, Progress
from hub.runs.writes import literal_key, write_of

LOOKUPS_AT_ONCE = 8
EXTRACTIONS_AT_ONCE = 2


class Travel(msgspec.Struct, frozen=True, kw_only=True):
    """The run that a stage belongs to."""

    workspace: UUID
    recipe: UUID
    version: int
    run: UUID
    fence: int
    concurrency: int | None


class Extractor(Protocol):
    """What fills schemas; `hub.extraction` implements it."""

    def extract_for_item(
        self, workspace: UUID, item: UUID, run: UUID, step: str, path: str, settings: Mapping[str, Any]
    ) -> Awaitable[Mapping[str, Any]]:
        """Extract, store, and return the output of an `extract` step; raises HubError or ConnectorError."""
        ...


class Deliverer(Protocol):
    """What carries sendings to a target: the ledger's effects, or a plan that only captures them."""

    def deliver(self, call: Call, sendings: Sequence[Sending]) -> Awaitable[None]:
        """Deliver sendings and leave the outcome in each."""
        ...


class Pausing(Protocol):
    """What performs the steps that keep state or let an item leave."""

    def perform(self, travel: Travel, step: CompiledStep, group: Sequence[Progress]) -> Awaitable[None]:
        """Do one such step for a group."""
        ...


class Steps:
    """Performs steps; what a step gives is settled on each item's progress."""

    def __init__(  # collaborators
        self, catalogue: Catalogue, effects: Deliverer, extractor: Extractor, pauses: Pausing, pace: Pace
    ) -> None:
        self._catalogue = catalogue
        self._effects = effects
        self._extractor = extractor
        self._pauses = pauses
        self._pace = pace

    def planning(self, effects: Deliverer, pauses: Pausing) -> Steps:
        """Return steps that read for real and write nothing."""
        return Steps(self._catalogue, effects, self._extractor, pauses, self._pace)

    async def perform(self, travel: Travel, step: CompiledStep, group: Sequence[Progress]) -> None:
        """Do one step for every item of the group."""
        if step.work is Work.LOCAL:
            for one in group:
                _evaluate(step, one)
        elif isinstance(step.part, Target):
            await self._deliver(travel, step, step.part, group)
        elif isinstance(step.part, Lookup):
            await self._look_up(travel, step, step.part, group)
        elif step.work is Work.EXTRACT:
            await self._extract(travel, step, group)
        else:
            await self._pauses.perform(travel, step, group)

    async def _look_up(self, travel: Travel, step: CompiledStep, part: Lookup, group: Sequence[Progress]) -> None:
        usable, opened = await self._open(travel, step, group)
        if not usable:
            return

        async def ask(scope: Mapping[str, Any]) -> Any:
            settings = fill(part.settings, step.settings.render(scope))
            context = self._catalogue.contexts.make(travel.workspace, opened, part.connector, settings)
            await self._pace.wait(opened)
            try:
                with self._catalogue.contexts.health.noted(opened):
                    found = await part.function(context)
                return await stored_content(travel.workspace, found, self._catalogue)
            except TemporaryError as error:
                await self._pace.heed(opened, [error.retry_after])
                raise

        await _each_item(step, group, step.concurrency or LOOKUPS_AT_ONCE, lambda _one, _path, scope: ask(scope))

    async def _extract(self, travel: Travel, step: CompiledStep, group: Sequence[Progress]) -> None:
        async def ask(one: Progress, path: str, scope: Mapping[str, Any]) -> Any:
            settings = step.settings.render(scope)
            return await self._extractor.extract_for_item(
                travel.workspace, one.item, travel.run, step.id, path, settings
            )

        await _each_item(step, group, step.concurrency or EXTRACTIONS_AT_ONCE, ask)

    async def _deliver(self, travel: Travel, step: CompiledStep, part: Target, group: Sequence[Progress]) -> None:
        usable, opened = await self._open(travel, step, group)
        if not usable:
            return
        clock = Clock()
        sendings = [(one, _sendings(travel, step, one)) for one in group]
        call = Call(
            to=Destination(
                workspace=travel.workspace,
                recipe=travel.recipe,
                version=travel.version,
                run=travel.run,
                fence=travel.fence,
                target=step.uses,
                effect=part.effect.value,
                connection=opened.id if opened else None,
            ),
            target=part,
            opened=opened,
            concurrency=min(step.concurrency or part.concurrency, travel.concurrency or 1000),
            timeout=step.timeout,
        )
        everything = [sending for _, made in sendings for sending in made]
        for alike in _grouped(everything) if part.many else [everything]:
            await self._effects.deliver(call, alike)
        for one, made in sendings:
            if one.active and step.id not in one.settled:
                _settle_sendings(step, one, made, clock)

    async def _open(
        self, travel: Travel, step: CompiledStep, group: Sequence[Progress]
    ) -> tuple[bool, OpenConnection | None]:
        """Open the step's connection; when it cannot be opened every item has failed with the reason."""
        try:
            return True, await self._catalogue.opened(travel.workspace, step.connection)
        except (HubError, ConnectorError) as error:
            failure = Failure(kind="CredentialsError", message=error.message)
            for one in group:
                fail(step, one, failure, Clock())
            return False, None


def _evaluate(step: CompiledStep, one: Progress) -> None:
    clock = Clock()
    try:
        decision = step.evaluate(one.scope)
    except TemplateError as error:
        fail(step, one, Failure(kind="SettingsError", message=str(error)), clock)
        return
    one.done(step.id, decision.output, clock.trace(step.id, "done", output=decision.output))
    one.settled[step.id] = state_of(decision)
    if decision.verdict is not Verdict.GO:
        one.leave(decision.verdict.value, step.id, decision.reason or None)


def _sendings(travel: Travel, step: CompiledStep, one: Progress) -> list[Sending]:
    """Render what an item delivers at this step; what cannot be rendered has failed."""
    try:
        if step.each is None:
            return [_sending(travel, step, one, "", one.scope)]
        elements = step.elements(one.scope)
        inside = [step.inside(one.scope, element, index) for index, element in enumerate(elements)]
        return [_sending(travel, step, one, str(index), scope) for index, scope in enumerate(inside)]
    except (TemplateError, msgspec.ValidationError, ValueError) as error:
        fail(step, one, Failure(kind="SettingsError", message=str(error)), Clock())
        return []


def _sending(travel: Travel, step: CompiledStep, one: Progress, path: str, scope: Mapping[str, Any]) -> Sending:
    settings, shown, rows = write_of(step, scope)
    key = delivery_key(travel.workspace, travel.recipe, step.id, one.origin, path, one.generation)
    write = Write(key=key, item=one.item, step=step.id, path=path, generation=one.generation, rows=rows, settings=shown)
    return Sending(write=write, settings=settings, when_unknown="resend" if step.resend else "ask")


def _grouped(sendings: Sequence[Sending]) -> list[list[Sending]]:
    """Put sendings with the same settings together, in order; a target takes a group in one call."""
    groups: dict[bytes, list[Sending]] = {}
    for sending in sendings:
        groups.setdefault(literal_key(sending.write.settings), []).append(sending)
    return list(groups.values())


def _settle_sendings(step: CompiledStep, one: Progress, sendings: Sequence[Sending], clock: Clock) -> None:
    """Turn the outcome of an item's deliveries into the outcome of its step."""
    shown = {"input": _shown(sendings, step.each is not None)}
    failures = [sending.failure for sending in sendings if sending.failure is not None]
    pending = next((sending.pending for sending in sendings if sending.pending is not None), None)
    failed = next((one for one in failures if one.temporary), failures[0] if failures else None)
    deferred = max((sending.deferred for sending in sendings if sending.deferred is not None), default=None)
    outputs = [sending.output for sending in sendings]
    if failed is not None and not passed_over(step, one, failures):
        fail(step, one, failed, clock, **shown)
    elif deferred is not None:
        one.pause(step.id, deferred, REASON, SLOWED)
    elif pending is not None:
        one.pause(step.id, pending.after, "The service is still working on it.")
    else:
        settle_step(step, one, clock, outputs if step.each is not None else outputs[0] if outputs else None, **shown)


def _shown(sendings: Sequence[Sending], many: bool) -> Any:
    inputs = [
        {**sending.write.settings, **({"rows": sending.write.rows} if sending.write.rows else {})}
        for sending in sendings
    ]
    return inputs if many else inputs[0] if inputs else None


async def _each_item(
    step: CompiledStep,
    group: Sequence[Progress],
    at_once: int,
    ask: Callable[[Progress, str, Mapping[str, Any]], Awaitable[Any]],
) -> None:
    """Do a step for every item, and for every element when it loops, a few at a time."""
    places = asyncio.Semaphore(at_once)

    async def one_item(one: Progress) -> None:
        clock = Clock()
        try:
            output = await _outputs(step, one, places, ask)
        except DeferredError as error:
            one.pause(step.id, error.pause, REASON, SLOWED)
        except Exception as error:  # noqa: BLE001  # one item's fault must not hold its whole run
            held = one.paths.get(step.id, {}).items()
            one.traces.extend(clock.trace(step.id, "done", path=path, output=found) for path, found in held)
            fail(step, one, _failure(step, error), clock)
        else:
            settle_step(step, one, clock, output)

    await asyncio.gather(*(asyncio.create_task(one_item(one), context=contextvars.Context()) for one in group))


def _failure(step: CompiledStep, error: Exception) -> Failure:
    """Translate what a lookup or an extraction raised."""
    if isinstance(error, (TemplateError, msgspec.ValidationError)):
        return Failure(kind="SettingsError", message=str(error))
    if isinstance(error, HubError):
        return Failure(kind=type(error).__name__, message=error.message, temporary=error.status == 503)
    return unexpected(error, step.uses)


async def _outputs(
    step: CompiledStep,
    one: Progress,
    places: asyncio.Semaphore,
    ask: Callable[[Progress, str, Mapping[str, Any]], Awaitable[Any]],
) -> Any:
    async def placed(path: str, scope: Mapping[str, Any]) -> Any:
        held = one.paths.setdefault(step.id, {})
        if path and path in held:
            return held[path]
        async with places:
            try:
                async with asyncio.timeout(step.timeout):
                    output = await ask(one, path, scope)
            except DeferredError:
                raise
            except Exception as error:  # translated where it is not passed over
                if path and passed_over(step, one, [_failure(step, error)]):
                    return None
                raise
        if path:
            held[path] = output
        return output

    if step.each is None:
        return await placed("", one.scope)
    elements = step.elements(one.scope)
    inside = [step.inside(one.scope, element, index) for index, element in enumerate(elements)]
    return [await placed(str(index), scope) for index, scope in enumerate(inside)]
