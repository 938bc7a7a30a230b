"""Tools for runs: what happened, and why."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from hub.ids import parse, parse_cursor
from hub.mcp.paging import Page
from hub.mcp.tools import Cursor, Limit, tool
from hub.members import Member, Verb
from hub.recipes import Recipes
from hub.runs import Filter, History, ItemDetail, ItemSummary, RunSummary

RunState = Literal["running", "done", "cancelled"]
RunKind = Literal["live", "plan", "apply", "undo"]

OfRecipe = Annotated[str | None, msgspec.Meta(description="Only those of this recipe, by name or id.")]
InState = Annotated[RunState | None, msgspec.Meta(description="Only those in this state.")]
OfKind = Annotated[RunKind | None, msgspec.Meta(description="Only live runs, plans, applied plans or undone runs.")]
Since = Annotated[datetime | None, msgspec.Meta(description="Only those that started at or after this time.")]
Reference = Annotated[str, msgspec.Meta(description="Id of a run, `run_…`.")]
OneItem = Annotated[
    str | None, msgspec.Meta(description="Id of one item, `itm_…`, to see every step's input, output and error.")
]


class RunView(msgspec.Struct, frozen=True, kw_only=True):
    """A run with a page of its items; `item` in full when one was asked for."""

    run: RunSummary
    items: list[ItemSummary]
    next_cursor: str | None = None
    item: ItemDetail | None = None


@tool("List runs", Verb.READ)
async def list_runs(
    history: History,
    recipes: Recipes,
    member: Member,
    *,
    recipe: OfRecipe = None,
    state: InState = None,
    kind: OfKind = None,
    since: Since = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Page[RunSummary]:
    """List runs of recipes, the newest first, with how many items were delivered, filtered, failed ("dead") or wait."""
    before = parse_cursor("run", cursor)
    of = await recipes.identify(member, recipe) if recipe else None
    wanted = Filter(recipe=of, state=state, kind=kind, since=since, before=before, limit=limit)
    page = await history.list(member, wanted)
    return Page(page.entries, page.cursor)


@tool("Show a run", Verb.READ, foreign=True)
async def get_run(
    history: History,
    member: Member,
    *,
    run: Reference,
    item: OneItem = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> RunView:
    """Show a run and its items: each item's state, the step it is at, and the reason when it failed or waits.

    Pass `item` as well to see every step of that one with input, output, error and what was written.
    """
    before = parse_cursor("itm", cursor)
    identity = parse("run", run)
    summary = await history.show(member, identity)
    page = await history.items(member, Filter(run=identity, before=before, limit=limit))
    detail = await history.item(member, parse("itm", item)) if item else None
    return RunView(run=summary, items=list(page.entries), next_cursor=page.cursor, item=detail)


TOOLS = (list_runs, get_run)
