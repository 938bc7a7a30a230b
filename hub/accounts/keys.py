"""API keys: shown once, kept as a hash, scoped, expiring, revocable; they die with their member."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from hub.accounts.access import Access
from hub.accounts.people import checked_name
from hub.accounts.tables import ApiKeys
from hub.accounts.tokens import SHOWN, digest, new_key
from hub.audit import Audit
from hub.database import Row, execute, fetch, fetch_one, transaction
from hub.errors import ForbiddenError, InvalidError, NotFoundError, Problem
from hub.ids import new_id, show
from hub.members import Member, Scope, Verb

DEFAULT_RATE_LIMIT = 100
HIGHEST_RATE_LIMIT = 100_000


class NewKey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a key shall be; `rate_limit` is in calls a second, `test` keys may only plan and extract."""

    name: str
    scopes: tuple[Scope, ...] = (Scope.READ,)
    test: bool = False
    expires_at: datetime | None = None
    rate_limit: int = DEFAULT_RATE_LIMIT


class KeySummary(msgspec.Struct, frozen=True, kw_only=True):
    """A key as it may be shown: never the key itself."""

    id: str
    name: str
    prefix: str
    scopes: list[str]
    test: bool
    rate_limit: int
    user: str
    email: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


class CreatedKey(KeySummary, frozen=True, kw_only=True):
    """A fresh key with the key itself: the only time it can be read."""

    key: str


class Keys:
    """Creates, lists, renews and revokes the keys of a workspace."""

    def __init__(self, access: Access, audit: Audit) -> None:
        self._access = access
        self._audit = audit

    async def create(self, member: Member, wanted: NewKey, *, holder: UUID | None = None) -> CreatedKey:
        """Make a key that acts for the member; its rights are the member's role and these scopes together.

        `holder` lets the operator make a key for somebody else in the workspace; no other face offers that.
        """
        member.authorize(Verb.EDIT_KEYS)
        user = holder or member.user
        if user is None:
            raise ForbiddenError("A key acts for a person; sign in first.")
        name = checked_name(wanted.name, "name")
        _check(wanted)
        key, identity = new_key(test=wanted.test), new_id()
        async with transaction():
            await ApiKeys(
                id=identity,
                workspace=member.workspace,
                user=user,
                name=name,
                prefix=key[:SHOWN],
                hash=digest(key),
                test=wanted.test,
                scopes=[scope.value for scope in wanted.scopes],
                rate_limit=wanted.rate_limit,
                created_at=datetime.now(UTC),
                expires_at=wanted.expires_at,
            ).save()
            detail = {"name": name, "scopes": wanted.scopes, "test": wanted.test}
            await self._audit.record(member, "key.created", show("key", identity), detail)
        return _created(key, await self.show(member, identity))

    async def list(self, member: Member) -> Sequence[KeySummary]:
        """Return the workspace's keys, newest first, revoked ones too."""
        member.authorize(Verb.EDIT_KEYS)
        rows = await fetch(f"{_SELECT} where k.workspace = $1 order by k.id desc", member.workspace)
        return [_summary(row) for row in rows]

    async def show(self, member: Member, key: UUID) -> KeySummary:
        """Return one key."""
        member.authorize(Verb.EDIT_KEYS)
        row = await fetch_one(f"{_SELECT} where k.workspace = $1 and k.id = $2", member.workspace, key)
        if row is None:
            raise NotFoundError("There is no such key.")
        return _summary(row)

    async def renew(self, member: Member, key: UUID) -> CreatedKey:
        """Replace a key's secret; the old one stops working at once."""
        summary = await self.show(member, key)
        fresh = new_key(test=summary.test)
        async with transaction():
            changed = await execute(
                "update api_keys set prefix = $3, hash = $4, last_used_at = null "
                "where workspace = $1 and id = $2 and revoked_at is null",
                member.workspace,
                key,
                fresh[:SHOWN],
                digest(fresh),
            )
            if not changed:
                raise NotFoundError("This key was revoked; create a new one.")
            await self._audit.record(member, "key.renewed", summary.id, {"name": summary.name})
            await self._access.forget()
        return _created(fresh, await self.show(member, key))

    async def revoke(self, member: Member, key: UUID) -> None:
        """Stop a key for good; revoking it again changes nothing."""
        summary = await self.show(member, key)
        async with transaction():
            if await execute(
                "update api_keys set revoked_at = now() where workspace = $1 and id = $2 and revoked_at is null",
                member.workspace,
                key,
            ):
                await self._audit.record(member, "key.revoked", summary.id, {"name": summary.name})
            await self._access.forget()


_SELECT = (
    'select k.id, k.name, k.prefix, k.scopes, k.test, k.rate_limit, k."user", u.email, k.created_at, k.expires_at, '
    'k.revoked_at, k.last_used_at from api_keys k join users u on u.id = k."user"'
)


def _check(wanted: NewKey) -> None:
    problems = []
    if not wanted.scopes:
        problems.append(Problem("scopes", f"Choose at least one of {', '.join(Scope)}."))
    if not 1 <= wanted.rate_limit <= HIGHEST_RATE_LIMIT:
        problems.append(Problem("rate_limit", f"Give 1 to {HIGHEST_RATE_LIMIT} calls a second."))
    if wanted.expires_at is not None and wanted.expires_at.tzinfo is None:
        problems.append(Problem("expires_at", "Give the time with its zone, such as 2027-01-31T00:00:00Z."))
    elif wanted.expires_at is not None and wanted.expires_at <= datetime.now(UTC):
        problems.append(Problem("expires_at", "This lies in the past."))
    if problems:
        raise InvalidError("The key cannot be made like this.", errors=problems)


def _created(key: str, summary: KeySummary) -> CreatedKey:
    return CreatedKey(key=key, **msgspec.structs.asdict(summary))


def _summary(row: Row) -> KeySummary:
    shown = {"id": show("key", row["id"]), "user": show("usr", row["user"]), "scopes": list(row["scopes"])}
    return KeySummary(**{**row, **shown})
