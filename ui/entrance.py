"""Who may see a page: the session cookie becomes the member; every answer says what the browser may load."""

from __future__ import annotations

from urllib.parse import quote

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.accounts import Accounts
from hub.errors import UnauthorizedError
from hub.members import Member
from hub.outages import GONE
from ui.visit import COOKIE, outage_sentence

OPEN_PATHS = ("/_nicegui", "/ui-static", "/sign-in", "/setup/", "/invitation/", "/reset", "/favicon.ico")

# NiceGUI compiles Vue templates in the browser and starts from an inline script: hence the two words for scripts.
# Neither needs scripts in attributes, so that an `onerror` in markup never runs.
POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; script-src-attr 'none'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self'; media-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class Entrance:
    """Puts the member into the request's state, or sends whoever is not signed in to the sign-in page."""

    def __init__(self, app: ASGIApp, accounts: Accounts) -> None:
        self._app = app
        self._accounts = accounts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        open_to_all = request.url.path.startswith(OPEN_PATHS)

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if not request.url.path.startswith(("/_nicegui", "/ui-static")):
                    headers["Cache-Control"] = "no-store"
            await send(message)

        try:
            member = None if open_to_all else await _member_of(self._accounts, request.cookies.get(COOKIE))
        except GONE as error:
            away = PlainTextResponse(outage_sentence(error), 503, {"Retry-After": "5", "Refresh": "5"})
            await away(scope, receive, guarded)
            return
        if member is None and not open_to_all:
            wanted = quote(request.url.path, safe="/")
            await RedirectResponse(f"/sign-in?next={wanted}", 303)(scope, receive, guarded)
            return
        request.state.member = member
        await self._app(scope, receive, guarded)


async def _member_of(accounts: Accounts, token: str | None) -> Member | None:
    if not token:
        return None
    try:
        return await accounts.authenticate_session(token)
    except UnauthorizedError:
        return None
