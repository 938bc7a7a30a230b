"""Joining a workspace by invitation."""

from __future__ import annotations

from nicegui import context, ui

from hub.accounts import Kind
from hub.text import say
from ui.entering.gate import field, form, gate
from ui.entering.outside import ways_in
from ui.entering.set_up import works
from ui.frame import BUILT_WITHIN
from ui.pieces import words
from ui.services import Services


def create(services: Services) -> None:
    """Serve the page at /invitation/{token}."""

    @ui.page("/invitation/{token}", title=f"{say('invitation.title')} · Patchdeck", response_timeout=BUILT_WITHIN)
    async def invitation_page() -> None:
        token = str(context.client.request.path_params["token"])
        with gate(say("invitation.title"), say("invitation.sub")):
            if await works(services, token, Kind.INVITATION):
                await _join(services, token)


async def _join(services: Services, token: str) -> None:
    purpose = await services.accounts.purpose(token)
    workspace, role = purpose.workspace or "", say(f"role.{purpose.role}")
    with form("/api/v1/auth/accept", "/", say("invitation.verb"), {"token": token}):
        words(say("invitation.as", workspace=workspace, role=role, email=purpose.email or ""), "pd-strong", "p")
        if purpose.has_account:
            field("password", say("invitation.own_password"), kind="password", complete="current-password")
        else:
            field("name", say("gate.name"), complete="name").props("autofocus")
            field("password", say("gate.password"), kind="password", complete="new-password", hint=say("gate.strong"))
    ways_in(services, {"invitation": token})
