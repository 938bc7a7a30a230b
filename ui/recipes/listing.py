"""Recipes: the list with how each fares, and what can be done with one at once."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from nicegui import ui

from hub.ids import parse
from hub.members import Member, Verb
from hub.recipes import RecipeSummary
from hub.runs import RunSummary
from hub.text import say
from ui.frame import page
from ui.pieces import (
    card,
    copy_button,
    div,
    empty,
    head_row,
    heading,
    link_button,
    moment,
    older,
    pill,
    round_button,
    row,
    state,
    symbol,
    words,
)
from ui.services import Services
from ui.visit import Visit

PAGE = 50


def create(services: Services) -> None:
    """Serve the page at /recipes."""

    @page("/recipes", services, "recipes", say("nav.recipes"))
    async def recipes_page(visit: Visit) -> None:
        search, cursor = visit.asked("q"), visit.asked("cursor") or None
        found = await services.recipes.list(visit.opened_by, limit=PAGE, cursor=cursor, search=search)
        identities = [parse("rcp", one.id) for one in found.items]
        latest = await services.history.latest(visit.opened_by, identities)
        with heading(say("nav.recipes"), say("recipes.sub")):
            if visit.may(Verb.EDIT_RECIPES):
                link_button(say("recipes.new"), "/recipes/new", "new-recipe", kind="primary", icon="add")
        if found.items or search:
            _search(search)
        with card(pad=False):
            if not found.items:
                _nothing(visit, search)
                return
            head_row("recipes", ["", *(say(f"recipes.column_{name}") for name in _COLUMNS), ""])
            for recipe in found.items:
                _row(visit, recipe, latest[recipe.id])
            older(found.cursor, f"/recipes?q={quote(search)}" if search else "/recipes")


_COLUMNS = ("name", "state", "runs", "trigger")


def _search(search: str) -> None:
    def look() -> None:
        ui.navigate.to(f"/recipes?q={quote(field.value)}" if field.value else "/recipes")

    field = ui.input(label=say("recipes.search"), value=search).props("outlined dense clearable").mark("search")
    field.on("keydown.enter", look).on("clear", lambda: ui.navigate.to("/recipes"))
    field.style("max-width: 340px; margin-bottom: 14px")


def _row(visit: Visit, recipe: RecipeSummary, runs: Sequence[RunSummary]) -> None:
    name = recipe.title or recipe.name
    with row("recipes", f"/recipes/{recipe.id}", name, f"recipe {recipe.name}"):
        symbol(icon_of(recipe), "accent" if recipe.state == "live" else "mute")
        with div("pd-grow"):
            words(name, "pd-strong pd-clip")
            with div("pd-line pd-tight"):
                words(recipe.name if recipe.title else recipe.trigger.uses, "pd-muted pd-small pd-clip", "span")
                for label in recipe.labels[:3]:
                    pill(label)
        with div("pd-line pd-tight"):
            recipe_state(recipe)
        with div("pd-wide"):
            ticks(runs)
        with div("pd-wide"):
            _trigger(recipe, runs)
        with div("pd-line pd-above pd-wide").style("justify-content: flex-end; flex-wrap: nowrap; gap: 0"):
            if recipe.hook_url:
                copy_button(recipe.hook_url, f"copy-hook {recipe.name}")
            _switch(visit, recipe)


def icon_of(recipe: RecipeSummary) -> str:
    """Return the icon of a recipe's trigger."""
    from connectors.sdk.registry import find_trigger

    part = find_trigger(recipe.trigger.uses)
    return part.connector.icon if part else "account_tree"


def recipe_state(recipe: RecipeSummary) -> None:
    """Show whether a recipe runs, and whether its draft is ahead or broken."""
    state(recipe.state)
    if recipe.problems:
        pill(say("recipes.problems", number=len(recipe.problems)), alert=True)
    elif recipe.changed and recipe.version is not None:
        pill(say("recipes.changed"))


def ticks(runs: Sequence[RunSummary]) -> None:
    """Draw the last runs as small bars, the oldest first."""
    with div("pd-ticks", "span").props(f'role=img aria-label="{say("recipes.last_runs", number=len(runs))}"'):
        for _ in range(12 - len(runs)):
            div("pd-none", "span")
        for run in reversed(runs):
            tone = (
                "bad"
                if run.counts.dead
                else "run"
                if run.state == "running"
                else "mute"
                if run.state == "cancelled"
                else "ok"
            )
            div(f"pd-tone-{tone}", "span")


def _trigger(recipe: RecipeSummary, runs: Sequence[RunSummary]) -> None:
    trigger = recipe.trigger
    if trigger.failures:
        words(trigger.message or say("recipes.trigger_fails"), "pd-bad pd-small pd-clip")
    elif trigger.last_event_at or runs:
        moment(trigger.last_event_at or runs[0].started_at)
    else:
        words(say("recipes.no_event"), "pd-muted pd-small")


def _switch(visit: Visit, recipe: RecipeSummary) -> None:
    if recipe.state == "draft" or not visit.may(Verb.EDIT_RECIPES):
        return

    async def turn(member: Member) -> None:
        recipes = visit.services.recipes
        await (recipes.pause if recipe.state == "live" else recipes.resume)(member, recipe.id)
        ui.navigate.reload()

    live = recipe.state == "live"
    word = say("recipe.pause") if live else say("recipe.resume")
    round_button("pause" if live else "play_arrow", word, f"switch {recipe.name}", visit.does(turn))


def _nothing(visit: Visit, search: str) -> None:
    if search:
        empty("search_off", say("recipes.no_match"), say("recipes.no_match_text", search=search))
        return

    def actions() -> None:
        if visit.may(Verb.EDIT_RECIPES):
            link_button(say("recipes.new"), "/recipes/new", "new-recipe-empty", kind="primary", icon="add")

    empty("account_tree", say("recipes.none"), say("recipes.none_text"), actions)
