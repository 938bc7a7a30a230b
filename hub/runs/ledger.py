"""The ledger: every delivery under its idempotency key, pending before the write and sent after it."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from hub import metrics
from hub.database import Row, execute, fetch, from_jsonb, to_jsonb, to_text
from hub.errors import ConflictError
from hub.ids import new_id
from hub.sealing import Vault, place

KEPT_FOR_UNDO = "30 days"


class LateWriterError(ConflictError):
    """Another attempt has taken over this run; what this one did since is not settled."""


class Write(msgspec.Struct, frozen=True, kw_only=True):
    """One delivery before it happens."""

    key: str
    item: UUID
    step: str
    path: str
    generation: int
    rows: Sequence[dict[str, Any]]
    settings: dict[str, Any]


class Destination(msgspec.Struct, frozen=True, kw_only=True):
    """Where a group of deliveries goes and on whose behalf."""

    workspace: UUID
    recipe: UUID
    version: int
    run: UUID
    fence: int
    target: str
    effect: str
    connection: UUID | None


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What the ledger knew of a key before."""

    key: str
    state: str
    token: str | None
    reference: str | None
    output: Any
    message: str | None
    due_at: datetime | None


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """How one delivery ended: sent, failed, unknown, accepted (long work) or not_attempted."""

    key: str
    state: str
    reference: str | None = None
    version: str | None = None
    url: str | None = None
    output: Any = None
    before: Any = None
    after: Any = None
    token: str | None = None
    after_seconds: float | None = None
    message: str | None = None


def delivery_key(workspace: UUID, recipe: UUID, step: str, item: UUID, path: str, generation: int) -> str:
    """Return the idempotency key: the same for every run, version, worker and attempt."""
    named = f"{workspace.hex}/{recipe.hex}/{step}/{item.hex}/{path}/{generation}"
    return base64.b32encode(hashlib.sha256(named.encode()).digest()).decode().rstrip("=").lower()


class Ledger:
    """Opens and settles deliveries, whole groups in one statement."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def open(self, to: Destination, writes: Sequence[Write], state: str = "pending") -> dict[str, Entry]:
        """Write deliveries down before they happen; returns what was known of their keys.

        A key that is sent, pending, unknown or accepted stays as it is: the caller decides what that means.
        """
        rows = await fetch(_OPEN, *self._columns(to, writes), state)
        if not rows or rows[0]["mine"] is not True:
            raise LateWriterError("Another attempt has taken over this run.")
        return {row["key"]: _entry(row) for row in rows if row["key"] is not None}

    async def reopen(self, keys: Sequence[str], run: UUID) -> None:
        """Mark deliveries whose end is not known as sent again under the same key."""
        await execute(
            "update deliveries set state = 'pending', repeated = repeated + 1, run = $2, token = null,"
            " written_at = now()"
            " where key = any($1::text[])",
            list(keys),
            run,
        )

    async def remember(self, keys: Sequence[str], token: str) -> None:
        """Keep the token by which a crashed write is decided."""
        await execute(
            "update deliveries set token = $2 where key = any($1::text[]) and state = 'pending'", list(keys), token
        )

    async def settle(self, workspace: UUID, settled: Sequence[Settled]) -> None:
        """Write down how deliveries ended."""
        if not settled:
            return
        images = await self._images(workspace, settled)
        await execute(
            _SETTLE,
            [one.key for one in settled],
            [one.state for one in settled],
            [to_text(one.reference) for one in settled],
            [to_text(one.version) for one in settled],
            [to_text(one.url) for one in settled],
            [None if one.output is None else to_jsonb(one.output) for one in settled],
            images,
            [to_text(one.message) for one in settled],
            [to_text(one.token) for one in settled],
            [one.after_seconds for one in settled],
        )
        for state, count in Counter(one.state for one in settled).items():
            metrics.DELIVERIES.labels(state).inc(count)

    async def images(self, workspace: UUID, delivery: UUID, sealed: bytes) -> tuple[Any, Any]:
        """Open the before and after images of a delivery."""
        opened = await self._vault.open(workspace, place("deliveries", delivery, "images"), sealed)
        before, after = msgspec.json.decode(opened)
        return before, after

    async def _images(self, workspace: UUID, settled: Sequence[Settled]) -> list[bytes | None]:
        """Seal what undo needs, bound to the ledger row it belongs to."""
        kept = [one.key for one in settled if one.before is not None or one.after is not None]
        if not kept:
            return [None] * len(settled)
        rows = await fetch("select key, id from deliveries where key = any($1::text[])", kept)
        places = {row["key"]: place("deliveries", row["id"], "images") for row in rows}
        return [
            await self._vault.seal(workspace, places[one.key], to_jsonb([one.before, one.after]).encode())
            if one.key in places and (one.before is not None or one.after is not None)
            else None
            for one in settled
        ]

    @staticmethod
    def _columns(to: Destination, writes: Sequence[Write]) -> list[object]:
        return [
            to.workspace,
            to.recipe,
            to.version,
            to.run,
            to.fence,
            to.target,
            to.effect,
            to.connection,
            [one.key for one in writes],
            [new_id() for _ in writes],
            [one.item for one in writes],
            [one.step for one in writes],
            [one.path for one in writes],
            [one.generation for one in writes],
            [to_jsonb({"settings": one.settings, "rows": one.rows}) for one in writes],
        ]


def _entry(row: Row) -> Entry:
    return Entry(
        key=row["key"],
        state=row["state"],
        token=row["token"],
        reference=row["reference"],
        output=from_jsonb(row["output"]),
        message=row["message"],
        due_at=row["due_at"],
    )


# `mine` is false for a late writer: its run's fence has been raised by the attempt that took over.
_OPEN = """
with fence as (select exists (select from runs where id = $4 and fence = $5 for share) as mine),
incoming as (
    select * from unnest($9::text[], $10::uuid[], $11::uuid[], $12::text[], $13::text[], $14::int[], $15::text[])
    as t(key, id, item, step, path, generation, request)
),
prior as (select d.* from deliveries d join incoming i on i.key = d.key),
opened as (
    insert into deliveries as d (
        key, id, workspace, recipe, version, run, item, step, path, generation, target, effect, connection, state,
        request
    )
    select i.key, i.id, $1, $2, $3, $4, i.item, i.step, i.path, i.generation, $6, $7, $8, $16, i.request::json
    from incoming i, fence where fence.mine
    on conflict (key) do update set state = excluded.state, run = excluded.run, version = excluded.version,
        request = excluded.request, message = null, token = null, written_at = now(), settled_at = null
    where d.state in ('failed', 'not_attempted')
)
select fence.mine, prior.key, prior.state, prior.token, prior.reference, prior.output, prior.message, prior.due_at
from fence left join prior on prior.state not in ('failed', 'not_attempted')"""

_SETTLE = f"""
update deliveries d set state = t.state, reference = t.reference, external_version = t.version, url = t.url,
    output = t.output::jsonb, images = t.images, message = t.message, token = coalesce(t.token, d.token),
    images_until = case when t.images is null then null else now() + interval '{KEPT_FOR_UNDO}' end,
    due_at = now() + t.after * interval '1 second', settled_at = now()
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bytea[], $8::text[], $9::text[],
    $10::float8[]) as t(key, state, reference, version, url, output, images, message, token, after)
where d.key = t.key"""  # noqa: S608  # joined from our own words, values are arguments
