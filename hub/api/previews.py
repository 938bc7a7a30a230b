"""Looking ahead while a step is filled in."""

from __future__ import annotations

from litestar import Controller, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from hub.members import Member, Verb
from hub.recipes import Recipes
from hub.runs.previews import KnownFields, Preview, Previews, Trial


class PreviewController(Controller):
    """Show what a step's values give for samples, and what they can use."""

    path = "/recipes/{recipe_id:str}"
    tags = ["recipes"]

    @post("/preview", status_code=200, opt={"verb": Verb.PLAN})
    async def preview_step(
        self,
        previews: NamedDependency[Previews],
        recipes: NamedDependency[Recipes],
        member: NamedDependency[Member],
        recipe_id: FromPath[str],
        data: JSONBody[Trial],
    ) -> Preview:
        """Render the values of a step over the last samples: what each gives, where one fails, what does not fit."""
        return await previews.preview(member, await recipes.identify(member, recipe_id), data)

    @post("/fields", status_code=200, opt={"verb": Verb.READ})
    async def list_fields(
        self,
        previews: NamedDependency[Previews],
        recipes: NamedDependency[Recipes],
        member: NamedDependency[Member],
        recipe_id: FromPath[str],
        data: JSONBody[Trial],
    ) -> KnownFields:
        """List the fields that the values of a step can use, with one sample's values and their templates."""
        return await previews.fields(member, await recipes.identify(member, recipe_id), data)


CONTROLLERS = (PreviewController,)
