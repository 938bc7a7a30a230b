"""Plans: a run whose lookups are real and whose writes are captured and shown, for applying later."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from connectors.sdk import Change, ChangeKind, ConnectorError, Item
from hub.database import execute, fetch, fetch_one, to_jsonb, transaction
from hub.ids import new_id
from hub.recipes import CompiledRecipe, CompiledStep, TemplateError, Work
from hub.runs.asking import ASKING, WOULD_WAIT, Asking
from hub.runs.catalogue import Catalogue
from hub.runs.effects import Call
from hub.runs.failing import fail
from hub.runs.incoming import stored_content
from hub.runs.keys import render_key
from hub.runs.outcomes import Sending, failure_of
from hub.runs.progress import Clock, Failure, Progress, progress_of, trace_columns
from hub.runs.settling import TRACES
from hub.runs.stages import reaches, surroundings
from hub.runs.steps import Steps, Travel
from hub.runs.syncing import would_sync


class Capture:
    """Stands in for the ledger's effects: asks for previews and keeps every rendered write as planned."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    async def deliver(self, call: Call, sendings: Sequence[Sending]) -> None:
        """Keep the writes with what they would change."""
        changes = await previewed(self._catalogue, call, sendings)
        kept = [(sending, seen) for sending, seen in zip(sendings, changes, strict=True) if seen is not None]
        to = call.to
        await execute(
            _PLANNED, to.workspace, to.recipe, to.version, to.run, to.target, to.effect, to.connection,
            [f"plan:{to.run}:{sending.write.key}" for sending, _ in kept], [new_id() for _ in kept],
            [sending.write.item for sending, _ in kept], [sending.write.step for sending, _ in kept],
            [sending.write.path for sending, _ in kept], [sending.write.generation for sending, _ in kept],
            [to_jsonb({"settings": sending.write.settings, "rows": sending.write.rows}) for sending, _ in kept],
            [to_jsonb(msgspec.to_builtins(list(seen))) for _, seen in kept], [sending.write.key for sending, _ in kept],
        )  # fmt: skip


class PlannedPauses:
    """Stands in for the steps with state: nothing waits, nobody is asked, no dedupe key is used up."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking

    async def perform(self, travel: Travel, step: CompiledStep, group: Sequence[Progress]) -> None:
        """Say what the step would do."""
        clock = Clock()
        for one in group:
            if step.uses == "dedupe":
                await _would_pass(travel, step, one, clock)
            elif step.uses == "sync":
                await would_sync(travel, step, one, clock)
            elif step.uses in ASKING:
                await self._would_ask(travel, step, one, clock)
            else:
                one.done(step.id, None, clock.trace(step.id, "done", message=_WOULD.get(step.uses)))

    async def _would_ask(self, travel: Travel, step: CompiledStep, one: Progress, clock: Clock) -> None:
        try:
            await self._asking.planned(travel, step, one, clock)
        except TemplateError as error:
            fail(step, one, Failure(kind="SettingsError", message=str(error)), clock)


class Plans:
    """Makes plans; they run in the caller's process, as nothing they do has to survive it."""

    def __init__(self, catalogue: Catalogue, steps: Steps, asking: Asking) -> None:
        self._catalogue = catalogue
        self._steps = steps.planning(Capture(catalogue), PlannedPauses(asking))

    async def plan(  # noqa: PLR0913  # what is planned, and on whose behalf, by name
        self,
        workspace: UUID,
        recipe: UUID,
        compiled: CompiledRecipe,
        version: int,
        item: Item,
        *,
        kind: str = "plan",
        origin: UUID | None = None,
        started_by: UUID | None = None,
    ) -> UUID:
        """Run a recipe over one item without writing anything outside; returns the run that holds the plan."""
        run, identity = new_id(), new_id()
        content = await stored_content(workspace, item.content, self._catalogue)
        async with transaction():
            await execute(_RUN, run, workspace, recipe, version, kind, started_by)
            await execute(
                "insert into items (id, workspace, recipe, version, state, run, title, content, test, parent)"
                " values ($1, $2, $3, $4, 'running', $5, $6, $7, true, $8)",
                identity, workspace, recipe, version, run, item.title[:500], to_jsonb(content), origin,
            )  # fmt: skip
        works = progress_of(
            await fetch("select * from items where id = $1", identity), surroundings_of(compiled, run, version)
        )
        works[0].origin = origin or identity
        travel = Travel(workspace=workspace, recipe=recipe, version=version, run=run, fence=0, concurrency=None)
        await self._walk(travel, compiled, works[0])
        await self._settle(travel, works)
        return run

    async def _walk(self, travel: Travel, compiled: CompiledRecipe, one: Progress) -> None:
        """Do every step; those that need the answer of a captured write are listed as unknown until applied."""
        unknown: set[str] = set()
        for step in compiled.steps:
            if not one.active or not reaches(step, one):
                continue
            if step.reads & unknown:
                words = f"Unknown until applied: it needs {', '.join(sorted(step.reads & unknown))}."
                state = WOULD_WAIT if step.uses in ASKING else "unknown"
                one.done(step.id, None, Clock().trace(step.id, state, message=words))
                unknown.add(step.id)
                continue
            await self._steps.perform(travel, step, [one])
            if step.work is Work.TARGET or step.uses in ("recipe", "aggregate"):
                unknown.add(step.id)
        if one.active:
            one.leave("delivered", None)
        elif one.state.startswith("waiting"):
            one.leave("dead", one.step, one.reason, one.reason_kind)

    async def _settle(self, travel: Travel, works: Sequence[Progress]) -> None:
        one = works[0]
        async with transaction():
            await execute(TRACES, travel.workspace, travel.run, *trace_columns(works))
            await execute(
                "update items set state = $2, step = $3, reason = $4, reason_kind = $5, ended_at = now() where id = $1",
                one.item, one.state, one.step, one.reason, one.reason_kind,
            )  # fmt: skip
            await execute(
                f"update runs set state = 'done', ended_at = now(), total = 1, message = $2, {_COUNTED[one.state]} = 1"  # noqa: S608  # our own words
                " where id = $1",
                travel.run, one.reason or "",
            )  # fmt: skip


async def previewed(catalogue: Catalogue, call: Call, sendings: Sequence[Sending]) -> list[Sequence[Change] | None]:
    """Return what each write would change; None where the preview says it cannot be done."""
    if call.target.previewer is None:
        return [[_request(call, sending)] for sending in sendings]
    found: list[Sequence[Change] | None] = []
    together = [list(sendings)] if call.target.many and sendings else [[sending] for sending in sendings]
    for group in together:
        context = catalogue.contexts.make(call.to.workspace, call.opened, call.target.connector, group[0].settings)
        try:
            found.extend(await call.target.previewer(context, [sending.record for sending in group]))
        except ConnectorError as error:
            for sending in group:
                sending.failure = failure_of(error)
            found.extend([None] * len(group))
    return found


def surroundings_of(compiled: CompiledRecipe, run: UUID, version: int) -> dict[str, Any]:
    """Return the names that templates see in a plan."""
    return surroundings(compiled, {"id": run, "version": version})


def _request(call: Call, sending: Sending) -> Change:
    """Show the rendered request of a target that has no preview."""
    rows = list(sending.write.rows)
    after = {**sending.write.settings, **({"rows": rows} if rows else {})}
    return Change(kind=ChangeKind.SEND, reference=call.target.uses, after=after)


async def _would_pass(travel: Travel, step: CompiledStep, one: Progress, clock: Clock) -> None:
    key = render_key(step, one)
    row = await fetch_one(
        "select item from dedupe_keys where recipe = $1 and step = $2 and key = $3 and item <> $4"
        " and (expires_at is null or expires_at > now())",
        travel.recipe, step.id, key, one.origin,
    )  # fmt: skip
    one.done(
        step.id, {"new": row is None}, clock.trace(step.id, "done", input={"key": key}, output={"new": row is None})
    )
    if row is not None:
        one.leave("filtered", step.id, "An item with the same key has passed before.", "duplicate")


_WOULD = {
    "wait": "A run would wait here; the plan goes on at once.",
    "aggregate": "A run would collect items here; the plan goes on without them.",
    "recipe": "A run would call the other recipe here; the plan does not.",
    "respond": "A run would answer the webhook here.",
}
_COUNTED = {"delivered": "delivered", "filtered": "filtered", "dead": "dead", "cancelled": "cancelled"}
_RUN = """
insert into runs (id, workspace, recipe, version, kind, state, started_by, leased_until)
values ($1, $2, $3, $4, $5, 'planning', $6, now() + interval '10 minutes')"""
_PLANNED = """
insert into deliveries (workspace, recipe, version, run, target, effect, connection, state,
    key, id, item, step, path, generation, request, seen, token)
select $1, $2, $3, $4, $5, $6, $7, 'planned', t.key, t.id, t.item, t.step, t.path, t.generation, t.request::json,
    t.seen::jsonb, t.real
from unnest($8::text[], $9::uuid[], $10::uuid[], $11::text[], $12::text[], $13::int[], $14::text[], $15::text[],
    $16::text[])
    as t(key, id, item, step, path, generation, request, seen, real)"""
