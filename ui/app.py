"""The pages as one application: NiceGUI behind the same session cookie as the API."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

import msgspec

from hub.accounts import Accounts
from hub.config import Config
from hub.errors import UnauthorizedError
from hub.members import Member

COOKIE = "patchdeck_session"
OPEN_PATHS = ("/_nicegui", "/sign-in", "/setup", "/invite", "/reset", "/ui-static", "/favicon.ico")


class Services(Protocol):
    """What pages call; the composition root's `Services` has all of it."""

    @property
    def accounts(self) -> Accounts:
        """People and sessions."""
        ...


class Pages(msgspec.Struct, frozen=True):
    """The ASGI application of all pages, and the lifespan it must run in."""

    application: Any
    lifespan: Callable[[], AbstractAsyncContextManager[Any]]


def create_pages(services: Any, config: Config) -> Pages:
    """Build the pages; NiceGUI is imported here, so that a worker never pays for it."""
    storage = Path(config.data_dir) / "ui"
    os.environ.setdefault("NICEGUI_STORAGE_PATH", str(storage))
    from fastapi import FastAPI
    from nicegui import app, ui
    from starlette.middleware.base import BaseHTTPMiddleware

    from ui import pages

    host = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)

    class SignedIn(BaseHTTPMiddleware):
        """Sends whoever is not signed in to the sign-in page; a page finds its member in the request's state."""

        async def dispatch(self, request: Any, call_next: Callable[[Any], Awaitable[Any]]) -> Any:
            from starlette.responses import RedirectResponse

            member = await member_of(services.accounts, request.cookies.get(COOKIE))
            if member is None and not request.url.path.startswith(OPEN_PATHS):
                return RedirectResponse(f"/sign-in?next={quote(request.url.path)}")
            request.state.member = member
            return await call_next(request)

    app.add_middleware(SignedIn)
    pages.create(services, config)
    ui.run_with(host, title="Patchdeck", storage_secret=os.urandom(32).hex(), show_welcome_message=False, dark=None)
    return Pages(host, lambda: host.router.lifespan_context(host))


async def member_of(accounts: Accounts, token: str | None) -> Member | None:
    """Return who a session cookie belongs to, None when nobody."""
    if token is None:
        return None
    try:
        return await accounts.authenticate_session(token)
    except UnauthorizedError:
        return None
