"""Runs and items over REST."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from hub.api.paging import DEFAULT_LIMIT, Cursor, Limit, Page, cursor_id, part
from hub.ids import parse, show
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
    Submission,
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
OfRecipe = Annotated[str | None, QueryParameter(name="recipe", description="Only those of this recipe, by id or name.")]


class Sample(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to run or plan with: given content, or a stored item; neither: what the trigger reads now."""

    content: Any = None
    item: str | None = None
    title: str = ""
    key: str | None = None
    draft: bool = True


class Retried(msgspec.Struct, frozen=True):
    """How many dead items go again."""

    items: int


class Listening(msgspec.Struct, frozen=True):
    """Where one test event is awaited."""

    test_path: str


class RunController(Controller):
    """Look at runs and act on them."""

    path = "/runs"

    @get("/", opt={"verb": Verb.READ})
    async def list_runs(
        self,
        history: NamedDependency[History],
        member: NamedDependency[Member],
        recipes: NamedDependency[Recipes],
        recipe: OfRecipe = None,
        in_state: InRunState = None,
        kind: FromQuery[RunKind | None] = None,
        trigger: OfTrigger = None,
        replay: OfReplay = None,
        since: FromQuery[datetime | None] = None,
        until: Until = None,
        search: Search = "",
        cursor: Cursor = None,
        limit: Limit = DEFAULT_LIMIT,
    ) -> Page[RunSummary]:
        """List runs, the newest first."""
        wanted = Filter(
            recipe=await recipes.identify(member, recipe) if recipe else None, state=in_state, kind=kind,
            trigger=trigger, replay=_id("rpl", replay), since=since, until=until, text=search,
            before=cursor_id("run", cursor), limit=limit,
        )  # fmt: skip
        page = await history.list(member, wanted)
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
        wanted = Filter(run=parse("run", run_id), state=in_state, before=cursor_id("itm", cursor), limit=limit)
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

    @get("/", opt={"verb": Verb.READ})
    async def list_items(
        self,
        history: NamedDependency[History],
        member: NamedDependency[Member],
        recipes: NamedDependency[Recipes],
        recipe: OfRecipe = None,
        in_state: InItemState = None,
        trigger: OfTrigger = None,
        since: FromQuery[datetime | None] = None,
        until: Until = None,
        search: Search = "",
        cursor: Cursor = None,
        limit: Limit = DEFAULT_LIMIT,
    ) -> Page[ItemSummary]:
        """List items, the newest first; `/dead-letters` lists those that wait for a person."""
        wanted = Filter(
            recipe=await recipes.identify(member, recipe) if recipe else None, state=in_state, trigger=trigger,
            since=since, until=until, text=search, before=cursor_id("itm", cursor), limit=limit,
        )  # fmt: skip
        page = await history.items(member, wanted)
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


class RecipeRunController(Controller):
    """Run, test and plan a recipe."""

    path = "/recipes"

    @get("/{recipe_id:str}/runs", opt={"verb": Verb.READ})
    async def list_runs(
        self,
        history: NamedDependency[History],
        recipes: NamedDependency[Recipes],
        member: NamedDependency[Member],
        recipe_id: FromPath[str],
        cursor: Cursor = None,
        limit: Limit = DEFAULT_LIMIT,
    ) -> Page[RunSummary]:
        """List the runs of a recipe, the newest first."""
        recipe = await recipes.identify(member, recipe_id)
        page = await history.list(member, Filter(recipe=recipe, before=cursor_id("run", cursor), limit=limit))
        return Page(page.entries, page.cursor)

    @post("/{recipe_id:str}/runs", status_code=202, opt={"verb": Verb.RUN})
    async def start_run(
        self,
        runs: NamedDependency[Runs],
        member: NamedDependency[Member],
        recipes: NamedDependency[Recipes],
        recipe_id: FromPath[str],
        data: JSONBody[Sample | None] = None,
    ) -> Response[Submission]:
        """Give the published recipe one item now; without content its trigger is asked at once."""
        given = data or Sample()
        recipe = await recipes.identify(member, recipe_id)
        made = await runs.submit(member, recipe, given.content, title=given.title, key=given.key)
        place = f"/api/v1/items/{made.item}" if made.item else f"/api/v1/items?recipe={show('rcp', recipe)}"
        return Response(made, headers={"Location": place}, status_code=202)

    @post("/{recipe_id:str}/plan", status_code=200, opt={"verb": Verb.PLAN})
    async def plan_recipe(
        self,
        runs: NamedDependency[Runs],
        member: NamedDependency[Member],
        recipes: NamedDependency[Recipes],
        recipe_id: FromPath[str],
        data: JSONBody[Sample | None] = None,
    ) -> PlanResult:
        """Plan a recipe: lookups run for real, every write is captured and shown."""
        given = data or Sample()
        recipe = await recipes.identify(member, recipe_id)
        return await runs.plan(member, recipe, given.content, item=_id("itm", given.item), draft=given.draft)

    @post("/{recipe_id:str}/test", status_code=200, opt={"verb": Verb.PLAN})
    async def listen_for_test(
        self,
        runs: NamedDependency[Runs],
        member: NamedDependency[Member],
        recipes: NamedDependency[Recipes],
        recipe_id: FromPath[str],
    ) -> Listening:
        """Listen for one test event at the recipe's test address for ten minutes."""
        return Listening(await runs.listen(member, await recipes.identify(member, recipe_id)))


def _id(prefix: str, text: str | None) -> UUID | None:
    return parse(prefix, text) if text else None


def _started(run: RunSummary) -> Response[RunSummary]:
    return Response(run, headers={"Location": f"/api/v1/runs/{run.id}"}, status_code=202)


CONTROLLERS = [RunController, ItemController, RecipeRunController]
