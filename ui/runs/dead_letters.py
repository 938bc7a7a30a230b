"""Dead letters: items that failed for good, why, and the way to send them on."""

from __future__ import annotations

from nicegui import ui

from hub.ids import parse
from hub.members import Member, Verb
from hub.runs import Filter, ItemSummary, Replay
from hub.text import count, say
from ui.ask import confirm
from ui.frame import page
from ui.pieces import button, card, div, empty, head_row, heading, moment, older, row, words
from ui.services import Services
from ui.visit import Visit

PAGE = 40


def create(services: Services) -> None:
    """Serve the page at /dead-letters."""

    @page("/dead-letters", services, "dead_letters", say("nav.dead_letters"))
    async def dead_letters_page(visit: Visit) -> None:
        cursor = visit.asked("cursor")
        wanted = Filter(state="dead", limit=PAGE, before=parse("itm", cursor) if cursor else None)
        found = await services.history.items(visit.opened_by, wanted)
        with heading(say("nav.dead_letters"), say("dead.sub")):
            if found.entries and visit.may(Verb.RUN):
                label = count("dead.replay_all", len(found.entries))
                button(label, "replay-all", lambda: _ask_all(visit, list(found.entries)), icon="replay")
        with card(pad=False):
            if not found.entries:
                empty("mark_email_read", say("dead.none"), say("dead.none_text"))
                return
            head_row("dead", [say(f"dead.column_{name}") for name in ("item", "reason", "when")] + [""])
            for item in found.entries:
                _row(visit, item)
            older(found.cursor, "/dead-letters")


def _row(visit: Visit, item: ItemSummary) -> None:
    async def replay(member: Member) -> None:
        await visit.services.runs.replay(member, parse("itm", item.id), Replay())
        ui.navigate.reload()

    with row("dead", f"/items/{item.id}", item.title or item.id, f"dead {item.id}"):
        with div("pd-grow"):
            words(item.title or item.id, "pd-strong pd-clip")
            words(item.recipe_name, "pd-muted pd-small pd-clip")
        with div("pd-grow"):
            words(item.reason or "", "pd-bad")
            if item.step:
                words(say("item.stopped_at", step=item.step), "pd-muted pd-small")
        moment(item.ended_at or item.accepted_at)
        with div("pd-above"):
            if visit.may(Verb.RUN):
                button(say("item.replay"), f"replay {item.id}", visit.does(replay), kind="quiet", icon="replay")


def _ask_all(visit: Visit, items: list[ItemSummary]) -> None:
    async def replay(member: Member) -> None:
        for item in items:
            await visit.services.runs.replay(member, parse("itm", item.id), Replay())
        ui.navigate.reload()

    label = count("dead.replay_all", len(items))
    confirm(visit, label, say("dead.replay_text"), replay, grave=False)
