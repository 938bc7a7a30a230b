"""Who is behind a session or a key; asked at every call, so answers are kept for a few seconds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from uuid import UUID

import msgspec

from hub.accounts.tokens import LIVE, TEST, digest
from hub.database import PATIENCE, Row, execute, fetch_one
from hub.errors import UnauthorizedError
from hub.members import Member, Role, Scope
from hub.outbox import Bell

CHANNEL = "patchdeck_access"
KEPT_SECONDS = 5.0
MOST_KEPT = 10_000


class Pass(msgspec.Struct, frozen=True, kw_only=True):
    """A member and the way they came in: a session or a key."""

    member: Member
    session: UUID | None = None
    key: UUID | None = None
    rate_limit: int | None = None
    seconds_left: float | None = None


class Access:
    """Looks up sessions and keys; `bell` tells of rights taken away in other processes at once."""

    def __init__(self, bell: Bell | None = None) -> None:
        self._kept: dict[bytes, tuple[Pass, float]] = {}
        if bell is not None:
            bell.on(CHANNEL, lambda _: self._forget())

    async def by_session(self, token: str) -> Pass:
        """Return who signed in with this cookie; UnauthorizedError when it has ended."""
        return await self._known(token, _session)

    async def by_key(self, key: str) -> Pass:
        """Return whose key this is; UnauthorizedError when it is unknown, expired or revoked."""
        if not key.startswith((LIVE, TEST)):
            raise UnauthorizedError(f"An API key begins with {LIVE} or {TEST}.")
        return await self._known(key, _key)

    async def by_email(self, email: str, workspace: str | None, scopes: frozenset[Scope]) -> Pass:
        """Return the member of an address, for whom somebody else has vouched; UnauthorizedError when there is none."""
        async with asyncio.timeout(PATIENCE):
            row = await fetch_one(_EMAIL, email, workspace)
        if row is None:
            raise UnauthorizedError("Nobody with this address is a member here; ask an admin for an invitation.")
        return Pass(member=msgspec.structs.replace(_member(row), scopes=scopes))

    async def forget(self) -> None:
        """Have every process look again, after rights were taken away; part of the current transaction."""
        self._forget()
        await execute("select pg_notify($1, '')", CHANNEL)

    def _forget(self) -> None:
        """Begin anew; what was looked up before goes into what was kept before."""
        self._kept = {}

    async def _known(self, token: str, look: Callable[[bytes], Awaitable[Pass]]) -> Pass:
        hashed, now, kept = digest(token), time.monotonic(), self._kept
        known = kept.get(hashed)
        if known is not None and known[1] > now:
            return known[0]
        if len(kept) >= MOST_KEPT:
            kept.clear()
        async with asyncio.timeout(PATIENCE):
            found = await look(hashed)
        left = KEPT_SECONDS if found.seconds_left is None else min(KEPT_SECONDS, found.seconds_left)
        kept[hashed] = (found, now + left)
        return found


async def _session(hashed: bytes) -> Pass:
    row = await fetch_one(_SESSION, hashed)
    if row is None:
        raise UnauthorizedError("Your session has ended; sign in again.")
    if row["stale"]:
        await execute("update sessions set seen_at = now() where id = $1", row["id"])
    return Pass(member=_member(row), session=row["id"], seconds_left=row["seconds_left"])


async def _key(hashed: bytes) -> Pass:
    row = await fetch_one(_KEY, hashed)
    if row is None:
        raise UnauthorizedError("This API key is not known, has expired or was revoked.")
    if row["stale"]:
        await execute("update api_keys set last_used_at = now() where id = $1", row["id"])
    return Pass(
        member=msgspec.structs.replace(
            _member(row), scopes=frozenset(Scope(scope) for scope in row["scopes"]), test=row["test"]
        ),
        key=row["id"],
        rate_limit=row["rate_limit"],
        seconds_left=row["seconds_left"],
    )


def _member(row: Row) -> Member:
    return Member(workspace=row["workspace"], user=row["user"], role=Role(row["role"]))


_SESSION = """
select s.id, s.workspace, s."user", m.role, s.seen_at < now() - interval '1 minute' as stale,
    extract(epoch from s.expires_at - now())::float8 as seconds_left
from sessions s join users u on u.id = s."user" and u.disabled_at is null
join memberships m on m.workspace = s.workspace and m."user" = s."user"
where s.token_hash = $1 and s.expires_at > now()
"""
_EMAIL = """
select m.workspace, m."user", m.role from users u
join memberships m on m."user" = u.id join workspaces w on w.id = m.workspace
where lower(u.email) = lower($1) and u.disabled_at is null and ($2::text is null or w.slug = $2)
order by m.created_at, m.workspace limit 1
"""
_KEY = """
select k.id, k.workspace, k."user", m.role, k.scopes, k.test, k.rate_limit,
    k.last_used_at is null or k.last_used_at < now() - interval '1 minute' as stale,
    extract(epoch from k.expires_at - now())::float8 as seconds_left
from api_keys k join users u on u.id = k."user" and u.disabled_at is null
join memberships m on m.workspace = k.workspace and m."user" = k."user"
where k.hash = $1 and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())
"""
