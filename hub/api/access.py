"""Who calls: session cookie or API key become the acting member, before anything else is looked at."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from hub.accounts import Accounts, Pass
from hub.api.context import request_id
from hub.api.limits import note_limit
from hub.errors import ForbiddenError, UnauthorizedError
from hub.logs import correlate
from hub.members import Member, Verb

COOKIE = "patchdeck_session"
CSRF_COOKIE = "patchdeck_csrf"
CSRF_HEADER = "x-csrf-token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

# What a handler declares in `opt={"verb": …}` besides a Verb.
PUBLIC = "public"  # anyone, signed in or not
SIGNED_IN = "signed_in"  # a person with a session; no key, whatever its scopes


class Authentication(ASGIMiddleware):
    """Finds the member behind a request; a handler that is not public is closed to nobody's requests."""

    def __init__(self, accounts: Accounts, public_origin: str) -> None:
        self._accounts = accounts
        self._public_origin = public_origin

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Set the scope's user and pass, check the origin of what a browser sends, and count calls by key."""
        connection: ASGIConnection[BaseRouteHandler, Member | None, Pass | None, Any] = ASGIConnection(scope)
        public = is_public(connection.route_handler)
        scope["user"], scope["auth"] = None, None
        if scope.get("method") not in SAFE_METHODS:
            _check_origin(connection.headers, self._public_origin)
        if not public or scope.get("method") in SAFE_METHODS:
            found = await self._pass(connection, optional=public)
            if found is not None:
                scope["user"], scope["auth"] = found.member, found
                limit = self._accounts.count(found)
                if limit is not None:
                    note_limit(scope, limit)
        with correlate(request=request_id(scope)):
            await next_app(scope, receive, send)

    async def _pass(self, connection: ASGIConnection[Any, Any, Any, Any], *, optional: bool) -> Pass | None:
        key = given_key(connection.headers)
        if key is not None:
            return await self._accounts.key_pass(key)
        token = connection.cookies.get(COOKIE)
        if token is None:
            if optional:
                return None
            raise UnauthorizedError("Sign in, or send an API key as `Authorization: Bearer …`.")
        if connection.scope.get("method") not in SAFE_METHODS:
            _check_csrf(connection.headers, token)
        try:
            return await self._accounts.session_pass(token)
        except UnauthorizedError:
            if optional:
                return None
            raise


def require_right(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Refuse whoever may not do the verb that the handler declares; one that declares none is closed."""
    needed = handler.opt.get("verb")
    if needed == PUBLIC or (needed is None and connection.scope.get("method") == "OPTIONS"):
        return
    member: Member | None = connection.scope.get("user")
    if member is None:
        raise UnauthorizedError("Sign in first.")
    if needed == SIGNED_IN:
        if member.scopes is not None:
            raise ForbiddenError("An API key cannot do this; sign in.")
    elif isinstance(needed, Verb):
        member.authorize(needed)
    else:
        raise ForbiddenError("This route declares no right, so nobody may use it.")


def is_public(handler: BaseRouteHandler) -> bool:
    """Tell whether a handler serves people who are not signed in."""
    return handler.opt.get("verb") == PUBLIC


def given_key(headers: Mapping[str, str]) -> str | None:
    """Return the API key of a request, from either header."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    return headers.get("x-api-key")


def csrf_token(session_token: str) -> str:
    """Return the token that a page must send back in `X-CSRF-Token`; it belongs to one session and is not stored."""
    return hmac.new(session_token.encode(), b"patchdeck csrf", hashlib.sha256).hexdigest()


def _check_csrf(headers: Mapping[str, str], session_token: str) -> None:
    given = headers.get(CSRF_HEADER, "").encode(errors="replace")
    if not hmac.compare_digest(given, csrf_token(session_token).encode()):
        raise ForbiddenError(
            f"The request lacks the header X-CSRF-Token with the value of the cookie {CSRF_COOKIE}; reload the page."
        )


def _check_origin(headers: Mapping[str, str], public_origin: str) -> None:
    origin = headers.get("origin")
    if origin is None or origin == public_origin:
        return
    if urlsplit(origin).netloc.lower() != headers.get("host", "").lower():
        raise ForbiddenError("The request comes from a page of another site.")
