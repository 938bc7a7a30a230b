"""Runs and items over REST."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec.structs import replace

from hub.api.paging import DEFAULT_LIMIT, Cursor, Limit, OfRecipe, Page, part
from hub.ids import parse, parse_cursor
from hub.members import Member, Verb
from hub.recipes import Recipes
from hub.runs import (
    Delivery,
    Filter,
    History,
    ItemDetail,
    ItemSummary,
    PlanResult,
    Replay,
    Runs,
    RunSummary,
    StepUse,
)

RunState = Literal["running", "done", "cancelled", "dead", "waiting"]
RunKind = Literal["live", "plan", "apply", "undo"]
ItemState = Literal["waiting", "running", "waiting_until", "waiting_for", "delivered", "filtered", "dead", "cancelled"]
InRunState = Annotated[
    RunState | None,
    QueryParameter(name="state", description="Only those in this state; `dead`, `waiting`: those with such items."),
]
OfTrigger = Annotated[
    str | None, QueryParameter(name="trigger", description="Only those of recipes with it, like `webhook.received`.")
]
OfReplay = Annotated[str | None, QueryParameter(name="replay", description="Only those that a replay led to.")]
Until = Annotated[datetime | None, QueryParameter(description="Only those before this time.")]
Search = Annotated[
    str, QueryParameter(name="q", description="Part of a recipe's name, or of an item's title, key, subject or reason.")
]
InItemState = Annotated[ItemState | None, QueryParameter(name="state", description="Only those in this state.")]


class Retried(msgspec.Struct, frozen=True):
    """How many dead items go again."""

    items: int


async def _narrowed(
    recipes: NamedDependency[Recipes],
    member: NamedDependency[Member],
    recipe: OfRecipe = None,
    trigger: OfTrigger = None,
    since: FromQuery[datetime | None] = None,
    until: Until = None,
    search: Search = "",
) -> Filter:
    """Read what a list of runs or items is narrowed to."""
    of = await recipes.identify(member, recipe) if recipe else None
    return Filter(recipe=of, trigger=trigger, since=since, until=until, text=search)


class RunController(Controller):
    """Look at runs and act on them."""

    path = "/runs"
    dependencies = {"wanted": Provide(_narrowed)}

    @get("/", opt={"verb": Verb.READ})
    async def list_runs(
        self,
        history: NamedDependency[History],
        member: NamedDependency[Member],
        wanted: NamedDependency[Filter],
        in_state: InRunState = None,
        kind: FromQuery[RunKind | None] = None,
        replay: OfReplay = None,
        cursor: Cursor = None,
        limit: Limit = DEFAULT_LIMIT,
    ) -> Page[RunSummary]:
        """List runs, the newest first."""
        of, before = parse("rpl", replay) if replay else None, parse_cursor("run", cursor)
        page = await history.list(
            member, replace(wanted, state=in_state, kind=kind, replay=of, before=before, limit=limit)
        )
        return Page(page.entries, page.cursor)

    @get("/{run_id:str}", opt={"verb": Verb.READ})
    async def show_run(
        self, history: NamedDependency[History], member: NamedDependency[Member], run_id: FromPath[str]
    ) -> RunSummary:
        """Show one run."""
        return await history.show(member, parse("run", run_id))

    @get("/{run_id:str}/items", opt={"verb": Verb.READ})
    async def list_items(
        self,
        history: NamedDependency[History],
        member: NamedDependency[Member],
        run_id: FromPath[str],
        in_state: InItemState = None,
        cursor: Cursor = None,
        limit: Limit = DEFAULT_LIMIT,
    ) -> Page[ItemSummary]:
        """List the items of a run."""
        wanted = Filter(run=parse("run", run_id), state=in_state, before=parse_cursor("itm", cursor), limit=limit)
        page = await history.items(member, wanted)
        return Page(page.entries, page.cursor)

    @get("/{run_id:str}/deliveries", opt={"verb": Verb.READ})
    async def list_deliveries(
        self,
        history: NamedDependency[History],
        member: NamedDependency[Member],
        run_id: FromPath[str],
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> Page[Delivery]:
        """Show a run's part of the ledger."""
        return part(await history.deliveries(member, parse("run", run_id)), limit, cursor, lambda one: one.id)

    @get("/{run_id:str}/steps", opt={"verb": Verb.READ})
    async def list_step_use(
        self,
        history: NamedDependency[History],
        member: NamedDependency[Member],
        run_id: FromPath[str],
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> Page[StepUse]:
        """Tell what each step of a run took: items, tries, time, tokens, cost."""
        return part(await history.use(member, parse("run", run_id)), limit, cursor, lambda one: one.step)

    @get("/{run_id:str}/plan", opt={"verb": Verb.READ})
    async def show_plan(
        self, history: NamedDependency[History], member: NamedDependency[Member], run_id: FromPath[str]
    ) -> PlanResult:
        """Show a plan: every write it would make."""
        return await history.planned(member, parse("run", run_id))

    @post("/{run_id:str}/retry", status_code=200, opt={"verb": Verb.RUN})
    async def retry_run(
        self, runs: NamedDependency[Runs], member: NamedDependency[Member], run_id: FromPath[str]
    ) -> Retried:
        """Replay a run's dead items from the step that failed."""
        return Retried(await runs.retry(member, parse("run", run_id)))

    @post("/{run_id:str}/cancel", status_code=200, opt={"verb": Verb.RUN})
    async def cancel_run(
        self, runs: NamedDependency[Runs], member: NamedDependency[Member], run_id: FromPath[str]
    ) -> RunSummary:
        """Stop a run; what was delivered stays."""
        return await runs.cancel(member, parse("run", run_id))

    @post("/{run_id:str}/apply", status_code=202, opt={"verb": Verb.RUN})
    async def apply_plan(
        self, runs: NamedDependency[Runs], member: NamedDependency[Member], run_id: FromPath[str]
    ) -> Response[RunSummary]:
        """Perform exactly the writes of a plan."""
        return _started(await runs.apply(member, parse("run", run_id)))

    @post("/{run_id:str}/undo", status_code=202, opt={"verb": Verb.UNDO})
    async def undo_run(
        self, runs: NamedDependency[Runs], member: NamedDependency[Member], run_id: FromPath[str]
    ) -> Response[RunSummary]:
        """Take back what a run wrote, where it is still as written."""
        return _started(await runs.undo(member, parse("run", run_id)))


class ItemController(Controller):
    """Look at items and replay them."""

    path = "/items"
    dependencies = {"wanted": Provide(_narrowed)}

    @get("/", opt={"verb": Verb.READ})
    async def list_items(
        self,
        history: NamedDependency[History],
        member: NamedDependency[Member],
        wanted: NamedDependency[Filter],
        in_state: InItemState = None,
        cursor: Cursor = None,
        limit: Limit = DEFAULT_LIMIT,
    ) -> Page[ItemSummary]:
        """List items, the newest first; `/dead-letters` lists those that wait for a person."""
        before = parse_cursor("itm", cursor)
        page = await history.items(member, replace(wanted, state=in_state, before=before, limit=limit))
        return Page(page.entries, page.cursor)

    @get("/{item_id:str}", opt={"verb": Verb.READ})
    async def show_item(
        self, history: NamedDependency[History], member: NamedDependency[Member], item_id: FromPath[str]
    ) -> ItemDetail:
        """Show an item with each step's input, output, time and tries."""
        return await history.item(member, parse("itm", item_id))

    @post("/{item_id:str}/replay", status_code=202, opt={"verb": Verb.RUN})
    async def replay_item(
        self,
        runs: NamedDependency[Runs],
        member: NamedDependency[Member],
        item_id: FromPath[str],
        data: JSONBody[Replay | None] = None,
    ) -> Response[ItemSummary]:
        """Start an item again from a step, on its own or the newest version."""
        item = await runs.replay(member, parse("itm", item_id), data or Replay())
        return Response(item, headers={"Location": f"/api/v1/items/{item.id}"}, status_code=202)


def _started(run: RunSummary) -> Response[RunSummary]:
    return Response(run, headers={"Location": f"/api/v1/runs/{run.id}"}, status_code=202)


CONTROLLERS = [RunController, ItemController]
