"""How triggers fare, and the ledger by target, over REST."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, QueryParameter
from msgspec.structs import replace

from hub.api.downloads import CSV, csv_file
from hub.api.paging import DEFAULT_LIMIT, Cursor, Limit, OfRecipe, Page, part
from hub.ids import parse_cursor
from hub.members import Member, Verb
from hub.recipes import Recipes
from hub.runs import Deliveries, Delivery, DeliveryFilter, TargetCount, TriggerHealth, Triggers

DeliveryState = Literal[
    "trouble", "pending", "accepted", "sent", "failed", "not_attempted", "unknown", "refused", "undone", "planned"
]
OfTarget = Annotated[str | None, QueryParameter(name="target", description="Only those to it, like `http.send`.")]
InState = Annotated[
    DeliveryState | None,
    QueryParameter(name="state", description="Only those in it; `trouble`: failed, refused or not known how it ended."),
]
Since = Annotated[datetime | None, QueryParameter(description="Only those written at this time or later.")]
Until = Annotated[datetime | None, QueryParameter(description="Only those written before this time.")]
Search = Annotated[str, QueryParameter(name="q", description="Part of a reference, message or key.")]


class TriggerController(Controller):
    """See how triggers fare."""

    path = "/triggers"

    @get("/", opt={"verb": Verb.READ})
    async def list_triggers(
        self,
        triggers: NamedDependency[Triggers],
        member: NamedDependency[Member],
        cursor: Cursor = None,
        limit: Limit = DEFAULT_LIMIT,
    ) -> Page[TriggerHealth]:
        """List the triggers of published recipes, failing ones first."""
        return part(await triggers.list(member), limit, cursor, lambda one: one.recipe)


class RecipeTriggerController(Controller):
    """See and ask a recipe's trigger."""

    path = "/recipes"

    @get("/{recipe_id:str}/trigger", opt={"verb": Verb.READ})
    async def show_trigger(
        self,
        triggers: NamedDependency[Triggers],
        recipes: NamedDependency[Recipes],
        member: NamedDependency[Member],
        recipe_id: FromPath[str],
    ) -> TriggerHealth:
        """Show how a recipe's trigger fares."""
        return await triggers.show(member, await recipes.identify(member, recipe_id))

    @post("/{recipe_id:str}/poll", status_code=200, opt={"verb": Verb.RUN})
    async def poll_trigger(
        self,
        triggers: NamedDependency[Triggers],
        recipes: NamedDependency[Recipes],
        member: NamedDependency[Member],
        recipe_id: FromPath[str],
    ) -> TriggerHealth:
        """Ask the trigger for news now."""
        return await triggers.poll(member, await recipes.identify(member, recipe_id))


async def _narrowed(
    recipes: NamedDependency[Recipes],
    member: NamedDependency[Member],
    target: OfTarget = None,
    recipe: OfRecipe = None,
    in_state: InState = None,
    since: Since = None,
    until: Until = None,
    search: Search = "",
) -> DeliveryFilter:
    """Read what the ledger is narrowed to, shown or downloaded."""
    of = await recipes.identify(member, recipe) if recipe else None
    return DeliveryFilter(target=target, recipe=of, state=in_state, since=since, until=until, text=search)


class DeliveryController(Controller):
    """Read the ledger of the workspace."""

    path = "/deliveries"
    dependencies = {"wanted": Provide(_narrowed)}

    @get("/", opt={"verb": Verb.READ})
    async def list_ledger(
        self,
        deliveries: NamedDependency[Deliveries],
        member: NamedDependency[Member],
        wanted: NamedDependency[DeliveryFilter],
        cursor: Cursor = None,
        limit: Limit = DEFAULT_LIMIT,
    ) -> Page[Delivery]:
        """List what was written where, the newest first."""
        found = await deliveries.list(member, replace(wanted, before=parse_cursor("dlv", cursor), limit=limit))
        return Page(found.entries, found.cursor)

    @get("/export.csv", opt={"verb": Verb.READ}, media_type=CSV)
    async def export_ledger(
        self,
        deliveries: NamedDependency[Deliveries],
        member: NamedDependency[Member],
        wanted: NamedDependency[DeliveryFilter],
    ) -> Response[bytes]:
        """Write deliveries as CSV, the newest 50,000 that match."""
        return csv_file("deliveries", await deliveries.export(member, wanted))

    @get("/targets", opt={"verb": Verb.READ})
    async def list_targets(
        self,
        deliveries: NamedDependency[Deliveries],
        member: NamedDependency[Member],
        since: Since = None,
        cursor: Cursor = None,
        limit: Limit = DEFAULT_LIMIT,
    ) -> Page[TargetCount]:
        """Count deliveries by target, over the last week unless told otherwise; those with failures first."""
        return part(await deliveries.targets(member, since), limit, cursor, lambda one: one.target)


CONTROLLERS = [TriggerController, RecipeTriggerController, DeliveryController]
