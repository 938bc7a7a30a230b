"""Files of a workspace: stored sealed, described, opened, listed, deleted."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from hub.audit import Audit
from hub.database import Row, alone, execute, fetch, fetch_one, transaction
from hub.errors import NotFoundError, TooLargeError
from hub.files.names import label, media_type
from hub.files.objects import ObjectStore
from hub.ids import new_id, parse, parse_cursor, show
from hub.members import Member, Verb
from hub.sealing import Vault, place
from hub.sealing.vault import key_number
from hub.usage import Usage, Used

PREFIX = "fil"
MOST = 200
# Content from this size on is sealed beside the event loop.
BIG = 256 * 1024
ABSENT = "There is no such file in this workspace."


Forget = Callable[[UUID, UUID], Awaitable[None]]


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """A file as it came: its name and type are what the sender says, and are taken as labels."""

    name: str
    media_type: str
    content: bytes


class FileSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What is known about a file; `took_ms` is how long processing it took, `chunks` into how many parts it was cut."""

    id: str
    name: str
    media_type: str
    size: int
    sha256: str
    status: str
    owner: str | None
    chunks: int
    took_ms: int | None
    created_at: datetime


class FilePage(msgspec.Struct, frozen=True, kw_only=True):
    """Files, newest first, and where to go on."""

    files: Sequence[FileSummary]
    cursor: str | None


class Files:
    """Keeps files; the acting member comes first, or the workspace where the hub acts by itself."""

    def __init__(
        self, store: ObjectStore, vault: Vault, usage: Usage, audit: Audit, max_bytes: int = 100 << 20
    ) -> None:
        self._store = store
        self._vault = vault
        self._usage = usage
        self._audit = audit
        self._max_bytes = max_bytes
        self._forget: Forget | None = None

    def forget_with(self, forget: Forget) -> None:
        """Have this forget, in the same transaction, what was read of a file that is deleted."""
        self._forget = forget

    async def store(self, actor: Member | UUID, name: str, stated_type: str, content: bytes) -> FileSummary:
        """Keep a file; the same content under the same name is one file."""
        workspace, owner = _allowed(actor, Verb.UPLOAD)
        if len(content) > self._max_bytes:
            raise TooLargeError(f"The file is larger than the limit of {self._max_bytes >> 20} MB.")
        hashed = await asyncio.to_thread(hashlib.sha256, content) if len(content) > BIG else hashlib.sha256(content)
        fingerprint = hashed.digest()
        described = workspace, fingerprint, label(name), media_type(stated_type), owner
        row = await fetch_one(_SAME, *described)
        if row is not None:
            return _summary(row)
        identity = new_id()
        key = _storage_key(workspace, identity)
        await self._store.put(key, await self._sealed(workspace, identity, content))
        async with transaction():
            await _hold(workspace, fingerprint)
            row = await fetch_one(_SAME, *described)
            if row is None:
                (row,) = await fetch(_INSERT, *described, identity, len(content), key)
                await self._usage.record(workspace, [Used(kind="files", quantity=len(content), unit="bytes")])
                if isinstance(actor, Member):
                    await self._audit.record(actor, "file.stored", show(PREFIX, identity), {"name": label(name)})
        if row["id"] != identity:  # the same was stored meanwhile
            await self._store.delete(key)
        return _summary(row)

    async def open(self, actor: Member | UUID, file: str | UUID) -> bytes:
        """The content of a file."""
        workspace, _ = _allowed(actor, Verb.READ)
        row = await self._row(workspace, file)
        sealed = await self._store.get(row["storage_key"])
        where = place("files", row["id"], "content")
        if len(sealed) < BIG:
            return await self._vault.open(workspace, where, sealed)
        ring = await self._vault.ring(workspace)
        if key_number(sealed) not in ring:  # rotated by another process since
            return await self._vault.open(workspace, where, sealed)
        return await asyncio.to_thread(ring.open, where, sealed)

    async def describe(self, actor: Member | UUID, file: str | UUID) -> FileSummary:
        """What is known about a file."""
        workspace, _ = _allowed(actor, Verb.READ)
        return _summary(await self._row(workspace, file))

    async def list(self, member: Member, *, limit: int = 50, cursor: str | None = None, search: str = "") -> FilePage:
        """Files, newest first, those whose name holds `search`."""
        member.authorize(Verb.READ)
        limit = max(1, min(limit, MOST))
        rows = await fetch(
            _LIST, member.workspace, parse_cursor(PREFIX, cursor or None), search[:200].lower(), limit + 1
        )
        files = [_summary(row) for row in rows[:limit]]
        return FilePage(files=files, cursor=files[-1].id if len(rows) > limit else None)

    async def delete(self, member: Member, file: str | UUID) -> None:
        """Delete a file: its content at once, of its row what was known stays as a trace."""
        member.authorize(Verb.EDIT_DATASETS)
        row = await self._row(member.workspace, file)
        await self._store.delete(row["storage_key"])
        async with transaction():
            await _hold(member.workspace, row["sha256"])
            if not await execute(_DELETE, member.workspace, row["id"]):
                raise NotFoundError(ABSENT)
            if self._forget:
                await self._forget(member.workspace, row["id"])
            await self._audit.record(member, "file.deleted", show(PREFIX, row["id"]), {"name": row["name"]})

    async def settle(self, workspace: UUID, file: str | UUID, *, status: str, took_ms: int, chunks: int = 0) -> None:
        """Note how processing a file went: `read` or `failed`, how long it took, into how many parts it was cut."""
        await execute(_SETTLE, workspace, _identity(file), status, took_ms, chunks)

    async def _row(self, workspace: UUID, file: str | UUID) -> Row:
        row = await fetch_one(_ONE, workspace, _identity(file))
        if row is None:
            raise NotFoundError(ABSENT)
        return row

    async def _sealed(self, workspace: UUID, identity: UUID, content: bytes) -> bytes:
        where = place("files", identity, "content")
        if len(content) < BIG:
            return await self._vault.seal(workspace, where, content)
        ring = await self._vault.ring(workspace)
        return await asyncio.to_thread(ring.seal, where, content)


async def _hold(workspace: UUID, fingerprint: bytes) -> None:
    """Let whoever stores or deletes the same content go one after another, so that each sees what the others did."""
    await alone(f"file{workspace}{fingerprint.hex()}")


def _allowed(actor: Member | UUID, verb: Verb) -> tuple[UUID, UUID | None]:
    if isinstance(actor, Member):
        actor.authorize(verb)
        return actor.workspace, actor.user
    return actor, None


def _storage_key(workspace: UUID, identity: UUID) -> str:
    """A key of ours; the last digits of an id are random, so that they spread over directories."""
    return f"{workspace.hex}/{identity.hex[-2:]}/{identity.hex}"


def _identity(file: str | UUID) -> UUID:
    return file if isinstance(file, UUID) else parse(PREFIX, file)


def _summary(row: Row) -> FileSummary:
    return FileSummary(
        id=show(PREFIX, row["id"]),
        name=row["name"],
        media_type=row["media_type"],
        size=row["size"],
        sha256=row["sha256"].hex(),
        status=row["status"],
        owner=show("usr", row["owner"]) if row["owner"] else None,
        chunks=row["chunks"],
        took_ms=row["took_ms"],
        created_at=row["created_at"],
    )


_ONE = "select * from files where workspace = $1 and id = $2 and deleted_at is null"
_SAME = (
    "select * from files where workspace = $1 and sha256 = $2 and name = $3 and media_type = $4 "
    "and owner is not distinct from $5 and deleted_at is null order by id limit 1"
)
_INSERT = (
    "insert into files (workspace, sha256, name, media_type, owner, id, size, storage_key) "
    "values ($1, $2, $3, $4, $5, $6, $7, $8) returning *"
)
_LIST = (
    "select * from files where workspace = $1 and deleted_at is null and ($2::uuid is null or id < $2) "
    "and ($3 = '' or position($3 in lower(name)) > 0) order by id desc limit $4"
)
_DELETE = (
    "update files set deleted_at = now(), status = 'deleted' where workspace = $1 and id = $2 and deleted_at is null"
)
_SETTLE = (
    "update files set status = $3, took_ms = $4, chunks = $5 where workspace = $1 and id = $2 and deleted_at is null"
)
