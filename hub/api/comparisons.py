"""The time machine over REST: drafts compared with what was written for past items."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from hub.api.paging import DEFAULT_LIMIT, Cursor, Limit, Page
from hub.ids import parse
from hub.members import Member, Verb
from hub.recipes import Recipes
from hub.runs.past import ComparedItem, Comparison, TimeMachine, Wanted
from hub.runs.past.views import PREFIX

Differing = Annotated[bool, QueryParameter(description="Only items for which something differs.")]


class ComparisonController(Controller):
    """Compare a recipe's draft with its past."""

    path = "/recipes/{recipe_id:str}/comparisons"
    tags = ["recipes"]

    @get("/", opt={"verb": Verb.READ})
    async def list_comparisons(
        self,
        time_machine: NamedDependency[TimeMachine],
        recipes: NamedDependency[Recipes],
        member: NamedDependency[Member],
        recipe_id: FromPath[str],
    ) -> Page[Comparison]:
        """List the comparisons that are kept, the newest first."""
        return Page(await time_machine.list(member, await recipes.identify(member, recipe_id)))

    @post("/", status_code=202, opt={"verb": Verb.PLAN})
    async def start_comparison(
        self,
        time_machine: NamedDependency[TimeMachine],
        recipes: NamedDependency[Recipes],
        member: NamedDependency[Member],
        recipe_id: FromPath[str],
        data: JSONBody[Wanted | None] = None,
    ) -> Response[Comparison]:
        """Run the draft dry against past items and compare what it would write with what was written.

        Nothing outside is written, no cursor is moved, no dedupe key is used up.
        """
        started = await time_machine.start(member, await recipes.identify(member, recipe_id), data or Wanted())
        place = f"/api/v1/recipes/{started.recipe}/comparisons/{started.id}"
        return Response(started, status_code=202, headers={"Location": place})

    @get("/{comparison_id:str}", opt={"verb": Verb.READ})
    async def show_comparison(
        self,
        time_machine: NamedDependency[TimeMachine],
        recipes: NamedDependency[Recipes],
        member: NamedDependency[Member],
        recipe_id: FromPath[str],
        comparison_id: FromPath[str],
    ) -> Comparison:
        """Show a comparison, as far as it is."""
        recipe = await recipes.identify(member, recipe_id)
        return await time_machine.show(member, recipe, parse(PREFIX, comparison_id))

    @get("/{comparison_id:str}/items", opt={"verb": Verb.READ})
    async def list_compared_items(  # services, path and paging by name
        self,
        time_machine: NamedDependency[TimeMachine],
        recipes: NamedDependency[Recipes],
        member: NamedDependency[Member],
        recipe_id: FromPath[str],
        comparison_id: FromPath[str],
        differing: Differing = False,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> Page[ComparedItem]:
        """List compared items, the newest first: each row same, added, missing or changed, with old and new values."""
        recipe, identity = await recipes.identify(member, recipe_id), parse(PREFIX, comparison_id)
        found = await time_machine.items(member, recipe, identity, differing=differing, limit=limit, cursor=cursor)
        return Page(found.items, found.cursor)

    @post("/{comparison_id:str}/cancel", status_code=200, opt={"verb": Verb.PLAN})
    async def cancel_comparison(
        self,
        time_machine: NamedDependency[TimeMachine],
        recipes: NamedDependency[Recipes],
        member: NamedDependency[Member],
        recipe_id: FromPath[str],
        comparison_id: FromPath[str],
    ) -> Comparison:
        """Stop a comparison; what was compared stays to be looked at."""
        recipe = await recipes.identify(member, recipe_id)
        return await time_machine.cancel(member, recipe, parse(PREFIX, comparison_id))


CONTROLLERS = (ComparisonController,)
