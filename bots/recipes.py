"""Commands about recipes: list, show, run, plan, pause, resume."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from bots.asked import Asked, command
from bots.finding import MOST, clipped, find_recipe
from bots.replies import Button, Reply, Table
from connectors.sdk.registry import find
from hub.errors import InvalidError, Problem
from hub.ids import parse
from hub.members import Verb
from hub.recipes.views import RecipeView, State
from hub.runs import PlanResult

_SHOWN = 30
_BUTTONS = 6
_PROBLEMS = 6
# Behind it stands the revision that was shown when somebody said yes; nobody types it.
_CONFIRMED = "\u2060#"
_REVISION = re.compile(r"[0-9]{1,9}")


@command()
async def recipes(asked: Asked) -> Reply:
    """List the recipes and how they fare."""
    page = await asked.services.recipes.list(asked.member, limit=MOST)
    if not page.items:
        return Reply(text="There are no recipes yet. Say new and what you want in plain words.")
    rows = [
        (one.name, one.state.value, _trouble(len(one.problems), one.trigger.failures)) for one in page.items[:_SHOWN]
    ]
    more = f" Here are the first {_SHOWN}." if len(page.items) > _SHOWN else ""
    number = f"{len(page.items)} recipe{'s' if len(page.items) != 1 else ''}."
    return Reply(
        text=number + more,
        table=Table(("Recipe", "State", ""), rows),
        buttons=[Button(clipped(one.title or one.name, 30), f"show {one.name}") for one in page.items[:_BUTTONS]],
    )


@command("<recipe>")
async def show(asked: Asked) -> Reply:
    """Show a recipe: its trigger, its steps and what can be done with it."""
    found = await find_recipe(asked, "show")
    view = await asked.services.recipes.show(asked.member, found.id)
    lines = [f"{view.title or view.name} ({view.state.value})", *steps_of(view.document)]
    if view.problems:
        lines += ["", "Problems:", *mending(view.problems)]
    lines += ["", asked.link(f"recipes/{view.name}")]
    return Reply(text="\n".join(lines), buttons=_buttons(view))


@command("<recipe>", acts=True)
async def run(asked: Asked) -> Reply:
    """Start a recipe now."""
    found = await find_recipe(asked, "run")
    identity = parse("rcp", found.id)
    submitted = await asked.services.runs.submit(asked.member, identity, None, key=asked.key or None)
    buttons = [Button("Its runs", f"runs {found.name}")]
    if submitted.item is not None:
        told = "was started with this message already" if submitted.duplicate else "has started"
        return Reply(text=f"{found.name} {told}.", buttons=buttons, follows=parse("itm", submitted.item))
    if not submitted.found:
        return Reply(text=f"{found.name} has looked and found nothing new.", buttons=buttons)
    things = "1 item" if submitted.found == 1 else f"{submitted.found} items"
    return Reply(text=f"{found.name} has started with {things}.", buttons=buttons)


@command("<recipe>")
async def plan(asked: Asked) -> Reply:
    """Tell what a recipe would write, without writing anything."""
    found = await find_recipe(asked, "plan")
    result = await asked.services.runs.plan(asked.member, parse("rcp", found.id), None)
    return planned(asked, found.name, result)


@command("<recipe>", acts=True)
async def pause(asked: Asked) -> Reply:
    """Let a recipe take items without working on them."""
    found = await find_recipe(asked, "pause")
    await asked.services.recipes.pause(asked.member, found.id)
    return Reply(
        text=f"{found.name} is paused. What arrives is kept until you resume it.",
        buttons=[Button("Resume", f"resume {found.name}")],
    )


@command("<recipe>", acts=True)
async def resume(asked: Asked) -> Reply:
    """Let a paused recipe work again, also on what came meanwhile."""
    found = await find_recipe(asked, "resume")
    await asked.services.recipes.resume(asked.member, found.id)
    return Reply(text=f"{found.name} works again.", buttons=[Button("Pause", f"pause {found.name}")])


@command("<recipe>", acts=True)
async def publish(asked: Asked) -> Reply:
    """Let a draft go live; you are asked again first."""
    asked.member.authorize(Verb.EDIT_RECIPES)
    name, _, confirmed = asked.argument.partition(_CONFIRMED)
    found = await find_recipe(asked.with_argument(name.strip()), "publish")
    view = await asked.services.recipes.show(asked.member, found.id)
    if view.problems:
        problems = "\n".join(mending(view.problems))
        raise InvalidError(f"{view.name} cannot be published yet. To mend first:\n{problems}")
    if not view.changed:
        return Reply(text=f"{view.name} is published as it is.", buttons=_buttons(view))
    if not _REVISION.fullmatch(confirmed):
        lines = [f"Publish {view.name}? From then on it works on its own, on everything that arrives.", ""]
        button = Button("Publish it", f"publish {view.name}{_CONFIRMED}{view.revision}", once=True)
        return Reply(text="\n".join([*lines, *steps_of(view.document)]), buttons=[button])
    done = await asked.services.recipes.publish(
        asked.member, found.id, revision=int(confirmed), note="Published in chat"
    )
    text = f"{view.name} is published as version {done.version} and works on its own now."
    return Reply(text=text, buttons=_buttons(done.recipe))


def planned(asked: Asked, name: str, result: PlanResult) -> Reply:
    """Tell what a plan would write."""
    link = asked.link(f"runs/{result.run.id}")
    if not result.writes:
        reason = clipped(result.item.item.reason, 200)
        told = f"{name} would write nothing for this item."
        return Reply(text=f"{told} {reason}\n{link}" if reason else f"{told}\n{link}")
    rows = [
        (str(change.get("kind", "send")), write.target, _row(change.get("after") or change.get("before")))
        for write in result.writes[:10]
        for change in (write.changes[:5] or [{"after": write.request}])
    ]
    count = len(result.writes)
    told = f"{name} would make {count} write{'s' if count != 1 else ''}. Nothing has been written."
    return Reply(text=f"{told}\n{link}", table=Table(("What", "Where", "Row"), rows))


def mending(problems: Sequence[Problem]) -> list[str]:
    """Return what is to mend in a recipe, a line each; a sentence that names no setting is told with its place."""
    places = {one: one.path.removeprefix("spec.").replace(".with.", ", ") for one in problems[:_PROBLEMS]}
    return [
        f"- {f'{place}: ' if one.message.startswith('This is') else ''}{clipped(one.message, 200)}"
        for one, place in places.items()
    ]


def steps_of(document: dict[str, Any]) -> list[str]:
    """Return a recipe's trigger and steps as numbered lines."""
    spec = document["spec"]
    lines = [f"When: {_title(str(spec['trigger']['uses']))}"]
    for number, step in enumerate(spec.get("steps", ()), 1):
        lines.append(f"{number}. {step.get('title') or _title(str(step['uses']))}")
    return lines


def _row(content: Any) -> str:
    if isinstance(content, dict):
        return clipped(", ".join(f"{name}: {value}" for name, value in content.items() if value not in (None, "")), 80)
    return clipped(content, 80)


def _title(uses: str) -> str:
    part = find(uses)
    return f"{part.connector.title}: {part.title}" if part else uses.replace("_", " ").capitalize()


def _trouble(problems: int, failures: int) -> str:
    if failures:
        return "trigger fails"
    return f"{problems} problem{'s' if problems != 1 else ''}" if problems else ""


def _buttons(view: RecipeView) -> list[Button]:
    if view.state is State.DRAFT:
        return [Button("Publish…", f"publish {view.name}"), Button("Plan", f"plan {view.name}")]
    other = (
        Button("Resume", f"resume {view.name}") if view.state is State.PAUSED else Button("Pause", f"pause {view.name}")
    )
    return [
        Button("Run now", f"run {view.name}"),
        Button("Plan", f"plan {view.name}"),
        other,
        Button("Runs", f"runs {view.name}"),
    ]
