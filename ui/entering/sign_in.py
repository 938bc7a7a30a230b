"""Signing in."""

from __future__ import annotations

from nicegui import ui

from hub.text import say
from ui.entering.gate import field, following, form, gate
from ui.entering.outside import refusal, ways_in
from ui.services import Services


def create(services: Services) -> None:
    """Serve the page at /sign-in."""

    @ui.page("/sign-in", title=f"{say('sign_in.title')} · Patchdeck")
    def sign_in_page() -> None:
        with gate(say("sign_in.title"), say("sign_in.sub")):
            refusal(services)
            with form("/api/v1/auth/sign-in", following(), say("sign_in.verb")):
                field("email", say("gate.email"), kind="email", complete="username").props("autofocus")
                field("password", say("gate.password"), kind="password", complete="current-password")
                ui.link(say("sign_in.forgotten"), "/reset").classes("pd-small").mark("forgotten")
            ways_in(services, {"next": following()})
