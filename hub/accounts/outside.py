"""Accounts at other services by which people sign in here: found, joined by invitation, connected and removed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from hub.accounts.links import Kind, Links
from hub.accounts.people import PASSWORD, add_user_without_password, put_membership, user_by_email
from hub.accounts.service import Accounts
from hub.accounts.sessions import NewSession, Visitor
from hub.audit import Audit
from hub.database import Row, execute, fetch, fetch_one, transaction
from hub.errors import ConflictError, ForbiddenError, NotFoundError
from hub.ids import show
from hub.members import Member, Role


class Refusal(StrEnum):
    """Why somebody is not let in."""

    DENIED = "denied"
    EXPIRED = "expired"
    UNKNOWN = "unknown"
    DISABLED = "disabled"
    OTHER_ADDRESS = "other_address"
    TAKEN = "taken"
    UNPROVEN = "unproven"
    UNAVAILABLE = "unavailable"


class NotLetInError(ForbiddenError):
    """Somebody is not let in; pages say why by the refusal, and nothing of whom the hub knows."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__("This account does not open the hub.")
        self.refusal = refusal


class OutsideIdentity(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody at another service; `email` is one that the service has checked, or None."""

    provider: str
    subject: str
    email: str | None
    name: str


class LinkedAccount(msgspec.Struct, frozen=True, kw_only=True):
    """A way in that a person has connected."""

    provider: str
    since: datetime


class OutsideAccounts:
    """Lets people in whom another service vouches for; nobody gets an account here without an invitation."""

    def __init__(self, accounts: Accounts, links: Links, audit: Audit) -> None:
        self._accounts = accounts
        self._links = links
        self._audit = audit

    async def enter(self, who: OutsideIdentity, visitor: Visitor) -> NewSession:
        """Sign in who is connected, or whose checked address is a member's: it is connected from then on."""
        user = await _connected(who)
        if user is None and who.email is not None:
            user = await user_by_email(who.email)
            if user is not None and user["disabled_at"] is None:
                await self._connect(user["id"], who)
        if user is None:
            raise NotLetInError(Refusal.UNKNOWN)
        if user["disabled_at"] is not None:
            raise NotLetInError(Refusal.DISABLED)
        return await self._accounts.enter(user["id"], visitor, remember=True)

    async def join(self, token: str, who: OutsideIdentity, visitor: Visitor) -> NewSession:
        """Join by invitation: an account there is must be the person's own, a new one needs no password."""
        invited = await self._links.purpose(token)
        known = await user_by_email(invited.email or "")
        connected = await _connected(who)
        if known is not None and not _is_theirs(known, connected, who):
            raise NotLetInError(Refusal.OTHER_ADDRESS)
        if known is None and connected is not None:
            raise NotLetInError(Refusal.TAKEN)
        if known is not None and known["disabled_at"] is not None:
            raise NotLetInError(Refusal.DISABLED)
        async with transaction():
            link = await self._links.redeem(Kind.INVITATION, token)
            user = known["id"] if known is not None else await add_user_without_password(link["email"], who.name)
            await self._connect(user, who)
            await put_membership(link["workspace"], user, Role(link["role"]))
            joined = Member(workspace=link["workspace"], user=user, role=Role(link["role"]))
            await self._audit.record(joined, "member.joined", show("usr", user), {"role": joined.role.name.lower()})
        return await self._accounts.enter(user, visitor, remember=True)

    async def connect(self, member: Member, who: OutsideIdentity) -> None:
        """Connect an account to the member's own, which it opens from then on."""
        user = _person(member)
        await self._connect(user, who)
        await self._audit.record(member, "user.identity_connected", show("usr", user), {"provider": who.provider})

    async def list(self, member: Member) -> Sequence[LinkedAccount]:
        """Return the services by which the member can sign in."""
        rows = await fetch(
            'select provider, min(created_at) as since from identities where "user" = $1 and provider <> $2'
            " group by provider order by provider",
            _person(member), PASSWORD,
        )  # fmt: skip
        return [LinkedAccount(provider=row["provider"], since=row["since"]) for row in rows]

    async def remove(self, member: Member, provider: str) -> None:
        """Disconnect a service; the last way in stays."""
        user = _person(member)
        async with transaction():
            await execute("select 1 from users where id = $1 for update", user)
            others = await fetch('select 1 from identities where "user" = $1 and provider <> $2', user, provider)
            if not others:
                raise ConflictError("This is your only way in. Choose a password first: sign out and press Forgotten.")
            gone = await execute(
                'delete from identities where "user" = $1 and provider = $2 and provider <> $3',
                user, provider, PASSWORD,
            )  # fmt: skip
            if not gone:
                raise NotFoundError("You have not connected such an account.")
            await self._audit.record(member, "user.identity_removed", show("usr", user), {"provider": provider})

    async def _connect(self, user: UUID, who: OutsideIdentity) -> None:
        if not await execute(_CONNECT, who.provider, who.subject, user):
            raise NotLetInError(Refusal.TAKEN)


# Connecting again changes nothing; what is somebody else's, if only since a moment ago, is left alone.
_CONNECT = """
insert into identities (provider, subject, "user") values ($1, $2, $3)
on conflict (provider, subject) do update set subject = excluded.subject where identities."user" = excluded."user\""""


async def _connected(who: OutsideIdentity) -> Row | None:
    return await fetch_one(
        'select u.id, u.email, u.disabled_at from identities i join users u on u.id = i."user"'
        " where i.provider = $1 and i.subject = $2",
        who.provider, who.subject,
    )  # fmt: skip


def _is_theirs(known: Row, connected: Row | None, who: OutsideIdentity) -> bool:
    """Tell whether an account is the person's: connected before, or of the address that their service has checked."""
    if connected is not None:
        return bool(connected["id"] == known["id"])
    return who.email is not None and who.email.casefold() == str(known["email"]).casefold()


def _person(member: Member) -> UUID:
    if member.user is None or member.scopes is not None:
        raise ForbiddenError("Sign in to see or change how you sign in.")
    return member.user
