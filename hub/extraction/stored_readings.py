"""Readings in the database, each in its workspace: as read and as corrected, both sealed."""

from __future__ import annotations

import asyncio
import hashlib
import zlib
from datetime import datetime
from uuid import UUID

import msgspec

from hub.database import Row, fetch, fetch_one
from hub.errors import NotFoundError, StaleError
from hub.extraction.reading import Reading
from hub.ids import new_id, parse
from hub.sealing import Vault, place

PREFIX = "rdg"
# Readings made by an older reader are made again.
READER = "2"
CHANGED = "The text was corrected meanwhile; load it again and repeat your change."
# Packed content from this size on is packed and unpacked beside the event loop.
BIG = 256 * 1024


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A stored reading, with its corrections when there are some."""

    id: UUID
    file: UUID | None
    reading: Reading
    revision: int = 1
    corrected_by: UUID | None = None
    corrected_at: datetime | None = None
    created_at: datetime


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """What a reading is kept under: the content and the way it was read."""

    sha256: bytes
    way: str = ""


async def source_of(content: bytes, way: str) -> Source:
    """Name what is read; a large content is hashed beside the event loop."""
    hashed = await asyncio.to_thread(hashlib.sha256, content) if len(content) > BIG else hashlib.sha256(content)
    return Source(sha256=hashed.digest(), way=way)


class StoredReadings:
    """Keeps readings for the services of a workspace."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def of_source(self, workspace: UUID, source: Source) -> Kept | None:
        """Return the reading of a source, corrected where it was; None when it was not read before."""
        row = await fetch_one(_OF_SOURCE, workspace, source.sha256, READER, source.way)
        return await self._opened(workspace, row) if row else None

    async def find(self, workspace: UUID, reference: str) -> Kept:
        """Return a reading by its id; NotFoundError when it is not this workspace's."""
        return await self._opened(workspace, await self._row(workspace, reference))

    async def still(self, workspace: UUID, identity: UUID) -> Kept | None:
        """Return a reading that was named a moment ago, None when it was deleted since."""
        row = await fetch_one(_FIND, workspace, identity)
        return await self._opened(workspace, row) if row else None

    async def keep(self, workspace: UUID, file: str | None, source: Source, reading: Reading, took_ms: int) -> UUID:
        """Store a reading, unless its file was deleted since; one that was stored meanwhile is taken instead."""
        identity = new_id()
        sealed = await self._sealed(workspace, identity, "content", reading)
        kept = parse("fil", file) if file else None
        rows = await fetch(
            _KEEP, identity, workspace, kept, source.sha256, READER, source.way, sealed, len(reading.pages), took_ms
        )
        if rows:
            return identity
        row = await fetch_one(_OF_SOURCE, workspace, source.sha256, READER, source.way)
        return row["id"] if row else identity

    async def correct(self, workspace: UUID, kept: Kept, corrected: Reading, by: UUID | None) -> None:
        """Put a corrected reading beside the original; StaleError when somebody was quicker."""
        sealed = await self._sealed(workspace, kept.id, "corrected", corrected)
        if not await fetch(_CORRECT, workspace, kept.id, kept.revision, sealed, by):
            raise StaleError(CHANGED)

    async def restore(self, workspace: UUID, kept: Kept) -> None:
        """Drop the corrections of a reading; StaleError when somebody was quicker."""
        if not await fetch(_RESTORE, workspace, kept.id, kept.revision):
            raise StaleError(CHANGED)

    async def _row(self, workspace: UUID, reference: str) -> Row:
        row = await fetch_one(_FIND, workspace, parse(PREFIX, reference))
        if row is None:
            raise NotFoundError("There is no such reading in this workspace.")
        return row

    async def _opened(self, workspace: UUID, row: Row) -> Kept:
        return Kept(
            id=row["id"],
            file=row["file"],
            reading=await self._unsealed(workspace, row, "corrected" if row["corrected"] else "content"),
            revision=row["revision"],
            corrected_by=row["corrected_by"],
            corrected_at=row["corrected_at"],
            created_at=row["created_at"],
        )

    async def _unsealed(self, workspace: UUID, row: Row, column: str) -> Reading:
        opened = await self._vault.open(workspace, place("readings", row["id"], column), row[column])
        return await asyncio.to_thread(_unpacked, opened) if len(opened) > BIG else _unpacked(opened)

    async def _sealed(self, workspace: UUID, identity: UUID, column: str, reading: Reading) -> bytes:
        packed = await asyncio.to_thread(_packed, reading) if len(reading.text) > BIG else _packed(reading)
        return await self._vault.seal(workspace, place("readings", identity, column), packed)


def _packed(reading: Reading) -> bytes:
    return zlib.compress(msgspec.msgpack.encode(reading), 1)


def _unpacked(packed: bytes) -> Reading:
    return msgspec.msgpack.decode(zlib.decompress(packed), type=Reading)


_COLUMNS = "id, file, content, corrected, revision, corrected_by, corrected_at, created_at"
_OF_SOURCE = f"select {_COLUMNS} from readings where workspace = $1 and sha256 = $2 and reader = $3 and options = $4"  # noqa: S608 names of ours
_FIND = f"select {_COLUMNS} from readings where workspace = $1 and id = $2"  # noqa: S608 names of ours
# Whoever deletes the file waits for this, or this for them, so that what was read does not outlive it.
_KEEP = (
    "with there as materialized ("
    "select id from files where workspace = $2 and sha256 = $4 and deleted_at is null order by id for share) "
    "insert into readings (id, workspace, file, sha256, reader, options, content, pages, took_ms) "
    "select $1::uuid, $2::uuid, $3::uuid, $4::bytea, $5::text, $6::text, $7::bytea, $8::int, $9::int "
    "where $3::uuid is null or exists (select from there) "
    "on conflict (workspace, sha256, reader, options) do nothing returning id"
)
_CORRECT = (
    "update readings set corrected = $4, corrected_by = $5, corrected_at = now(), revision = revision + 1 "
    "where workspace = $1 and id = $2 and revision = $3 returning id"
)
_RESTORE = (
    "update readings set corrected = null, corrected_by = null, corrected_at = null, revision = revision + 1 "
    "where workspace = $1 and id = $2 and revision = $3 returning id"
)
