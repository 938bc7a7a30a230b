"""Signing in and out, the first owner, and the links that come by mail."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import JSONBody

from hub.accounts import Accounts, NewSession, Pass, Profile, Purpose, SetUp
from hub.api.access import COOKIE, CSRF_COOKIE, PUBLIC, SIGNED_IN, csrf_token
from hub.api.context import Visitors
from hub.members import Member, Verb


class SignIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An account's address and password; `remember` keeps the session for 30 days instead of 12 hours."""

    email: str
    password: str
    remember: bool = True


class Token(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stands at the end of a link."""

    token: str


class Joining(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The answer to an invitation: a password to choose, or the account's own where there is one."""

    token: str
    password: str
    name: str = ""


class Forgotten(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose password was forgotten."""

    email: str


class NewPassword(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A password to set by link."""

    token: str
    password: str


class PasswordChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The present password and the next."""

    current: str
    new: str


class SignedIn(msgspec.Struct, frozen=True):
    """Who is signed in now; pages send `csrf_token` back in `X-CSRF-Token` with every change."""

    profile: Profile
    csrf_token: str


class AuthController(Controller):
    """Let people in and out."""

    path = "/auth"
    tags = ["auth"]

    @post("/sign-in", status_code=200, opt={"verb": PUBLIC})
    async def sign_in(
        self,
        accounts: NamedDependency[Accounts],
        visitors: NamedDependency[Visitors],
        request: Request[Any, Any, Any],
        data: JSONBody[SignIn],
    ) -> Response[SignedIn]:
        """Sign in with e-mail address and password; sets the session cookie."""
        session = await accounts.sign_in(data.email, data.password, visitors.of(request), remember=data.remember)
        return await _entered(accounts, visitors, request, session)

    @post("/sign-out", status_code=204, opt={"verb": SIGNED_IN})
    async def sign_out(
        self, accounts: NamedDependency[Accounts], member: NamedDependency[Member], request: Request[Member, Pass, Any]
    ) -> Response[None]:
        """End the session that the request was made with."""
        if request.auth.session is not None:
            await accounts.sign_out(member, request.auth.session)
        response = Response(None, status_code=204)
        response.delete_cookie(COOKIE)
        response.delete_cookie(CSRF_COOKIE)
        return response

    @get("/me", opt={"verb": Verb.READ})
    async def me(self, accounts: NamedDependency[Accounts], member: NamedDependency[Member]) -> Profile:
        """Tell who the caller is and what the caller may do."""
        return await accounts.profile(member)

    @post("/setup", opt={"verb": PUBLIC})
    async def set_up(
        self,
        accounts: NamedDependency[Accounts],
        visitors: NamedDependency[Visitors],
        request: Request[Any, Any, Any],
        data: JSONBody[SetUp],
    ) -> Response[SignedIn]:
        """Make the first owner, by the link that the first start printed."""
        return await _entered(accounts, visitors, request, await accounts.set_up(data, visitors.of(request)), 201)

    @post("/link", status_code=200, opt={"verb": PUBLIC})
    async def purpose(self, accounts: NamedDependency[Accounts], data: JSONBody[Token]) -> Purpose:
        """Tell what a link is for, while it works."""
        return await accounts.purpose(data.token)

    @post("/accept", opt={"verb": PUBLIC})
    async def accept(
        self,
        accounts: NamedDependency[Accounts],
        visitors: NamedDependency[Visitors],
        request: Request[Any, Any, Any],
        data: JSONBody[Joining],
    ) -> Response[SignedIn]:
        """Join a workspace by invitation."""
        session = await accounts.accept(data.token, data.password, data.name, visitors.of(request))
        return await _entered(accounts, visitors, request, session, 201)

    @post("/forgotten", status_code=202, opt={"verb": PUBLIC})
    async def forgotten(
        self,
        accounts: NamedDependency[Accounts],
        visitors: NamedDependency[Visitors],
        request: Request[Any, Any, Any],
        data: JSONBody[Forgotten],
    ) -> None:
        """Ask for a mail with a link to set a new password; the answer is the same whether there is such an account."""
        await accounts.request_reset(data.email, visitors.of(request))

    @post("/reset", status_code=204, opt={"verb": PUBLIC})
    async def reset(self, accounts: NamedDependency[Accounts], data: JSONBody[NewPassword]) -> None:
        """Set a new password by link; all sessions end."""
        await accounts.reset_password(data.token, data.password)

    @post("/password", status_code=204, opt={"verb": SIGNED_IN})
    async def change_password(
        self,
        accounts: NamedDependency[Accounts],
        member: NamedDependency[Member],
        request: Request[Member, Pass, Any],
        data: JSONBody[PasswordChange],
    ) -> None:
        """Change one's password; all other sessions end."""
        if request.auth.session is not None:
            await accounts.change_password(member, request.auth.session, data.current, data.new)


async def _entered(
    accounts: Accounts,
    visitors: Visitors,
    connection: ASGIConnection[Any, Any, Any, Any],
    session: NewSession,
    status: int = 200,
) -> Response[SignedIn]:
    member = await accounts.authenticate_session(session.token)
    cookies = session_cookies(visitors, connection, session)
    csrf = csrf_token(session.token)
    return Response(SignedIn(await accounts.profile(member), csrf), status_code=status, cookies=cookies)


def session_cookies(
    visitors: Visitors, connection: ASGIConnection[Any, Any, Any, Any], session: NewSession
) -> list[Cookie]:
    """Return what keeps a browser signed in: the session's cookie, and the one that pages send back with changes."""
    csrf = csrf_token(session.token)
    seconds = int((session.expires_at - datetime.now(UTC)).total_seconds()) if session.remember else None
    secure = visitors.is_secure(connection)
    return [
        Cookie(key=COOKIE, value=session.token, httponly=True, samesite="lax", secure=secure, max_age=seconds),
        Cookie(key=CSRF_COOKIE, value=csrf, httponly=False, samesite="lax", secure=secure, max_age=seconds),
    ]


CONTROLLERS = (AuthController,)
