"""All pages, registered in one place."""

from __future__ import annotations

from typing import Any

from hub.config import Config


def create(services: Any, config: Config) -> None:
    """Register every page."""
    from nicegui import ui

    @ui.page("/sign-in")
    def sign_in() -> None:
        ui.label("Sign in")

    @ui.page("/")
    def home() -> None:
        ui.label("Patchdeck")
