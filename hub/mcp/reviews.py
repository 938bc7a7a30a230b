"""Tools for reviews: what waits for a person."""

from __future__ import annotations

from typing import Annotated

import msgspec

from hub.decisions import REVIEW, Decisions, DecisionState, DecisionSummary, Wanted
from hub.mcp.paging import Page
from hub.mcp.tools import Cursor, Limit, tool
from hub.members import Member, Verb
from hub.recipes import Recipes

InState = Annotated[DecisionState, msgspec.Meta(description="`open` are those that wait for an answer.")]
OfRecipe = Annotated[str | None, msgspec.Meta(description="Only those of this recipe, by name or id.")]


@tool("List reviews", Verb.READ, foreign=True)
async def list_reviews(
    decisions: Decisions,
    recipes: Recipes,
    member: Member,
    *,
    state: InState = "open",
    recipe: OfRecipe = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Page[DecisionSummary]:
    """List reviews: extracted records that were not sure enough, with the reasons. People answer them, not you.

    Of the open ones what is due first comes first, of the others the newest.
    """
    of = await recipes.identify(member, recipe) if recipe else None
    found = await decisions.list(member, Wanted(kind=REVIEW, state=state, recipe=of, cursor=cursor, limit=limit))
    return Page(found.entries, found.cursor)


TOOLS = (list_reviews,)
