"""One-time links: set-up, invitation, password reset. Each works once, for a while; only its hash is kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID

import msgspec

from hub.accounts.tables import Links as LinkTable
from hub.accounts.tokens import digest, new_token
from hub.database import Row, alone, execute, fetch_one, transaction
from hub.errors import NotFoundError
from hub.ids import new_id
from hub.members import Role


class Kind(StrEnum):
    """What a link is for; also the page that it opens."""

    SETUP = "setup"
    INVITATION = "invitation"
    RESET = "reset"


LASTS = {Kind.SETUP: timedelta(days=7), Kind.INVITATION: timedelta(days=7), Kind.RESET: timedelta(hours=2)}


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """A fresh link: its address is told once, by mail or to the one who made it."""

    url: str
    expires_at: datetime
    mailed: bool = False


class Purpose(msgspec.Struct, frozen=True, kw_only=True):
    """What a link that still works is for, as its page shows it."""

    kind: Kind
    email: str | None
    workspace: str | None
    role: str | None
    has_account: bool
    expires_at: datetime


class Links:
    """Makes links below the hub's public address and redeems them."""

    def __init__(self, public_url: str) -> None:
        self._public_url = public_url.rstrip("/")

    async def create(
        self,
        kind: Kind,
        *,
        email: str | None = None,
        workspace: UUID | None = None,
        role: Role | None = None,
        by: UUID | None = None,
    ) -> Link:
        """Make a link; an older one of the same kind for the same person and workspace stops working."""
        token, expires_at = new_token(), datetime.now(UTC) + LASTS[kind]
        async with transaction():
            # Of two that are made at once the later one finds the earlier.
            await alone(f"link {kind} {workspace} {(email or '').lower()}")
            await execute(_VOID, kind, email, workspace)
            await LinkTable(
                id=new_id(),
                kind=kind.value,
                token_hash=digest(token),
                workspace=workspace,
                email=email,
                role=role,
                created_by=by,
                created_at=datetime.now(UTC),
                expires_at=expires_at,
            ).save()
        return Link(url=f"{self._public_url}/{kind}/{token}", expires_at=expires_at)

    async def purpose(self, token: str) -> Purpose:
        """Tell what a link is for, so that its page can say so."""
        row = await fetch_one(_PURPOSE, digest(token))
        if row is None:
            raise NotFoundError(GONE)
        role = Role(row["role"]).name.lower() if row["role"] else None
        return Purpose(**{**row, "kind": Kind(row["kind"]), "role": role})

    async def redeem(self, kind: Kind, token: str) -> Row:
        """Use a link up within the current transaction and return its row."""
        row = await fetch_one(
            "update links set used_at = now() where kind = $1 and token_hash = $2 and used_at is null "
            "and expires_at > now() returning *",
            kind,
            digest(token),
        )
        if row is None:
            raise NotFoundError(GONE)
        return row


GONE = "This link was used already or has run out; ask for a new one."
_VOID = """
delete from links where kind = $1 and lower(email) is not distinct from lower($2)
and workspace is not distinct from $3 and used_at is null"""
_PURPOSE = """
select l.kind, l.email, w.name as workspace, l.role, l.expires_at,
    exists (select 1 from users u where lower(u.email) = lower(l.email)) as has_account
from links l left join workspaces w on w.id = l.workspace
where l.token_hash = $1 and l.used_at is null and l.expires_at > now()
"""
