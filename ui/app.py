"""The pages as one application: NiceGUI behind the same session cookie as the API."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from hub.config import Config

if TYPE_CHECKING:
    from ui.services import Services

STATIC = Path(__file__).parent / "static"
# How long a page is kept for a browser that went away: a stuck machine or another network must not cost what was typed
KEPT_SECONDS = 20.0


class Pages(msgspec.Struct, frozen=True):
    """The ASGI application of all pages, and the lifespan it must run in."""

    application: Any
    lifespan: Callable[[], AbstractAsyncContextManager[Any]]


def create_pages(services: Services, config: Config) -> Pages:
    """Build the pages; NiceGUI is imported here, so that a worker never pays for it."""
    os.environ.setdefault("NICEGUI_STORAGE_PATH", str(Path(config.data_dir) / "ui"))
    from fastapi import FastAPI
    from nicegui import app, ui

    from ui import pages
    from ui.entrance import Entrance

    host = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.add_middleware(Entrance, accounts=services.accounts)
    app.add_static_files("/ui-static", STATIC, max_cache_age=3600)
    pages.create(services)
    ui.run_with(
        host,
        title="Patchdeck",
        favicon=STATIC / "mark.svg",
        dark=None,
        language="en-US",
        tailwind=False,
        binding_refresh_interval=None,
        reconnect_timeout=KEPT_SECONDS,
        show_welcome_message=False,
    )
    return Pages(host, lambda: host.router.lifespan_context(host))
