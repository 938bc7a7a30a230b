"""What is shown where there is no page."""

from __future__ import annotations

from fastapi import Request, Response
from nicegui import Client, app
from nicegui.page import page

from hub.text import say
from ui.frame import dress
from ui.pieces import div, empty, link_button
from ui.services import Services


def create(_services: Services) -> None:
    """Answer addresses that lead nowhere."""

    @app.exception_handler(404)
    async def not_found(request: Request, _error: Exception) -> Response:
        with Client(page(""), request=request) as client:
            dress("system")
            with div("pd-main"), div("pd-card"):
                empty("explore_off", say("frame.no_page"), say("frame.no_page_text"), _home, tag="h1")
        return client.build_response(request, 404)


def _home() -> None:
    link_button(say("frame.home"), "/", "go-home", kind="primary")
