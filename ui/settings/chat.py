"""Chat: a code that links an account of a chat service, and the accounts that are linked."""

from __future__ import annotations

from nicegui import ui

from hub.identities.service import IdentitySummary
from hub.ids import parse
from hub.members import Member
from hub.text import say
from ui.ask import confirm
from ui.pieces import button, card, copy_button, div, empty, moment, row, words
from ui.settings.slack import how_to, services
from ui.visit import Visit


async def chat(visit: Visit) -> None:
    """Draw the linked accounts, one's own or as an admin everybody's, and a way to link another."""
    linked = await visit.services.identities.list(visit.opened_by)
    with div("pd-stack-wide"):
        words(say("chat.text"), "pd-soft")
        await services(visit)
        with card(say("chat.link")):
            words(say("chat.link_text"), "pd-soft")
            shown = div()

            async def make(member: Member) -> None:
                made = await visit.services.identities.create_code(member)
                shown.clear()
                with shown, div("pd-line"):
                    words(f"connect {made.code}", "pd-mono pd-strong").mark("chat-code")
                    copy_button(f"connect {made.code}", "copy-code")
                with shown:
                    words(say("chat.expires"), "pd-muted pd-small")

            with div("pd-actions"):
                button(say("chat.make"), "make-code", visit.does(make), kind="primary", icon="link")
        with card(say("chat.linked"), pad=False):
            if not linked:
                empty("forum", say("chat.none"), say("chat.none_text"))
            for one in linked:
                _linked(visit, one)
        how_to(visit)


def _linked(visit: Visit, one: IdentitySummary) -> None:
    def remove() -> None:
        async def act(member: Member) -> None:
            await visit.services.identities.remove(member, parse("idn", one.id))
            ui.navigate.to("/settings?tab=chat")

        confirm(visit, say("chat.unlink"), say("chat.unlink_text", name=one.name or one.carrier), act)

    with row("people", "", "", ""):
        with div("pd-grow"):
            words(f"{one.name or one.carrier} · {one.carrier.title()}", "pd-strong pd-clip")
            words(one.email, "pd-muted pd-small pd-clip")
        with div("pd-wide"):
            moment(one.seen_at)
        button(say("chat.unlink"), f"unlink {one.id}", remove, kind="quiet")
