"""Home: what needs attention, what ran, and how much."""

from __future__ import annotations

from collections.abc import Sequence

from nicegui import ui

from hub.connections import ConnectionSummary
from hub.decisions import APPROVAL, REVIEW
from hub.members import Verb
from hub.recipes import RecipeSummary
from hub.runs import Filter, Overview, RunSummary, Volume
from hub.text import count, say
from ui.frame import page
from ui.pieces import card, card_with, div, empty, heading, link_button, note, words
from ui.runs.listing import short_row
from ui.services import Services
from ui.visit import Visit

MOST = 100


def create(services: Services) -> None:
    """Serve the page at /."""

    @page("/", services, "home", say("nav.home"))
    async def home_page(visit: Visit) -> None:
        member = visit.opened_by
        overview = await services.history.overview(member)
        recipes = (await services.recipes.list(member, limit=MOST)).items
        connections = await services.connections.list(member)
        runs: Sequence[RunSummary] = (await services.history.list(member, Filter(limit=8))).entries
        with heading(say("home.title"), say("home.sub")):
            if visit.may(Verb.EDIT_RECIPES):
                link_button(say("recipes.new"), "/recipes/new", "new-recipe", kind="primary", icon="add")
        waiting = {kind: await services.decisions.count(member, kind) for kind in (REVIEW, APPROVAL)}
        if not recipes:
            _welcome(visit)
            return
        with div("pd-stack-wide"):
            _people(waiting)
            _attention(overview, recipes, connections, asked=sum(waiting.values()))
            _figures(overview, recipes)
            with div("pd-two"):
                _recent(runs)
                _volumes(overview.volumes)


def _welcome(visit: Visit) -> None:
    def actions() -> None:
        if visit.may(Verb.EDIT_RECIPES):
            link_button(say("home.first_recipe"), "/recipes/new", "first-recipe", kind="primary", icon="add")
        link_button(say("home.see_connectors"), "/connectors", "see-connectors", icon="extension")

    with card(pad=False):
        empty("account_tree", say("home.empty"), say("home.empty_text"), actions)


def _people(waiting: dict[str, int]) -> None:
    """Say what waits for a person."""
    for kind, icon, target, verb in ((REVIEW, "fact_check", "/reviews", "review"),
                                     (APPROVAL, "approval", "/approvals", "approve")):  # fmt: skip
        if waiting[kind]:
            key = f"home.{target[1:]}"
            with note("wait", icon, count(key, waiting[kind]), say(f"{key}_text")):
                link_button(say(f"home.{verb}"), target, f"home-{verb}")


def _attention(
    overview: Overview,
    recipes: Sequence[RecipeSummary],
    connections: Sequence[ConnectionSummary],
    *,
    asked: int,
) -> None:
    """Name what a person has to mend; say so when it is nothing."""
    failing = [one for one in recipes if one.trigger.failures]
    blocked = [one for one in recipes if one.problems]
    refused = [one for one in connections if one.state not in {"ok", "untested"}]
    if overview.dead:
        with note("bad", "report", count("home.dead", overview.dead), say("home.dead_text")):
            link_button(say("home.dead_look"), "/dead-letters", "look-dead")
    for recipe in failing[:5]:
        with note("bad", "sensors_off", say("home.trigger", name=_name(recipe)), recipe.trigger.message):
            link_button(say("home.look"), f"/recipes/{recipe.id}", f"look-{recipe.name}")
    for connection in refused[:5]:
        with note("bad", "key_off", say("home.connection", name=connection.name), connection.message):
            link_button(say("home.look"), f"/connections/{connection.id}", f"look-{connection.name}")
    for recipe in blocked[:5]:
        sentence = recipe.problems[0].message
        with note("wait", "edit_note", count("home.problems", len(recipe.problems), name=_name(recipe)), sentence):
            link_button(say("home.mend"), f"/recipes/{recipe.id}?tab=editor", f"mend-{recipe.name}")
    if not (overview.dead or failing or blocked or refused or asked):
        with note("ok", "check_circle", say("home.well"), say("home.well_text")):
            pass


def _figures(overview: Overview, recipes: Sequence[RecipeSummary]) -> None:
    delivered = sum(one.delivered for one in overview.volumes)
    figures = (
        (say("home.delivered"), f"{delivered:,}", f"/runs?since={overview.volumes[0].day}"),
        (say("home.live"), str(sum(one.state == "live" for one in recipes)), "/recipes"),
        (say("home.running"), str(overview.running), "/runs?state=running"),
        (say("home.open_dead"), f"{overview.dead:,}", "/dead-letters"),
    )
    with div("pd-stats"):
        for label, value, target in figures:
            with ui.element("a").props(f"href={target}").classes("pd-card pd-stat").mark(f"figure {target}"):
                words(value, "pd-stat-value")
                words(label, "pd-soft pd-small")


def _recent(runs: Sequence[RunSummary]) -> None:
    with card_with(say("home.recent"), say("home.all_runs"), "/runs"):
        if not runs:
            empty("play_circle", say("runs.none"), say("runs.none_text"))
        for run in runs:
            short_row(run)


def _volumes(volumes: Sequence[Volume]) -> None:
    """Draw items a day as bars; the numbers are also there as text for those who cannot see them."""
    most = max((one.delivered + one.filtered + one.dead for one in volumes), default=0) or 1
    with card(say("home.volumes")):
        with div("pd-line pd-legends"):
            for name, colour in (("delivered", "accent"), ("filtered", "accent-pale"), ("dead", "bad")):
                words(say(f"state.{name}"), "pd-legend", "span").style(f"--key: var(--{colour})")
        with div("pd-chart").props(f'role=img aria-label="{say("home.volumes_label")}"'):
            for one in volumes:
                with div("pd-bar") as bar:
                    for name in ("delivered", "filtered", "dead"):
                        div(f"pd-{name}").style(f"height: {getattr(one, name) / most * 100:.2f}%")
                figures = f"{one.delivered:,} / {one.filtered:,} / {one.dead:,}"
                bar.props["title"] = f"{one.day:%a %d %b}: {figures}"
        with div("pd-axis"):
            words(f"{volumes[0].day:%d %b}", tag="span")
            words(count("home.most", most), tag="span")
            words(say("home.today"), tag="span")


def _name(recipe: RecipeSummary) -> str:
    return recipe.title or recipe.name
