"""Server-side sessions: started at sign-in, listed, and ended one by one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec

from hub.accounts.access import Access
from hub.accounts.tables import Sessions as SessionTable
from hub.accounts.tokens import digest, new_token
from hub.database import execute, fetch, transaction
from hub.errors import ForbiddenError, NotFoundError
from hub.ids import new_id, show
from hub.members import Member

REMEMBERED = timedelta(days=30)
FOR_TODAY = timedelta(hours=12)


class Visitor(msgspec.Struct, frozen=True, kw_only=True):
    """Where a sign-in comes from, as far as the request tells."""

    address: str = ""
    user_agent: str = ""


class SessionSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One place where the member is signed in."""

    id: str
    current: bool
    address: str
    user_agent: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


class NewSession(msgspec.Struct, frozen=True, kw_only=True):
    """A session's token, told once to the browser, and when it ends."""

    token: str
    expires_at: datetime
    remember: bool


class Sessions:
    """Starts and ends sessions; ended ones stop working at once, in every process."""

    def __init__(self, access: Access) -> None:
        self._access = access

    async def start(self, user: UUID, workspace: UUID, visitor: Visitor, *, remember: bool) -> NewSession:
        """Sign a user in to a workspace; ended sessions of the user are cleared away."""
        token, now = new_token(), datetime.now(UTC)
        session = NewSession(token=token, expires_at=now + (REMEMBERED if remember else FOR_TODAY), remember=remember)
        async with transaction():
            await SessionTable(
                id=new_id(),
                token_hash=digest(token),
                user=user,
                workspace=workspace,
                created_at=now,
                seen_at=now,
                expires_at=session.expires_at,
                address=visitor.address[:100],
                user_agent=visitor.user_agent[:300],
            ).save()
            # After the new one, which holds its user and workspace: who deletes these begins with them too
            await execute(_CLEAR_AWAY, user)
        return session

    async def list(self, member: Member, current: UUID | None) -> Sequence[SessionSummary]:
        """Return the member's own sessions, the latest used first."""
        rows = await fetch(
            'select id, address, user_agent, created_at, seen_at, expires_at from sessions where "user" = $1 '
            "and expires_at > now() order by seen_at desc",
            _person(member),
        )
        return [SessionSummary(**{**row, "id": show("ses", row["id"])}, current=row["id"] == current) for row in rows]

    async def end(self, member: Member, session: UUID) -> None:
        """End one of the member's own sessions."""
        if not await execute('delete from sessions where "user" = $1 and id = $2', _person(member), session):
            raise NotFoundError("There is no such session; it may have ended.")
        await self._access.forget()

    async def end_others(self, member: Member, keep: UUID | None) -> int:
        """End all of the member's sessions but one; returns how many."""
        return await self.end_all(_person(member), keep)

    async def end_all(self, user: UUID, keep: UUID | None = None) -> int:
        """End a user's sessions, but one where told."""
        ended = await execute(_END, user, keep)
        await self._access.forget()
        return ended

    async def move(self, session: UUID, workspace: UUID) -> None:
        """Have a session act in another workspace from now on."""
        await execute("update sessions set workspace = $2 where id = $1", session, workspace)
        await self._access.forget()


_CLEAR_AWAY = """
delete from sessions where id in (
    select id from sessions where "user" = $1 and expires_at < now() for update skip locked
)"""
_END = """
delete from sessions where id in (
    select id from sessions where "user" = $1 and id is distinct from $2 order by id for update
)"""


def _person(member: Member) -> UUID:
    if member.user is None or member.scopes is not None:
        raise ForbiddenError("Sessions belong to people; sign in to see or end yours.")
    return member.user
