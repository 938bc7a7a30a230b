"""Signing in with an account at another service: the buttons that lead there, and why somebody was not let in."""

from __future__ import annotations

from urllib.parse import urlencode

from nicegui import context

from hub.text import say
from ui.pieces import div, link_button, note, words
from ui.services import Services

REFUSALS = frozenset({"denied", "expired", "unknown", "disabled", "other_address", "taken", "unproven", "unavailable"})


def ways_in(services: Services, query: dict[str, str]) -> None:
    """Draw a button for each service, with what its way takes along; nothing when the operator has set up none."""
    offered = services.identity_providers.offered()
    if not offered:
        return
    with div("pd-ways"):
        words(say("outside.or"), "pd-muted pd-small")
        for one in offered:
            address = f"/api/v1/auth/with/{one.name}?{urlencode(query)}"
            link_button(say("outside.with", service=one.title), address, f"with-{one.name}", icon="login")


def refusal(services: Services) -> None:
    """Say why the way back from a service did not open the hub."""
    query = context.client.request.query_params
    failed = query.get("failed", "")
    if failed in REFUSALS:
        named = {one.name: one.title for one in services.identity_providers.offered()}
        service = named.get(query.get("with", ""), say("outside.service"))
        with note("bad", "no_accounts", say("outside.failed"), say(f"outside.{failed}", service=service)):
            pass
