"""A forgotten password: asking for the link, and choosing a new one behind it."""

from __future__ import annotations

from nicegui import context, ui

from hub.accounts import Kind
from hub.text import say
from ui.entering.gate import field, form, gate
from ui.entering.set_up import works
from ui.frame import BUILT_WITHIN
from ui.pieces import link_button, note
from ui.services import Services


def create(services: Services) -> None:
    """Serve the pages at /reset and /reset/{token}."""

    @ui.page("/reset", title=f"{say('reset.title')} · Patchdeck")
    def forgotten_page() -> None:
        with gate(say("reset.title"), say("reset.ask")):
            if "sent" in context.client.request.query_params:
                with note("ok", "mark_email_read", say("reset.sent"), say("reset.sent_hint")):
                    link_button(say("sign_in.title"), "/sign-in", "to-sign-in")
            else:
                with form("/api/v1/auth/forgotten", "/reset?sent", say("reset.send")):
                    field("email", say("gate.email"), kind="email", complete="username").props("autofocus")

    @ui.page("/reset/{token}", title=f"{say('reset.title')} · Patchdeck", response_timeout=BUILT_WITHIN)
    async def reset_page() -> None:
        token = str(context.client.request.path_params["token"])
        with gate(say("reset.title"), say("reset.choose")):
            if await works(services, token, Kind.RESET):
                with form("/api/v1/auth/reset", "/sign-in", say("reset.verb"), {"token": token}):
                    field(
                        "password",
                        say("gate.password"),
                        kind="password",
                        complete="new-password",
                        hint=say("gate.strong"),
                    )
