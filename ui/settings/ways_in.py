"""One's own account: the services by which one signs in, connected and removed here."""

from __future__ import annotations

from nicegui import ui

from hub.accounts import LinkedAccount
from hub.members import Member
from hub.text import say
from ui.ask import confirm
from ui.entering.outside import refusal
from ui.pieces import button, card, div, link_button, moment, row, words
from ui.visit import Visit


async def ways_in_card(visit: Visit) -> None:
    """Draw what is connected and what could be; nothing when the operator has set up no service."""
    offered = visit.services.identity_providers.offered()
    connected = await visit.services.identity_providers.list(visit.opened_by)
    if not offered and not connected:
        return
    titles = {one.name: one.title for one in offered}
    with card(say("outside.title"), pad=False):
        if visit.asked("failed"):
            with div("pd-pad"):
                refusal(visit.services)
        for one in connected:
            _connected(visit, one, titles.get(one.provider, one.provider.title()))
        known = {one.provider for one in connected}
        with div("pd-pad pd-stack"):
            words(say("outside.text"), "pd-soft pd-small")
            for provider in (one for one in offered if one.name not in known):
                address = f"/api/v1/auth/with/{provider.name}?connect"
                link_button(say("outside.connect", service=provider.title), address, f"connect-{provider.name}")


def _connected(visit: Visit, one: LinkedAccount, title: str) -> None:
    def remove() -> None:
        async def act(member: Member) -> None:
            await visit.services.identity_providers.remove(member, one.provider)
            ui.navigate.to("/settings?tab=account")

        confirm(visit, say("outside.remove"), say("outside.remove_text", service=title), act)

    with row("people", "", "", ""):
        with div("pd-grow"):
            words(title, "pd-strong")
        moment(one.since)
        button(say("outside.remove"), f"remove-{one.provider}", remove, kind="quiet")
