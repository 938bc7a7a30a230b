"""Accounts: the first owner, signing in and out, passwords, and who is behind a session or a key."""

from __future__ import annotations

import asyncio
import logging
from contextvars import Context
from uuid import UUID

import msgspec

from hub.accounts import throttle
from hub.accounts.access import Access, Pass
from hub.accounts.limits import KeyLimits, Limit
from hub.accounts.links import Kind, Link, Links, Purpose
from hub.accounts.passwords import check_strength, hashed, matches
from hub.accounts.people import (
    PASSWORD,
    add_user,
    checked_email,
    checked_name,
    has_owner,
    put_membership,
    store_password,
    user_by_email,
)
from hub.accounts.sessions import NewSession, Sessions, Visitor
from hub.accounts.workspaces import found
from hub.audit import Audit
from hub.database import alone, execute, fetch_one, transaction
from hub.errors import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    Problem,
    UnauthorizedError,
    UnavailableError,
)
from hub.ids import show
from hub.mail import Mail
from hub.members import Member, Role, Scope, Verb

_log = logging.getLogger(__name__)
WRONG = "E-mail address or password is wrong."


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """Who one is, where, and what one may do."""

    user: str | None
    email: str
    name: str
    workspace: str
    workspace_name: str
    role: str
    scopes: list[str] | None
    test: bool
    verbs: list[str]


class SetUp(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the first owner fills in behind the set-up link."""

    token: str
    email: str
    password: str
    name: str = ""
    workspace: str = "Home"


class Accounts:
    """Lets people in and tells who they are; every face asks here."""

    def __init__(self, access: Access, sessions: Sessions, audit: Audit, links: Links, mail: Mail) -> None:
        self._access = access
        self._sessions = sessions
        self._audit = audit
        self._links = links
        self._mail = mail
        self._limits = KeyLimits()
        self._sending: set[asyncio.Task[None]] = set()

    async def authenticate_session(self, token: str) -> Member:
        """Return the member behind a session cookie; UnauthorizedError when it has ended."""
        return (await self._access.by_session(token)).member

    async def authenticate_key(self, key: str) -> Member:
        """Return the member behind an API key; UnauthorizedError when it is unknown, expired or revoked."""
        return (await self._access.by_key(key)).member

    async def session_pass(self, token: str) -> Pass:
        """Like `authenticate_session`, with the session's id."""
        return await self._access.by_session(token)

    async def key_pass(self, key: str) -> Pass:
        """Like `authenticate_key`, with the key's id and rate limit."""
        return await self._access.by_key(key)

    async def vouched_pass(self, email: str, workspace: str | None, scopes: frozenset[Scope]) -> Pass:
        """Return the member of an address that an authorization server vouches for, with the scopes it grants."""
        return await self._access.by_email(email, workspace, scopes)

    def count(self, found: Pass) -> Limit | None:
        """Count one call of a key that has a limit; None where there is none."""
        if found.key is None or found.rate_limit is None:
            return None
        return self._limits.take(found.key, found.rate_limit)

    async def profile(self, member: Member) -> Profile:
        """Tell a member who they are and what they may do."""
        member.authorize(Verb.READ)
        row = await fetch_one(
            "select w.name as workspace_name, u.email, u.name from workspaces w left join users u on u.id = $2 "
            "where w.id = $1",
            member.workspace,
            member.user,
        )
        if row is None:
            raise NotFoundError("This workspace was deleted.")
        return Profile(
            user=show("usr", member.user) if member.user else None,
            email=row["email"] or "",
            name=row["name"] or "",
            workspace=show("wsp", member.workspace),
            workspace_name=row["workspace_name"],
            role=member.role.name.lower(),
            scopes=None if member.scopes is None else sorted(member.scopes),
            test=member.test,
            verbs=[verb.value for verb in Verb if member.may(verb)],
        )

    # Signing in and out

    async def sign_in(self, email: str, password: str, visitor: Visitor, *, remember: bool = True) -> NewSession:
        """Check a password and start a session in the workspace used last; tries are counted."""
        attempt = await throttle.begin(email.strip()[:300], visitor.address)
        user = await user_by_email(email.strip())
        usable = user is not None and user["disabled_at"] is None
        if not await matches(password, user["secret"] if user is not None and usable else None) or user is None:
            raise UnauthorizedError(WRONG)
        await attempt.succeed()
        return await self.enter(user["id"], visitor, remember=remember)

    async def sign_out(self, member: Member, session: UUID) -> None:
        """End the session one acts in."""
        await self._sessions.end(member, session)

    async def change_password(self, member: Member, session: UUID, current: str, new: str) -> None:
        """Set another password, given the present one; all other sessions end."""
        if member.user is None or member.scopes is not None:
            raise ForbiddenError("Sign in to change your password.")
        row = await fetch_one(
            'select u.email, i.secret from users u left join identities i on i."user" = u.id and i.provider = $2 '
            "where u.id = $1",
            member.user,
            PASSWORD,
        )
        attempt = await throttle.begin(str(member.user), "", "password")
        if row is None or not await matches(current, row["secret"]):
            raise InvalidError("The present password is wrong.", errors=[Problem("current", "This is not it.")])
        await attempt.succeed()
        check_strength(new, row["email"])
        secret = await hashed(new)
        async with transaction():
            await store_password(member.user, secret)
            await self._sessions.end_all(member.user, session)
            await self._audit.record(member, "user.password_changed", show("usr", member.user))

    # The first owner

    async def setup_link(self) -> Link | None:
        """Return a fresh one-time link for the first owner, or None when there is an owner."""
        if await has_owner():
            return None
        return await self._links.create(Kind.SETUP)

    async def set_up(self, wanted: SetUp, visitor: Visitor) -> NewSession:
        """Make the first owner and workspace and sign in."""
        async with transaction():
            await alone(_FIRST_OWNER)  # before the link, which whoever makes the owner without one ends last
            await self._links.redeem(Kind.SETUP, wanted.token)
            user = await self.add_first_owner(wanted.email, wanted.password, wanted.name, wanted.workspace)
        return await self.enter(user, visitor, remember=True)

    async def add_first_owner(self, email: str, password: str, name: str = "", workspace: str = "Home") -> UUID:
        """Make the first owner with a workspace; no set-up link works from then on."""
        async with transaction():
            await alone(_FIRST_OWNER)
            if await has_owner():
                raise ConflictError("This hub has an owner already; ask for an invitation.")
            user = await add_user(email, name, password)
            home = await found(checked_name(workspace, "workspace"))
            await put_membership(home, user, Role.OWNER)
            await execute(_ADOPT, user, Role.OWNER)
            await execute("delete from links where kind = $1 and used_at is null", Kind.SETUP)
            owner = Member(workspace=home, user=user, role=Role.OWNER)
            await self._audit.record(owner, "workspace.created", show("wsp", home), {"name": workspace})
        return user

    # Links that came by mail

    async def purpose(self, token: str) -> Purpose:
        """Tell what a link is for while it works; NotFoundError afterwards."""
        return await self._links.purpose(token)

    async def accept(self, token: str, password: str, name: str, visitor: Visitor) -> NewSession:
        """Join by invitation: with a new account, or with the password of the one there is."""
        invited = await self._links.purpose(token)
        known = await user_by_email(invited.email or "")
        if known is not None:
            attempt = await throttle.begin(known["email"], visitor.address)
            if known["disabled_at"] is not None or not await matches(password, known["secret"]):
                raise UnauthorizedError("There is an account for this address; give its password to join.")
            await attempt.succeed()
        async with transaction():
            link = await self._links.redeem(Kind.INVITATION, token)
            user: UUID = known["id"] if known is not None else await add_user(link["email"], name, password)
            await put_membership(link["workspace"], user, Role(link["role"]))
            joined = Member(workspace=link["workspace"], user=user, role=Role(link["role"]))
            await self._audit.record(joined, "member.joined", show("usr", user), {"role": joined.role.name.lower()})
        return await self._sessions.start(user, joined.workspace, visitor, remember=True)

    async def request_reset(self, email: str, visitor: Visitor) -> None:
        """Mail a password link if there is such an account; the answer never tells whether there is one."""
        email = checked_email(email)
        await throttle.begin(email, visitor.address, "reset")
        if self._mail.configured:
            # Beside the answer, whose time would tell; outside the caller's transaction, if there is one.
            sending = asyncio.get_running_loop().create_task(self._mail_reset(email), context=Context())
            self._sending.add(sending)
            sending.add_done_callback(self._sending.discard)

    async def _mail_reset(self, email: str) -> None:
        user = await user_by_email(email)
        if user is None or user["disabled_at"] is not None:
            return
        link = await self._links.create(Kind.RESET, email=user["email"])
        text = f"To choose a new password for Patchdeck, open\n\n{link.url}\n\nThe link works once, for two hours.\n"
        try:
            await self._mail.send(user["email"], "Choose a new password", text)
        except UnavailableError:
            _log.warning("The mail with a password link could not be sent; the mail server did not take it.")

    async def reset_password(self, token: str, password: str) -> None:
        """Set a new password by link; all sessions end."""
        wanted = await self._links.purpose(token)
        check_strength(password, wanted.email or "")
        secret = await hashed(password)
        async with transaction():
            link = await self._links.redeem(Kind.RESET, token)
            user = await user_by_email(link["email"])
            if user is None:
                raise NotFoundError("This account was removed.")
            await store_password(user["id"], secret)
            await self._sessions.end_all(user["id"])
            await execute(
                "delete from links where kind = $1 and lower(email) = lower($2) and used_at is null",
                Kind.RESET,
                link["email"],
            )

    async def enter(self, user: UUID, visitor: Visitor, *, remember: bool) -> NewSession:
        """Start a session in the workspace used last, for someone who has proved who they are."""
        row = await fetch_one(_LAST_WORKSPACE, user)
        if row is None:
            raise ForbiddenError("This account belongs to no workspace; ask an admin for an invitation.")
        session = await self._sessions.start(user, row["workspace"], visitor, remember=remember)
        await execute("update users set last_sign_in_at = now() where id = $1", user)
        member = Member(workspace=row["workspace"], user=user, role=Role(row["role"]))
        await self._audit.record(member, "user.signed_in", show("usr", user), {"address": visitor.address})
        return session


_FIRST_OWNER = "first owner"
_LAST_WORKSPACE = """
select m.workspace, m.role from memberships m
left join sessions s on s.workspace = m.workspace and s."user" = m."user"
where m."user" = $1 order by s.seen_at desc nulls last, m.created_at limit 1
"""


# Workspaces that nobody belongs to yet, such as the demo's, come to the first owner, who enters these older ones first.
_ADOPT = """
insert into memberships (workspace, "user", role, created_at)
select w.id, $1, $2, w.created_at from workspaces w
where not exists (select from memberships m where m.workspace = w.id)"""
