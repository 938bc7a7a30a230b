"""Commands about what happened and how things stand: runs, status."""

from __future__ import annotations

from bots.asked import Asked, command
from bots.finding import find_recipe
from bots.replies import Button, Reply, Table
from hub.decisions import APPROVAL, REVIEW
from hub.ids import parse
from hub.recipes.views import State
from hub.runs import Filter, RunSummary

_SHOWN = 10
_DAYS = 7


@command("[recipe]")
async def runs(asked: Asked) -> Reply:
    """List the last runs, of one recipe or of all."""
    found = await find_recipe(asked, "runs") if asked.argument else None
    wanted = Filter(recipe=parse("rcp", found.id) if found else None, limit=_SHOWN)
    entries = (await asked.services.history.list(asked.member, wanted)).entries
    if not entries:
        return Reply(text=f"{found.name if found else 'Nothing'} has not run yet.")
    rows = [(one.recipe_name, state_of(one), f"{one.started_at:%d %b %H:%M}") for one in entries]
    return Reply(
        text=f"The last {len(rows)} runs, times in UTC.\n{asked.link('runs')}",
        table=Table(("Recipe", "State", "Started"), rows),
    )


@command()
async def status(asked: Asked) -> Reply:
    """Tell how things stand: recipes, runs, what failed and what waits for an answer."""
    services, member = asked.services, asked.member
    overview = await services.history.overview(member, _DAYS)
    page = await services.recipes.list(member, limit=500)
    reviews = await services.decisions.count(member, REVIEW)
    approvals = await services.decisions.count(member, APPROVAL)
    failing = [one.name for one in page.items if one.trigger.failures]
    lines = [
        f"Recipes: {sum(one.state is State.LIVE for one in page.items)} live, "
        f"{sum(one.state is State.PAUSED for one in page.items)} paused",
        f"Running now: {overview.running}",
        f"Delivered in {_DAYS} days: {sum(one.delivered for one in overview.volumes)}",
        f"Failed for good: {overview.dead}",
        f"Waiting for an answer: {reviews} review{'s' if reviews != 1 else ''}, "
        f"{approvals} approval{'s' if approvals != 1 else ''}",
    ]
    if failing:
        lines.append(f"Triggers that fail: {', '.join(failing[:5])}")
    buttons = [Button("What waits", "reviews")] if reviews or approvals else []
    return Reply(text="\n".join(lines), buttons=[*buttons, Button("Runs", "runs"), Button("Recipes", "recipes")])


def state_of(one: RunSummary) -> str:
    """Say how a run stands: its state and what became of its items."""
    counts = one.counts
    told = [
        (counts.delivered, "delivered"),
        (counts.dead, "failed"),
        (counts.waiting, "waiting"),
        (counts.filtered, "filtered"),
    ]
    numbers = ", ".join(f"{number} {word}" for number, word in told if number)
    kind = "" if one.kind == "live" else f"{one.kind}, "
    return f"{kind}{one.state}{f': {numbers}' if numbers else ''}"
