"""Acting on runs, for every face: submit, plan, apply, cancel, retry, replay, undo."""

from __future__ import annotations

import contextlib
from typing import Any
from uuid import UUID

import msgspec

from connectors.sdk import Item, TriggerKind
from hub.audit import Audit
from hub.database import Row, execute, fetch_one, transaction
from hub.decisions import APPROVAL, REVIEW, cancel_for_run
from hub.errors import ConflictError, InvalidError, NotFoundError, Problem
from hub.ids import new_id, show
from hub.members import Member, Verb
from hub.runs import views
from hub.runs.accept import accept
from hub.runs.asking import WOULD_WAIT
from hub.runs.catalogue import Catalogue
from hub.runs.dispatch import LEASE, Dispatcher
from hub.runs.engine import Engine
from hub.runs.following import from_step
from hub.runs.history import History, PlanResult
from hub.runs.incoming import arrivals_of
from hub.runs.plans import Plans
from hub.runs.replayed import reversible_count
from hub.runs.samples import Samples
from hub.runs.schedules import Schedules

APPLY_WITHIN = "24 hours"
PEOPLE = (REVIEW, APPROVAL)


class Replay(msgspec.Struct, frozen=True, kw_only=True):
    """From which step an item starts again, on which version, and whether what was sent may be sent again."""

    step: str | None = None
    newest: bool = False
    again: bool = False


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an item given by hand; without one, how many items the trigger found when asked."""

    item: str | None = None
    duplicate: bool = False
    found: int = 1


class Runs:
    """What members may do with runs and items; every query is theirs by workspace."""

    def __init__(  # noqa: PLR0913, PLR0917  # collaborators
        self,
        history: History,
        catalogue: Catalogue,
        dispatcher: Dispatcher,
        engine: Engine,
        plans: Plans,
        schedules: Schedules,
        audit: Audit,
    ) -> None:
        self._history = history
        self._samples = Samples(catalogue, history)
        self._catalogue = catalogue
        self._dispatcher = dispatcher
        self._engine = engine
        self._plans = plans
        self._schedules = schedules
        self._audit = audit

    async def submit(
        self, member: Member, recipe: UUID, content: Any, *, title: str = "", key: str | None = None
    ) -> Submission:
        """Give a published recipe one item, or ask its trigger now when there is no content."""
        member.authorize(Verb.RUN)
        row = await self._published(member, recipe)
        entry = await self._catalogue.entry(recipe, row["version"])
        if content is None and entry.trigger.kind is TriggerKind.POLL:
            return Submission(found=await self._schedules.poll_now(recipe))
        arrivals = await arrivals_of(entry, [Item(content=content or {}, title=title, key=key)], self._catalogue)
        async with transaction():
            accepted = await accept(arrivals)
        self._dispatcher.nudge([recipe])
        return Submission(item=show("itm", accepted[0].item), duplicate=accepted[0].duplicate)

    async def listen(self, member: Member, recipe: UUID) -> str:
        """Let the recipe's test address take one event within ten minutes; returns its path."""
        member.authorize(Verb.PLAN)
        row = await fetch_one(
            "update triggers set test_until = now() + interval '10 minutes' where recipe = $1 and workspace = $2"
            " and hook_token is not null and kind = 'webhook' returning hook_token",
            recipe,
            member.workspace,
        )
        if row is None:
            await self._samples.recipe(member, recipe, draft=True)  # a recipe that is not there is told as such
            raise ConflictError("Only a recipe with a webhook trigger can listen for a test event.")
        return f"/hooks/test/{row['hook_token']}"

    async def plan(
        self, member: Member, recipe: UUID, content: Any, *, item: UUID | None = None, draft: bool = True
    ) -> PlanResult:
        """Plan a recipe over given content, a stored item, or one live read; nothing outside is written."""
        member.authorize(Verb.PLAN)
        compiled, version = await self._samples.recipe(member, recipe, draft=draft)
        source = await self._samples.choose(member, recipe, compiled, content, item)
        run = await self._plans.plan(
            member.workspace, recipe, compiled, version, source, origin=item, started_by=member.user
        )
        return await self._history.planned(member, run)

    async def apply(self, member: Member, plan: UUID) -> views.RunSummary:
        """Perform exactly the writes of a plan, once, within 24 hours."""
        member.authorize(Verb.RUN)
        row = await self._history.run_row(member, plan)
        if row["kind"] != "plan":
            raise ConflictError("Only a plan can be applied.")
        fresh = await fetch_one(
            f"select $1::timestamptz > now() - interval '{APPLY_WITHIN}' as fresh", row["started_at"]
        )
        if fresh is None or not fresh["fresh"]:
            raise ConflictError("This plan is older than 24 hours. Plan again to see what would be written now.")
        waits = await fetch_one("select step from attempts where run = $1 and state = $2 limit 1", plan, WOULD_WAIT)
        if waits is not None:
            raise ConflictError(
                f"A run would ask people at the step {waits['step']}; applying would pass them over. Run the recipe."
            )
        return await self._replaying(member, row, "apply")

    async def undo(self, member: Member, run: UUID) -> views.RunSummary:
        """Take back what a run wrote, where the targets still hold it; of a plan, what applying it wrote."""
        member.authorize(Verb.UNDO)
        row = await self._history.run_row(member, run)
        applied = await fetch_one("select id from runs where plan_of = $1 and kind = 'apply'", run)
        if applied is not None:
            row = await self._history.run_row(member, applied["id"])
        if not await reversible_count(row["id"]):
            raise ConflictError("Nothing of this run can be undone: its targets cannot, or it was undone already.")
        return await self._replaying(member, row, "undo")

    async def cancel(self, member: Member, run: UUID) -> views.RunSummary:
        """Stop a run: its unfinished items are cancelled, what was delivered stays."""
        member.authorize(Verb.RUN)
        row = await self._history.run_row(member, run)
        async with transaction():
            stopped = await execute(_CANCEL, run, member.workspace)
            await cancel_for_run(run)
            cancelled = await execute(_CANCEL_ITEMS, run, member.workspace)
            if not stopped and not cancelled:
                raise ConflictError("This run has ended already, and nothing of it waits.")
            await self._audit.record(member, "run.cancelled", show("run", run), {})
        # Without the engine the workflow finds at its next stage that the run is no longer its own.
        with contextlib.suppress(ConnectionError):
            await self._engine.cancel(run)
        self._dispatcher.nudge([row["recipe"]])
        return await self._history.show(member, run)

    async def retry(self, member: Member, run: UUID) -> int:
        """Replay every dead item of a run from the step that failed; returns how many."""
        member.authorize(Verb.RUN)
        row = await self._history.run_row(member, run)
        async with transaction():
            again = await fetch_one(_RETRY, run, member.workspace)
            count = int(again["items"]) if again else 0
            await self._audit.record(member, "run.retried", show("run", run), {"items": count})
        self._dispatcher.nudge([row["recipe"]])
        return count

    async def replay(self, member: Member, item: UUID, replay: Replay) -> views.ItemSummary:
        """Start an ended item again from a step; what was sent stays sent unless `again` is said."""
        member.authorize(Verb.RUN)
        row = await self._history.item_row(member, item)
        if row["state"] not in ("dead", "delivered", "filtered", "cancelled"):
            raise ConflictError(
                "This item waits for an answer. Answer, or cancel its run, before it starts again."
                if row["state"] == "waiting_for" and row["reason_kind"] in PEOPLE
                else "This item is still being worked on."
            )
        if row["reason_kind"] == "sample":
            raise ConflictError("This is a sample, which is tried and never run. Start the recipe with it instead.")
        version = await self._replay_version(member, row, replay)
        compiled = (await self._catalogue.version(row["recipe"], version)).compiled
        step = replay.step or row["step"] or (compiled.steps[0].id if compiled.steps else None)
        if step is not None and step not in compiled.by_id:
            raise InvalidError(
                "There is no such step.", errors=[Problem("step", f"Version {version} has no step {step!r}.")]
            )
        following = from_step(compiled, step)
        async with transaction():
            if not await execute(_REPLAY, item, member.workspace, version, step, replay.again):
                raise ConflictError("Somebody else has started this item again.")
            await execute(_FORGET_ATTEMPTS, item, following)
            await execute(
                "update deliveries set state = 'failed' where item = $1 and state = 'unknown' and $2",
                item,
                replay.again,
            )
            detail = {"step": step, "version": version, "again": replay.again}
            await self._audit.record(member, "item.replayed", show("itm", item), detail)
        self._dispatcher.nudge([row["recipe"]])
        return views.item_summary(await self._history.item_row(member, item))

    async def _replaying(self, member: Member, of: Row, kind: str) -> views.RunSummary:
        """Start a run that performs stored writes; a second one of the same kind is refused while one is open."""
        identity = new_id()
        async with transaction():
            await fetch_one("select id from runs where id = $1 for update", of["id"])
            open_one = await fetch_one(
                "select id from runs where plan_of = $1 and kind = $2 and (state = 'running' or $2 = 'apply') limit 1",
                of["id"], kind,
            )  # fmt: skip
            if open_one is not None:
                raise ConflictError(
                    "This plan has been applied already." if kind == "apply" else "It is being undone already."
                )
            await execute(
                "insert into runs (id, workspace, recipe, version, kind, plan_of, started_by, total, leased_until)"
                " values ($1, $2, $3, $4, $5, $6, $7, $8, now() + $9 * interval '1 second')",
                identity, member.workspace, of["recipe"], of["version"], kind, of["id"], member.user, of["total"],
                LEASE,
            )  # fmt: skip
            await self._audit.record(member, f"run.{kind}", show("run", of["id"]), {"run": show("run", identity)})
        # When the engine is away the sweep asks again, once the run's lease has lapsed.
        with contextlib.suppress(ConnectionError):
            await self._engine.start(identity, 1)
        return await self._history.show(member, identity)

    async def _replay_version(self, member: Member, row: Row, replay: Replay) -> int:
        published = await self._published(member, row["recipe"])
        return int(published["version"] if replay.newest else row["version"])

    async def _published(self, member: Member, recipe: UUID) -> Row:
        row = await fetch_one("select * from triggers where recipe = $1 and workspace = $2", recipe, member.workspace)
        if row is None:
            raise NotFoundError("There is no such recipe.")
        if row["state"] == "deleted":
            raise ConflictError("The recipe has been deleted.")
        if row["version"] is None:
            raise ConflictError("Publish the recipe first.")
        return row


_CANCEL = """
update runs set state = 'cancelled', fence = fence + 1, ended_at = now(), leased_until = null
where id = $1 and workspace = $2 and state = 'running'"""
_CANCEL_ITEMS = """
with open as materialized (
    select id, state from items
    where run = $1 and workspace = $2 and state in ('running', 'waiting_until', 'waiting_for')
    order by id for no key update
),
gone as (
    update items i set state = 'cancelled', ended_at = now(), reason = 'The run was cancelled.', due_at = null
    from open where i.id = open.id returning open.state
)
update runs set cancelled = cancelled + (select count(*) from gone),
    waiting = waiting - (select count(*) from gone where state <> 'running')
where id = $1 and exists (select from gone)"""
# The step that ended an item is done again, also a stop.
_RETRY = """
with held as materialized (
    select id from items where workspace = $2 and state = 'dead' and closed_as is null
    and reason_kind is distinct from 'Unknown' and not test
    and id in (select id from items where run = $1 union select item from attempts where run = $1)
    order by id for no key update
),
again as (
    update items i set state = 'waiting', tries = 0, ended_at = null, reason = null, reason_kind = null
    from held where i.id = held.id returning i.id, i.step
),
forgotten as (
    update attempts a set state = 'superseded' from again where a.item = again.id and a.step = again.step
    and a.path = '' and a.state in ('done', 'ignored', 'caught')
)
select count(*)::int as items from again"""
_FORGET_ATTEMPTS = """
update attempts set state = 'superseded' where item = $1 and step = any($2::text[])
and state in ('done', 'ignored', 'caught')"""
_REPLAY = """
update items set state = 'waiting', version = $3, step = $4, tries = 0, ended_at = null, reason = null,
    reason_kind = null, due_at = null, closed_as = null, test = false,
    generation = generation + case when $5 then 1 else 0 end
where id = $1 and workspace = $2 and state in ('dead', 'delivered', 'filtered', 'cancelled')
    and reason_kind is distinct from 'sample'"""
