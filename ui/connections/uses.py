"""Who uses a connection, when, and what last went wrong: with the way to each."""

from __future__ import annotations

from nicegui import ui

from hub.connections import ConnectionSummary, ConnectionUses, Use
from hub.ids import parse
from hub.members import Member
from hub.text import count, say
from ui.ask import confirm
from ui.panel import panel
from ui.pieces import card, div, link_button, moment, note, pill, state, words
from ui.visit import Visit


async def uses_card(visit: Visit, found: ConnectionSummary) -> None:
    """Draw the recipes that name a connection, and how that went lately."""

    async def draw(member: Member) -> None:
        known = await visit.services.connection_uses.show(member, parse("con", found.id))
        _failure(known)
        with div("pd-line"):
            words(say("connection.last_used"), "pd-soft", "span")
            moment(known.used_at)
        if not known.uses:
            words(say("connection.no_use"), "pd-muted")
        for one in known.uses:
            _use(one)

    with card(say("connection.used")):
        await panel(visit, draw, "uses", "pd-stack")


def _use(one: Use) -> None:
    with div("pd-line"):
        ui.link(one.title, f"/recipes/{one.recipe}").mark(f"used-by {one.name}")
        state("live" if one.live else "draft")
        for step in one.steps:
            pill(say("connection.as_trigger") if step == "trigger" else step)


def _failure(known: ConnectionUses) -> None:
    """Say what went wrong; refused credentials ask to connect again."""
    if known.failure is None:
        return
    again = known.failure.kind == "CredentialsError"
    title = say("connections.advice_CredentialsError") if again else say("connection.last_error")
    sentence = say("connection.failed_at", recipe=known.failure.name, step=known.failure.step,
                   message=known.failure.message)  # fmt: skip
    target = f"/items/{known.failure.item}" if known.failure.item else f"/recipes/{known.failure.recipe}"
    with note("bad", "key_off" if again else "error", title, sentence):
        link_button(say("home.look"), target, "look-failure")


async def ask_to_remove(visit: Visit, member: Member, found: ConnectionSummary) -> None:
    """Say what would break before a connection is deleted; the service refuses while something live uses it."""
    known = await visit.services.connection_uses.show(member, parse("con", found.id))
    live = [one.title for one in known.uses if one.live]
    drafts = [one.title for one in known.uses if not one.live]
    told = [say("connection.remove_text", name=found.name)]
    if live:
        told.append(count("connection.breaks_live", len(live), recipes=", ".join(live)))
    if drafts:
        told.append(count("connection.breaks_drafts", len(drafts), recipes=", ".join(drafts)))

    async def remove(actor: Member) -> None:
        await visit.services.connections.remove(actor, parse("con", found.id))
        ui.navigate.to("/connections")

    confirm(visit, say("connection.remove"), " ".join(told), remove)
