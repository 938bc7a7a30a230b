"""Tools for recipes: find, check, draft, plan and run them."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from hub.errors import ConflictError, ForbiddenError, InvalidError, Problem
from hub.ids import parse
from hub.mcp.paging import Page
from hub.mcp.tools import ADDS, Cursor, Effect, Limit, tool
from hub.members import Member, Verb
from hub.recipes import RecipeDocument, Recipes, RecipeSummary, RecipeView, from_plain
from hub.recipes import parse as parse_document
from hub.runs import Delivery, PlanResult, Runs, RunSummary

Query = Annotated[str, msgspec.Meta(description="Part of a name, title or label; empty for all.")]
Reference = Annotated[str, msgspec.Meta(description="Name or id from search_recipes.")]
Written = Annotated[
    dict[str, Any] | str,
    msgspec.Meta(description="The whole document as an object or YAML; see the resource patchdeck://recipe-schema."),
]
Revision = Annotated[
    int | None,
    msgspec.Meta(description="`revision` that get_recipe gave, to replace the draft of a recipe that is there."),
]
Sample = Annotated[
    Any, msgspec.Meta(description="Content of one item, as the trigger would bring it, or the id of a stored one.")
]
Draft = Annotated[bool, msgspec.Meta(description="Plan the draft; false plans the published version.")]
Live = Annotated[bool, msgspec.Meta(description="True writes for real, once the person has agreed to it.")]
Once = Annotated[
    str | None, msgspec.Meta(description="A key of the item; a second live run with the same one does nothing.")
]


class RecipeLine(msgspec.Struct, frozen=True, kw_only=True):
    """A recipe in a list."""

    id: str
    name: str
    title: str
    labels: list[str]
    state: str
    version: int | None
    changed: bool
    problems: int
    trigger: str


class Validation(msgspec.Struct, frozen=True):
    """Whether a document could be published here, and what is in the way."""

    valid: bool
    problems: list[Problem]


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """A stored draft: it runs on nothing until a person publishes it."""

    recipe: RecipeView
    next_step: str


class StepOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """How one step went in a plan, and what it gave."""

    step: str
    path: str
    state: str
    message: str | None
    output: Any


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a run would do: every write it would make, none of them made, and how each step went."""

    run: RunSummary
    writes: list[Delivery]
    steps: list[StepOutcome]


class Started(msgspec.Struct, frozen=True, kw_only=True):
    """What came of running: live, the item that is being worked on; else the plan, and why it is only that."""

    live: bool
    told: str
    item: str | None = None
    duplicate: bool = False
    found: int = 0
    plan: Plan | None = None


@tool("Search recipes", Verb.READ)
async def search_recipes(
    recipes: Recipes, member: Member, *, query: Query = "", limit: Limit = 20, cursor: Cursor = None
) -> Page[RecipeLine]:
    """Find the automations ("recipes") of this workspace: a trigger, steps and targets each.

    `state` is draft, live or paused; `changed` tells that the draft differs from what runs. Call get_recipe for the
    document of one.
    """
    found = await recipes.list(member, limit=limit, cursor=cursor, search=query)
    return Page([_line(one) for one in found.items], found.cursor)


@tool("Show a recipe", Verb.READ)
async def get_recipe(recipes: Recipes, member: Member, *, recipe: Reference) -> RecipeView:
    """Show one recipe: its draft document, state, problems, and how its trigger fares."""
    return await recipes.show(member, recipe)


@tool("Check a recipe document", Verb.READ)
async def validate_recipe(recipes: Recipes, member: Member, *, document: Written) -> Validation:
    """Check a recipe document against this workspace without storing it; every problem has the path it is at.

    Call this before propose_recipe. list_connectors tells which triggers, lookups and targets there are.
    """
    try:
        problems = list(await recipes.validate(member, _document(document)))
    except InvalidError as error:
        problems = list(error.errors) or [Problem("", error.message)]
    return Validation(not problems, problems)


@tool("Propose a recipe", Verb.EDIT_RECIPES, ADDS)
async def propose_recipe(recipes: Recipes, member: Member, *, document: Written, revision: Revision = None) -> Proposal:
    """Store a recipe as a draft for a person to look at. You cannot publish it, so nothing runs by it.

    A new name makes a new recipe. To replace the draft of an existing one, pass the `revision` that get_recipe gave, so
    that nobody's changes are lost. A draft may have problems; they are listed in `recipe.problems`.
    """
    given = _document(document)
    if revision is None:
        view = await _created(recipes, member, given)
    else:
        view = await recipes.save(member, given.metadata.name, given, revision=revision)
    return Proposal(recipe=view, next_step=f"A person checks the draft of {view.name} and publishes it.")


@tool("Plan a recipe", Verb.PLAN, Effect(outside=True), foreign=True)
async def plan_recipe(
    recipes: Recipes,
    runs: Runs,
    member: Member,
    *,
    recipe: Reference,
    item: Sample = None,
    draft: Draft = True,
) -> Plan:
    """Try a recipe on one item without writing anything outside: lookups are real, each write is captured and shown.

    Without `item` the last one, or what the trigger reads now, is taken.
    """
    return await _plan(recipes, runs, member, recipe, item, draft=draft)


@tool("Run a recipe", Verb.PLAN, Effect(destroys=True, outside=True), foreign=True)
async def run_recipe(
    recipes: Recipes,
    runs: Runs,
    member: Member,
    *,
    recipe: Reference,
    item: Sample = None,
    live: Live = False,
    key: Once = None,
) -> Started:
    """Run a published recipe. Unless `live` is true this only plans: it shows what would be written and writes nothing.

    Show the plan to the person first, and pass `live: true` only after they agreed. A live run goes on in the
    background: follow it with list_runs and get_run. Pass `key` so that a call which you repeat does not run twice. An
    API key that may not run gets the plan, with `live: false`.
    """
    if not live:
        plan = await _plan(recipes, runs, member, recipe, item, draft=False)
        return Started(live=False, told="This is a plan; nothing was written.", plan=plan)
    try:
        member.authorize(Verb.RUN)
    except ForbiddenError as error:
        plan = await _plan(recipes, runs, member, recipe, item, draft=False)
        return Started(live=False, told=f"{error.message} So this is only a plan; nothing was written.", plan=plan)
    if _item_id(item):
        message = "A live run takes the content of a new item; a stored one is replayed in the web interface."
        raise InvalidError(message, errors=[Problem("item", message)])
    made = await runs.submit(member, await recipes.identify(member, recipe), item, key=key)
    told = "The item was there already." if made.duplicate else "The recipe runs; see list_runs."
    return Started(live=True, told=told, item=made.item, duplicate=made.duplicate, found=made.found)


async def _created(recipes: Recipes, member: Member, given: RecipeDocument) -> RecipeView:
    try:
        return await recipes.create(member, given)
    except ConflictError as error:
        message = f"{error.message} To replace its draft, call get_recipe and pass the revision it gives."
        raise ConflictError(message) from error


async def _plan(recipes: Recipes, runs: Runs, member: Member, recipe: str, item: Any, *, draft: bool) -> Plan:
    member.authorize(Verb.PLAN)
    identity, stored = await recipes.identify(member, recipe), _item_id(item)
    content = None if stored else item
    planned = await runs.plan(member, identity, content, item=parse("itm", stored) if stored else None, draft=draft)
    return _shown(planned)


def _shown(planned: PlanResult) -> Plan:
    steps = [
        StepOutcome(step=one.step, path=one.path, state=one.state, message=one.message, output=one.output)
        for one in planned.item.attempts
    ]
    return Plan(run=planned.run, writes=planned.writes, steps=steps)


def _line(one: RecipeSummary) -> RecipeLine:
    return RecipeLine(
        id=one.id,
        name=one.name,
        title=one.title,
        labels=one.labels,
        state=one.state,
        version=one.version,
        changed=one.changed,
        problems=len(one.problems),
        trigger=one.trigger.uses,
    )


def _document(given: dict[str, Any] | str) -> RecipeDocument:
    return parse_document(given) if isinstance(given, str) else from_plain(given)


def _item_id(item: Any) -> str | None:
    return item if isinstance(item, str) and item.startswith("itm_") and len(item) == 30 else None


TOOLS = (search_recipes, get_recipe, validate_recipe, propose_recipe, plan_recipe, run_recipe)
