"""Home: what needs attention, what ran, and how much came through; each part fails on its own."""

from __future__ import annotations

from nicegui import ui

from hub.members import Member, Verb
from hub.runs import Filter
from hub.text import say
from ui.frame import page
from ui.home.attention import attention
from ui.home.volumes import volumes
from ui.panel import panel
from ui.pieces import card, card_with, div, empty, heading, link_button, note, words
from ui.runs.listing import short_row
from ui.services import Services
from ui.visit import Visit

MOST = 100
RECENT = 8


def create(services: Services) -> None:
    """Serve the page at /."""

    @page("/", services, "home", say("nav.home"))
    async def home_page(visit: Visit) -> None:
        with heading(say("home.title"), say("home.sub")):
            if visit.may(Verb.EDIT_RECIPES):
                link_button(say("recipes.new"), "/recipes/new", "new-recipe", kind="primary", icon="add")
        if not (await services.recipes.list(visit.opened_by, limit=1)).items:
            await _welcome(visit)
            return
        with div("pd-stack-wide"):
            await _unfinished(visit)
            await panel(visit, lambda member: attention(visit, member), "attention", "pd-stack")
            await panel(visit, lambda member: _figures(visit, member), "figures")
            with card(say("volumes.title")):
                await panel(visit, lambda member: volumes(visit, member), "volumes")
            with card_with(say("home.recent"), say("home.all_runs"), "/runs"):
                await panel(visit, lambda member: _recent(visit, member), "recent")


async def _welcome(visit: Visit) -> None:
    """Greet who has no recipe yet, with the tour as the way in."""
    state = await visit.services.tours.show(visit.opened_by)

    def actions() -> None:
        if visit.may(Verb.EDIT_RECIPES):
            label = say("tour.resume" if state.step > 1 else "tour.begin")
            link_button(label, "/tour", "tour", kind="primary", icon="rocket_launch")
            link_button(say("home.first_recipe"), "/recipes/new", "first-recipe", icon="add")
        link_button(say("home.see_connectors"), "/connectors", "see-connectors", icon="extension")

    with card(pad=False):
        empty("account_tree", say("home.empty"), say("home.empty_text"), actions)


async def _unfinished(visit: Visit) -> None:
    """Offer to go on with a tour that was begun and neither ended nor put away."""
    state = await visit.services.tours.show(visit.opened_by)
    if state.step > 1 and not state.ended and visit.may(Verb.EDIT_RECIPES):
        with note("run", "rocket_launch", say("tour.unfinished"), say("tour.unfinished_text", step=state.step)):
            link_button(say("tour.resume"), "/tour", "tour")


async def _figures(visit: Visit, member: Member) -> None:
    overview = await visit.services.history.overview(member)
    recipes = (await visit.services.recipes.list(member, limit=MOST)).items
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


async def _recent(visit: Visit, member: Member) -> None:
    runs = (await visit.services.history.list(member, Filter(limit=RECENT))).entries
    if not runs:
        empty("play_circle", say("runs.none"), say("runs.none_text"))
    for run in runs:
        short_row(run)
