"""The outbound webhooks of a workspace, and a new one."""

from __future__ import annotations

from nicegui import ui

from hub.members import Member, Verb
from hub.subscriptions import NewSubscription, Subscription
from hub.text import count, say
from ui.ask import answer_buttons, dialog
from ui.frame import page
from ui.pieces import button, card, copy_button, div, empty, heading, moment, pill, row, state, symbol, words
from ui.services import Services
from ui.visit import Visit
from ui.webhooks.kinds import KindBoxes

TONES = {"active": "ok", "paused": "paused", "disabled": "refused"}
SHOWN_KINDS = 3


def create(services: Services) -> None:
    """Serve the page at /webhooks."""

    @page("/webhooks", services, "webhooks", say("nav.webhooks"))
    async def webhooks_page(visit: Visit) -> None:
        may = visit.may(Verb.EDIT_CONNECTIONS)
        found = await services.subscriptions.list(visit.opened_by) if may else []
        with heading(say("nav.webhooks"), say("webhooks.sub")):
            allowed = "" if may else say("webhooks.right")
            button(say("webhooks.new"), "new-webhook", lambda: _new(visit), kind="primary", icon="add", allowed=allowed)
        with card(pad=False):
            if not may:
                empty("lock", say("webhooks.right"), say("webhooks.right_text"))
            elif not found:
                empty("webhook", say("webhooks.none"), say("webhooks.none_text"))
            for one in found:
                _row(one)


def webhook_state(one: Subscription) -> None:
    """Show whether messages are sent."""
    state(TONES[one.state], say(f"webhooks.state_{one.state}"))


def show_secret(secret: str, then: str) -> None:
    """Show a fresh secret, this once."""
    with (
        dialog(say("webhooks.secret"), say("webhooks.secret_text"), then=then),
        div("pd-line").style("flex-wrap: nowrap"),
    ):
        words(secret, "pd-pre pd-grow").mark("once").props("data-testid=once")
        copy_button(secret, "copy-once")


def _row(one: Subscription) -> None:
    name = one.description or one.url
    with row("data", f"/webhooks/{one.id}", name, f"webhook {one.id}"):
        symbol("webhook", "accent" if one.state == "active" else "mute")
        with div("pd-grow"):
            words(name, "pd-strong pd-clip")
            words(one.url, "pd-muted pd-small pd-clip")
        with div("pd-line pd-tight pd-wide"):
            for kind in one.kinds[:SHOWN_KINDS]:
                pill(kind)
            if len(one.kinds) > SHOWN_KINDS:
                pill(f"+{len(one.kinds) - SHOWN_KINDS}")
        webhook_state(one)
        with div("pd-stay pd-wide"):
            if one.waiting:
                words(count("webhooks.waiting", one.waiting), "pd-small pd-soft")
            else:
                moment(one.created_at)


def _new(visit: Visit) -> None:
    with dialog(say("webhooks.new"), say("webhooks.new_text")) as opened:
        url = ui.input(say("webhooks.url")).props("outlined type=url data-testid=webhook-url").mark("webhook-url")
        url.style("width: 100%").props["hint"] = say("webhooks.url_hint")
        about = ui.input(say("webhooks.description")).props("outlined data-testid=webhook-about").mark("webhook-about")
        about.style("width: 100%")
        boxes = KindBoxes(())
        values = ui.switch(say("webhooks.with_values")).mark("webhook-values")
        words(say("webhooks.with_values_text"), "pd-muted pd-small")

        async def make(member: Member) -> None:
            wanted = NewSubscription(
                url=url.value.strip(), kinds=boxes.chosen(), description=about.value, with_values=bool(values.value)
            )
            made = await visit.services.subscriptions.create(member, wanted)
            opened.close()
            show_secret(made.secret, f"/webhooks/{made.id}")

        answer_buttons(opened, say("webhooks.make"), visit.does(make))
