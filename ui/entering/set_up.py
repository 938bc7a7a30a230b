"""The first start: whoever has the one-time link becomes the owner."""

from __future__ import annotations

from nicegui import context, ui

from hub.accounts import Kind
from hub.errors import HubError
from hub.text import say
from ui.entering.gate import field, form, gate
from ui.frame import BUILT_WITHIN
from ui.pieces import link_button, note
from ui.services import Services


def create(services: Services) -> None:
    """Serve the page at /setup/{token}."""

    @ui.page("/setup/{token}", title=f"{say('set_up.title')} · Patchdeck", response_timeout=BUILT_WITHIN)
    async def set_up_page() -> None:
        token = str(context.client.request.path_params["token"])
        with gate(say("set_up.title"), say("set_up.sub")):
            if await works(services, token, Kind.SETUP):
                with form("/api/v1/auth/setup", "/", say("set_up.verb"), {"token": token}):
                    field("name", say("gate.name"), complete="name").props("autofocus")
                    field("email", say("gate.email"), kind="email", complete="username")
                    field(
                        "password",
                        say("gate.password"),
                        kind="password",
                        complete="new-password",
                        hint=say("gate.strong"),
                    )
                    field(
                        "workspace",
                        say("set_up.workspace"),
                        hint=say("set_up.workspace_hint"),
                        value=say("set_up.home"),
                    )


async def works(services: Services, token: str, kind: Kind) -> bool:
    """Tell whether a link still works; say so in the page when it does not."""
    try:
        if (await services.accounts.purpose(token)).kind is kind:
            return True
    except HubError:
        pass
    with note("wait", "link_off", say("gate.dead_link"), say(f"gate.dead_{kind}")):
        link_button(say("sign_in.title"), "/sign-in", "to-sign-in")
    return False
