"""Signing in with an account at another service: off to it, back from it, and what a member has connected."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from litestar import Controller, Request, delete, get
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from hub.accounts import LinkedAccount, NotLetInError, Pass
from hub.api.access import COOKIE, PUBLIC, SIGNED_IN
from hub.api.auth import session_cookies
from hub.api.context import Visitors
from hub.identity_providers import LASTS_SECONDS, Departure, IdentityProviders, Offered, Returned, own_path
from hub.members import Member

KEPT_COOKIE = "patchdeck_sign_in"
KEPT_PATH = "/api/v1/auth/with"
ACCOUNT_PAGE = "/settings?tab=account"
LONGEST = 4000


class SignInController(Controller):
    """Let people in whom Google, Microsoft or GitHub vouches for."""

    path = "/auth"
    tags = ["auth"]

    @get("/providers", opt={"verb": PUBLIC})
    async def list_providers(self, identity_providers: NamedDependency[IdentityProviders]) -> list[Offered]:
        """List the services by which people may sign in here."""
        return list(identity_providers.offered())

    @get("/with/{provider:str}", opt={"verb": PUBLIC}, include_in_schema=False)
    async def leave(
        self,
        identity_providers: NamedDependency[IdentityProviders],
        visitors: NamedDependency[Visitors],
        request: Request[Member | None, Pass | None, Any],
        provider: FromPath[str],
    ) -> Redirect:
        """Send a browser off to sign in: `next` is a path of ours, `invitation` the token of a link.

        With `connect`, who is signed in connects an account to their own instead.
        """
        query, session = request.query_params, request.cookies.get(COOKIE, "")
        if "connect" in query and request.user is not None and session:
            departure = identity_providers.begin_connecting(provider, session, following=ACCOUNT_PAGE)
        else:
            departure = identity_providers.begin(
                provider, following=own_path(query.get("next", "/")), invitation=query.get("invitation", "")[:200]
            )
        return Redirect(departure.address, status_code=303, cookies=[_kept(departure, visitors, request)])

    @get("/with/{provider:str}/return", opt={"verb": PUBLIC}, include_in_schema=False)
    async def arrive(
        self,
        identity_providers: NamedDependency[IdentityProviders],
        visitors: NamedDependency[Visitors],
        request: Request[Member | None, Pass | None, Any],
        provider: FromPath[str],
    ) -> Redirect:
        """Take in a browser that comes back, or send it to the sign-in page, which says what is wrong."""
        query = request.query_params
        returned = Returned(
            state=query.get("state", "")[:LONGEST], code=query.get("code", "")[:LONGEST], error=query.get("error", "")
        )
        try:
            arrival = await identity_providers.complete(
                provider,
                request.cookies.get(KEPT_COOKIE, "")[:LONGEST],
                returned,
                visitors.of(request),
                request.user,
                request.cookies.get(COOKIE, ""),
            )
        except NotLetInError as error:
            back = ACCOUNT_PAGE + "&" if request.user is not None else "/sign-in?"
            answer = Redirect(f"{back}failed={error.refusal}&with={quote(provider)}", status_code=303)
            answer.delete_cookie(KEPT_COOKIE, path=KEPT_PATH)
            return answer
        session = arrival.session
        cookies = session_cookies(visitors, request, session) if session is not None else []
        answer = Redirect(arrival.following, status_code=303, cookies=cookies)
        answer.delete_cookie(KEPT_COOKIE, path=KEPT_PATH)
        return answer

    @get("/connected", opt={"verb": SIGNED_IN})
    async def list_connected(
        self, identity_providers: NamedDependency[IdentityProviders], member: NamedDependency[Member]
    ) -> list[LinkedAccount]:
        """List the services by which the caller can sign in."""
        return list(await identity_providers.list(member))

    @delete("/connected/{provider:str}", opt={"verb": SIGNED_IN})
    async def disconnect(
        self,
        identity_providers: NamedDependency[IdentityProviders],
        member: NamedDependency[Member],
        provider: FromPath[str],
    ) -> None:
        """Stop signing in by a service; the last way in stays."""
        await identity_providers.remove(member, provider)


def _kept(departure: Departure, visitors: Visitors, connection: ASGIConnection[Any, Any, Any, Any]) -> Cookie:
    """Have the browser keep its secret, for this way only and unread by pages; it comes along from the service."""
    return Cookie(
        key=KEPT_COOKIE,
        value=departure.kept,
        path=KEPT_PATH,
        httponly=True,
        samesite="lax",
        secure=visitors.is_secure(connection),
        max_age=LASTS_SECONDS,
    )


CONTROLLERS = (SignInController,)
