"""Readings and extractions in the database, each in its workspace; readings are sealed."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from hub.database import Row, execute, fetch, fetch_one, struct_from_jsonb, to_jsonb
from hub.errors import InvalidError, NotFoundError, Problem
from hub.extraction.extract import Done
from hub.extraction.reading import Reading
from hub.extraction.results import Extraction, Provenance
from hub.extraction.schemas.workspace import Resolved
from hub.ids import new_id, parse, show
from hub.sealing import Vault, place

# Readings made by an older reader are made again.
READER = "1"
MOST = 200


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Who asked for an extraction: a member, or a step of a run."""

    member: UUID | None = None
    item: UUID | None = None
    run: UUID | None = None
    step: str | None = None
    path: str = ""


class Circumstances(msgspec.Struct, frozen=True, kw_only=True):
    """What an extraction was made of and by what."""

    schema: Resolved
    engine: str
    reading: UUID
    file: str | None
    origin: Origin


class ExtractionSummary(msgspec.Struct, frozen=True, kw_only=True):
    """An extraction in a list."""

    id: str
    schema: str
    version: int
    engine: str
    status: str
    file: str | None
    item: str | None
    problems: int
    model: str | None
    cost_usd: float
    created_at: datetime


class ExtractionPage(msgspec.Struct, frozen=True, kw_only=True):
    """Extractions, newest first, and where to go on."""

    items: Sequence[ExtractionSummary]
    cursor: str | None = None


async def reading_of(vault: Vault, workspace: UUID, content: bytes) -> tuple[Reading, UUID] | None:
    """Return the stored reading of a source, None when it was not read before."""
    row = await fetch_one(_READING, workspace, hashlib.sha256(content).digest(), READER)
    if row is None:
        return None
    opened = await vault.open(workspace, place("readings", row["id"], "content"), row["content"])
    return msgspec.msgpack.decode(zlib.decompress(opened), type=Reading), row["id"]


async def keep_reading(vault: Vault, workspace: UUID, file: str | None, reading: Reading, took: int) -> UUID:
    """Store a reading; one that another process stored meanwhile is taken instead."""
    identity = new_id()
    packed = zlib.compress(msgspec.msgpack.encode(reading), 1)
    sealed = await vault.seal(workspace, place("readings", identity, "content"), packed)
    fingerprint = bytes.fromhex(reading.source)
    kept = parse("fil", file) if file else None
    rows = await fetch(_KEEP_READING, identity, workspace, kept, fingerprint, READER, sealed, len(reading.pages), took)
    if rows:
        return identity
    row = await fetch_one(_READING, workspace, fingerprint, READER)
    return row["id"] if row else identity


async def keep(workspace: UUID, done: Done, made: Circumstances) -> None:
    """Store an extraction in the current transaction."""
    result, origin = done.extraction, made.origin
    await execute(
        _KEEP, parse("ext", result.id), workspace, made.reading, parse("fil", made.file) if made.file else None,
        origin.item, origin.run, origin.step, origin.path, result.schema.name, made.schema.id, result.schema.version,
        made.engine,
        result.status, to_jsonb(result), result.usage.model, result.usage.input_tokens, result.usage.output_tokens,
        result.usage.cost_usd, done.raw, origin.member,
    )  # fmt: skip


async def made_for(workspace: UUID, item: UUID, run: UUID, step: str, path: str) -> list[Extraction]:
    """Return what was extracted already for a step of a run."""
    rows = await fetch(_MADE, workspace, item, run, step, path)
    return [struct_from_jsonb(row["result"], Extraction) for row in rows]


async def find(workspace: UUID, reference: str) -> Extraction:
    """Return one extraction; NotFoundError when it is not this workspace's."""
    row = await fetch_one(_FIND, workspace, parse("ext", reference))
    if row is None:
        raise NotFoundError("There is no such extraction in this workspace.")
    return msgspec.structs.replace(struct_from_jsonb(row["result"], Extraction), origin=_provenance(row))


async def page(workspace: UUID, *, limit: int, cursor: str | None, schema: str | None) -> ExtractionPage:
    """Return extractions, newest first."""
    limit = max(1, min(limit, MOST))
    rows = await fetch(_LIST, workspace, _before(cursor), schema, limit + 1)
    items = [_summary(row) for row in rows[:limit]]
    return ExtractionPage(items=items, cursor=items[-1].id if len(rows) > limit else None)


def _before(cursor: str | None) -> UUID | None:
    try:
        return parse("ext", cursor) if cursor else None
    except NotFoundError as error:
        raise InvalidError("This cursor is none of ours.", errors=[Problem("cursor", "Leave it out.")]) from error


def _provenance(row: Row) -> Provenance | None:
    if row["item"] is None or row["run"] is None:
        return None
    return Provenance(
        run=show("run", row["run"]), item=show("itm", row["item"]), step=row["step"] or "", path=row["path"]
    )


def _summary(row: Row) -> ExtractionSummary:
    return ExtractionSummary(
        id=show("ext", row["id"]),
        schema=row["schema_name"],
        version=row["schema_version"],
        engine=row["engine"],
        status=row["status"],
        file=show("fil", row["file"]) if row["file"] else None,
        item=show("itm", row["item"]) if row["item"] else None,
        problems=row["problems"],
        model=row["model"],
        cost_usd=float(row["cost_usd"]),
        created_at=row["created_at"],
    )


_READING = "select id, content from readings where workspace = $1 and sha256 = $2 and reader = $3"
_KEEP_READING = (
    "insert into readings (id, workspace, file, sha256, reader, content, pages, took_ms) "
    "values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (workspace, sha256, reader) do nothing returning id"
)
_KEEP = (
    "insert into extractions (id, workspace, reading, file, item, run, step, path, schema_name, schema_id, "
    "schema_version, engine, status, result, model, input_tokens, output_tokens, cost_usd, raw_answer, created_by) "
    "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)"
)
_FIND = "select result, item, run, step, path from extractions where workspace = $1 and id = $2"
_MADE = (
    "select result from extractions where workspace = $1 and item = $2 and run = $3 and step = $4 and path = $5 "
    "order by id"
)
_LIST = (
    "select id, schema_name, schema_version, engine, status, file, item, model, cost_usd, created_at, "
    "jsonb_array_length(result->'problems') as problems from extractions where workspace = $1 "
    "and ($2::uuid is null or id < $2) and ($3::text is null or lower(schema_name) = lower($3)) "
    "order by id desc limit $4"
)
