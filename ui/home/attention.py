"""What needs a person: reviews, dead letters, triggers and connections that fail, drafts with problems."""

from __future__ import annotations

from hub.decisions import APPROVAL, REVIEW
from hub.members import Member
from hub.text import count, say
from ui.pieces import link_button, note
from ui.recipes.parts import named_problem
from ui.visit import Visit

MOST = 5
# Recipes beyond these are looked for on their own page.
LOOKED_AT = 100
WELL = frozenset({"ok", "untested"})


async def attention(visit: Visit, member: Member) -> None:
    """Name what a person has to mend or answer; say so when it is nothing."""
    services = visit.services
    overview = await services.history.overview(member)
    recipes = (await services.recipes.list(member, limit=LOOKED_AT)).items
    refused = [one for one in await services.connections.list(member) if one.state not in WELL]
    failing = [one for one in recipes if one.trigger.failures]
    blocked = [one for one in recipes if one.problems]
    asked = await _people(visit, member)
    if overview.dead:
        with note("bad", "report", count("home.dead", overview.dead), say("home.dead_text")):
            link_button(say("home.dead_look"), "/dead-letters", "look-dead")
    for recipe in failing[:MOST]:
        title = say("home.trigger", name=recipe.title or recipe.name)
        with note("bad", "sensors_off", title, recipe.trigger.message):
            link_button(say("home.look"), f"/recipes/{recipe.id}", f"look-{recipe.name}")
    for connection in refused[:MOST]:
        with note("bad", "key_off", say("home.connection", name=connection.name), connection.message):
            link_button(say("home.look"), f"/connections/{connection.id}", f"look-{connection.name}")
    for recipe in blocked[:MOST]:
        title = count("home.problems", len(recipe.problems), name=recipe.title or recipe.name)
        with note("wait", "edit_note", title, named_problem(recipe.problems[0])):
            link_button(say("home.mend"), f"/recipes/{recipe.id}?tab=editor", f"mend-{recipe.name}")
    if not (overview.dead or failing or blocked or refused or asked):
        with note("ok", "check_circle", say("home.well"), say("home.well_text")):
            pass


async def _people(visit: Visit, member: Member) -> int:
    """Say what waits for a person's answer, and return how much."""
    asked = 0
    for kind, icon, target, verb in (
        (REVIEW, "fact_check", "/reviews", "review"),
        (APPROVAL, "approval", "/approvals", "approve"),
    ):
        waiting = await visit.services.decisions.count(member, kind)
        asked += waiting
        if waiting:
            key = f"home.{target[1:]}"
            with note("wait", icon, count(key, waiting), say(f"{key}_text")):
                link_button(say(f"home.{verb}"), target, f"home-{verb}")
    return asked
