"""What the pages of one recipe's drawing begin with: the recipe, and where the page lies."""

from __future__ import annotations

from hub.recipes import RecipeView
from hub.text import say
from ui.frame import crumbs
from ui.visit import Visit


async def opened(visit: Visit, title: str) -> RecipeView:
    """Return the recipe that the address names, and say in the crumbs that this page of it is looked at."""
    recipe = await visit.services.recipes.show(visit.opened_by, visit.named("recipe"))
    name = recipe.title or recipe.name
    crumbs((say("nav.recipes"), "/recipes"), (name, f"/recipes/{recipe.id}"), (title, visit.path))
    return recipe
