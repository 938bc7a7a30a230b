"""Rotation of keys without downtime: new ones seal at once, old ones open until everything is sealed anew."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import msgspec

from hub.database import connection, execute, fetch, transaction
from hub.errors import ConflictError
from hub.sealing.vault import Vault, place

BATCH = 200


class SealedColumn(msgspec.Struct, frozen=True):
    """A column whose values `Vault.seal` wrote for `place(table, row id, column)`."""

    table: str
    column: str


SEALED_COLUMNS = (
    SealedColumn("connections", "secrets"),
    SealedColumn("connections", "tokens"),
    SealedColumn("deliveries", "images"),
    SealedColumn("hand_offs", "verifier"),
    SealedColumn("learnt_layouts", "content"),
    SealedColumn("pins", "kept"),
    SealedColumn("providers", "key"),
    SealedColumn("subscriptions", "secret"),
    SealedColumn("subscriptions", "previous_secret"),
    SealedColumn("tries", "kept"),
)


class Rotated(msgspec.Struct, frozen=True, kw_only=True):
    """What a rotation did."""

    workspaces: int
    values: int
    master_key: bool


async def rotate(vault: Vault, *, master_key: bool = False) -> Rotated:
    """Give every workspace a new key and seal its stored secrets anew; on wish replace the master key too.

    Running processes go on meanwhile: they find new keys in the database and the key file when they meet them.
    Stored files, readings and kept answers of models keep the key they were sealed under, which stays, wrapped by the
    newest master key.
    """
    async with _alone():
        if master_key:
            forget_old = vault.master.begin_rotation()
            async with transaction():
                await vault.rewrap()
            forget_old()
        workspaces = [row["id"] for row in await fetch("select id from workspaces order by id")]
        values = 0
        for workspace in workspaces:
            async with transaction():
                await vault.renew(workspace)
            for column in SEALED_COLUMNS:
                values += await _seal_anew(vault, workspace, column)
    return Rotated(workspaces=len(workspaces), values=values, master_key=master_key)


@asynccontextmanager
async def _alone() -> AsyncIterator[None]:
    """Rotate only once at a time: of two, each would forget the master key under which the other has just wrapped."""
    async with connection() as held:
        if not await held.fetchval(f"select pg_try_advisory_lock({_LOCK})"):
            raise ConflictError("Keys are being rotated already; wait until that is done.")
        try:
            yield
        finally:
            await held.execute(f"select pg_advisory_unlock({_LOCK})")


async def _seal_anew(vault: Vault, workspace: UUID, column: SealedColumn) -> int:
    done, after = 0, UUID(int=0)
    current = (await vault.ring(workspace)).current
    while rows := await fetch(_OUTDATED.format(**msgspec.structs.asdict(column)), workspace, current, after, BATCH):
        after = rows[-1]["id"]
        for row in rows:
            where = place(column.table, row["id"], column.column)
            fresh = await vault.seal(workspace, where, await vault.open(workspace, where, row["sealed"]))
            # One by one: who holds several of these rows, in whatever order, never waits for this one in a circle
            replace = _REPLACE.format(**msgspec.structs.asdict(column))
            done += await execute(replace, workspace, row["id"], row["sealed"], fresh)
    return done


# Names come from SEALED_COLUMNS above, never from outside. A value changed meanwhile is left to its writer.
_OUTDATED = (
    "select id, {column} as sealed from {table} where workspace = $1 and {column} is not null "
    "and substring({column} from 2 for 4) < int4send($2) and id > $3 order by id limit $4"
)
_REPLACE = "update {table} set {column} = $4 where workspace = $1 and id = $2 and {column} = $3"
_LOCK = "hashtextextended('rotation of keys', 0)"
