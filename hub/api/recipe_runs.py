"""Running, planning and testing a recipe over REST."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from hub.api.paging import DEFAULT_LIMIT, Cursor, Limit, Page
from hub.ids import parse, parse_cursor, show
from hub.members import Member, Verb
from hub.recipes import Recipes
from hub.runs import Filter, History, PlanResult, Runs, RunSummary, Submission


class Sample(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to run or plan with: given content, or a stored item; neither: what the trigger reads now."""

    content: Any = None
    item: str | None = None
    title: str = ""
    key: str | None = None
    draft: bool = True


class Listening(msgspec.Struct, frozen=True):
    """Where one test event is awaited."""

    test_path: str


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
        page = await history.list(member, Filter(recipe=recipe, before=parse_cursor("run", cursor), limit=limit))
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
        item = parse("itm", given.item) if given.item else None
        return await runs.plan(member, recipe, given.content, item=item, draft=given.draft)

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


CONTROLLERS = [RecipeRunController]
