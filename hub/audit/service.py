"""The audit trail: append only, one hash chain a workspace, written in the transaction of the work itself."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

from hub.database import Row, alone, execute, fetch, fetch_one, from_jsonb, to_jsonb, transaction
from hub.ids import show
from hub.members import Member, Verb

START = bytes(32)
PAGE = 1000


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be recorded: a verb (`key.create`), what it was done to, and what matters about it, no secrets."""

    verb: str
    subject: str
    detail: Mapping[str, Any] = {}


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the trail as people read it; `user` is null for what the hub did by itself."""

    number: int
    at: datetime
    user: str | None
    actor: str
    verb: str
    subject: str
    detail: dict[str, Any]
    hash: str


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """How many entries fit their chain, and the number of the first one that does not."""

    entries: int
    broken_at: int | None


class Audit:
    """Writes, lists and verifies the trail of each workspace."""

    async def record(self, member: Member, verb: str, subject: str, detail: Mapping[str, Any] | None = None) -> None:
        """Append one entry within the current transaction, so that it stands or falls with the work."""
        await self.record_all(member, [Entry(verb=verb, subject=subject, detail=detail or {})])

    async def record_all(self, member: Member, entries: Sequence[Entry]) -> None:
        """Append entries in order; two statements however many they are."""
        if not entries:
            return
        async with transaction():
            await self.hold(member.workspace)
            await _append(member, entries)

    async def hold(self, workspace: UUID) -> None:
        """Let appends of one workspace go one after another; the lock falls with the current transaction."""
        await alone(f"audit{workspace}")

    async def entries(self, member: Member, *, before: int | None = None, limit: int = 50) -> Sequence[AuditEntry]:
        """List the newest entries, or those before a number."""
        member.authorize(Verb.SEE_AUDIT)
        rows = await fetch(
            "select * from audit where workspace = $1 and ($2::bigint is null or number < $2) "
            "order by number desc limit $3",
            member.workspace,
            before,
            limit,
        )
        return [_entry(row) for row in rows]

    async def verify(self, member: Member) -> Verification:
        """Walk the whole chain and recompute every hash."""
        member.authorize(Verb.SEE_AUDIT)
        previous, number = START, 0
        while rows := await fetch(_PAGE, member.workspace, number, PAGE):
            for row in rows:
                if (
                    row["number"] != number + 1
                    or row["previous"] != previous
                    or row["hash"] != _line(row).hash(previous)
                ):
                    return Verification(entries=number, broken_at=number + 1)
                previous, number = row["hash"], row["number"]
        return Verification(entries=number, broken_at=None)


_PAGE = "select * from audit where workspace = $1 and number > $2 order by number limit $3"


async def _append(member: Member, entries: Sequence[Entry]) -> None:
    head = await fetch_one(_HEAD, member.workspace, member.user)
    number, previous, email = (head["number"], head["hash"], head["email"]) if head else (0, START, None)
    lines = []
    for entry in entries:
        number += 1
        line = _Line(
            workspace=member.workspace,
            number=number,
            at=datetime.now(UTC),
            user=member.user,
            actor=_actor(member, email),
            verb=entry.verb,
            subject=entry.subject,
            detail=from_jsonb(to_jsonb(entry.detail)),
        )
        lines.append((line, previous, line.hash(previous)))
        previous = lines[-1][2]
    await execute(
        'insert into audit (workspace, number, at, "user", actor, verb, subject, detail, previous, hash) '
        "select (l->>'workspace')::uuid, (l->>'number')::bigint, (l->>'at')::timestamptz, (l->>'user')::uuid, "
        "l->>'actor', l->>'verb', l->>'subject', l->'detail', n.previous, n.hash "
        "from unnest($1::jsonb[], $2::bytea[], $3::bytea[]) as n(l, previous, hash)",
        [to_jsonb(line) for line, _, _ in lines],
        [before for _, before, _ in lines],
        [own for _, _, own in lines],
    )


class _Line(msgspec.Struct, frozen=True, kw_only=True):
    """What a hash covers besides the hash before it."""

    workspace: UUID
    number: int
    at: datetime
    user: UUID | None
    actor: str
    verb: str
    subject: str
    detail: Mapping[str, Any]

    def hash(self, previous: bytes) -> bytes:
        # jsonb keeps no order of names, so the hash is over the sorted ones.
        return hashlib.sha256(previous + msgspec.json.encode(self, order="sorted")).digest()


def _line(row: Row) -> _Line:
    return msgspec.convert({**row, "detail": from_jsonb(row["detail"])}, _Line)


def _entry(row: Row) -> AuditEntry:
    return AuditEntry(
        number=row["number"],
        at=row["at"],
        user=show("usr", row["user"]) if row["user"] else None,
        actor=row["actor"],
        verb=row["verb"],
        subject=row["subject"],
        detail=from_jsonb(row["detail"]),
        hash=row["hash"].hex(),
    )


def _actor(member: Member, email: str | None) -> str:
    if email is None:
        return "patchdeck"
    way = member.via or (None if member.scopes is None else "key")
    return f"{email} ({way})" if way else email


_HEAD = (
    "select u.email, coalesce(a.number, 0) as number, coalesce(a.hash, decode(repeat('00', 32), 'hex')) as hash "
    "from (select 1) as one left join users u on u.id = $2 "
    "left join lateral (select number, hash from audit where workspace = $1 order by number desc limit 1) a on true"
)
