"""Extractions in the database, each in its workspace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from hub.database import Row, execute, fetch, fetch_one, struct_from_jsonb, to_jsonb
from hub.errors import NotFoundError
from hub.extraction.choice import Choice, stored
from hub.extraction.extract import Done
from hub.extraction.results import Extraction, Provenance
from hub.extraction.schemas.workspace import Resolved
from hub.ids import parse, show

MOST = 200


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Who asked for an extraction: a member, a batch, or a step of a run; `repeats` is the one it makes again."""

    member: UUID | None = None
    item: UUID | None = None
    run: UUID | None = None
    step: str | None = None
    path: str = ""
    batch: UUID | None = None
    repeats: UUID | None = None


class Circumstances(msgspec.Struct, frozen=True, kw_only=True):
    """What an extraction was made of and by what."""

    schema: Resolved
    choice: Choice
    reading: UUID
    file: str | None
    origin: Origin
    confidence: float = 0.0
    preview: bool = False
    tags: tuple[str, ...] = ()


class MadeWith(msgspec.Struct, frozen=True, kw_only=True):
    """What it takes to make an extraction again."""

    schema: str
    file: str | None
    choice: Choice
    tags: tuple[str, ...]


async def keep(workspace: UUID, done: Done, made: Circumstances) -> None:
    """Store an extraction in the current transaction."""
    result, origin = done.extraction, made.origin
    await execute(
        _KEEP, parse("ext", result.id), workspace, made.reading, parse("fil", made.file) if made.file else None,
        origin.item, origin.run, origin.step, origin.path, result.schema.name, made.schema.id, result.schema.version,
        made.choice.engine, "preview" if made.preview else result.status, to_jsonb(result), result.usage.model,
        result.usage.input_tokens, result.usage.output_tokens, result.usage.cost_usd, done.raw, origin.member,
        to_jsonb(stored(made.choice)), made.confidence, origin.repeats, origin.batch, made.preview, list(made.tags),
        result.layout, result.id, to_jsonb(_told(done, made)),
    )  # fmt: skip


async def keep_preview(workspace: UUID, reference: str) -> None:
    """Turn a preview into an extraction for good."""
    rows = await fetch(_SAVE, workspace, parse("ext", reference), reference)
    if not rows:
        raise NotFoundError("There is no such extraction in this workspace; a preview is forgotten after a day.")


async def made_for(workspace: UUID, item: UUID, run: UUID, step: str, path: str) -> list[Extraction]:
    """Return what was extracted already for a step of a run."""
    rows = await fetch(_MADE, workspace, item, run, step, path)
    return [struct_from_jsonb(row["result"], Extraction) for row in rows]


async def made_in(workspace: UUID, batch: UUID, file: UUID) -> str | None:
    """Return the extraction that a batch has of a file already, as after a crash before it was noted."""
    sql = "select id from extractions where workspace = $1 and batch = $2 and file = $3 limit 1"
    row = await fetch_one(sql, workspace, batch, file)
    return show("ext", row["id"]) if row else None


async def find(workspace: UUID, reference: str) -> Extraction:
    """Return one extraction; NotFoundError when it is not this workspace's."""
    row = await fetch_one(_FIND, workspace, parse("ext", reference))
    if row is None:
        raise NotFoundError("There is no such extraction in this workspace.")
    found = struct_from_jsonb(row["result"], Extraction)
    return msgspec.structs.replace(found, origin=_provenance(row), verdict=row["verdict"])


async def made_with(workspace: UUID, reference: str) -> MadeWith:
    """Return what it takes to make an extraction again."""
    row = await fetch_one(_MADE_WITH, workspace, parse("ext", reference))
    if row is None:
        raise NotFoundError("There is no such extraction in this workspace.")
    return MadeWith(
        schema=row["schema_name"],
        file=show("fil", row["file"]) if row["file"] else None,
        choice=struct_from_jsonb(row["settings"], Choice),
        tags=tuple(row["tags"]),
    )


async def answer(workspace: UUID, reference: str) -> str | None:
    """Return what the model answered word for word."""
    row = await fetch_one(
        "select raw_answer from extractions where workspace = $1 and id = $2", workspace, parse("ext", reference)
    )
    if row is None:
        raise NotFoundError("There is no such extraction in this workspace.")
    raw: str | None = row["raw_answer"]
    return raw


def _told(done: Done, made: Circumstances) -> Mapping[str, Any]:
    """What others hear of an extraction: nothing that the document says."""
    origin = made.origin
    named = {"item": ("itm", origin.item), "run": ("run", origin.run), "batch": ("bat", origin.batch)}
    return {
        "schema": done.extraction.schema.name,
        "status": done.extraction.status,
        "confidence": made.confidence,
        "file": made.file,
        **{name: show(prefix, value) for name, (prefix, value) in named.items() if value is not None},
    }


def _provenance(row: Row) -> Provenance | None:
    if row["item"] is None or row["run"] is None:
        return None
    return Provenance(
        run=show("run", row["run"]), item=show("itm", row["item"]), step=row["step"] or "", path=row["path"]
    )


_KEEP = (
    "with made as (insert into extractions (id, workspace, reading, file, item, run, step, path, schema_name, "
    "schema_id, schema_version, engine, status, result, model, input_tokens, output_tokens, cost_usd, raw_answer, "
    "created_by, settings, confidence, repeats, batch, preview_until, tags, layout) "
    "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, "
    "$24, case when $25 then now() + interval '1 day' end, $26, $27)) "
    "insert into outbox (workspace, kind, subject, body) "
    "select $2::uuid, 'extraction.done', $28, $29::jsonb where not $25"
)
_SAVE = (
    "with before as (select id, status from extractions where workspace = $1 and id = $2 for update), "
    "saved as (update extractions e set preview_until = null, "
    "status = case e.status when 'preview' then result->>'status' else e.status end "
    "from before where e.workspace = $1 and e.id = before.id returning e.*), "
    "told as (insert into outbox (workspace, kind, subject, body) "
    "select s.workspace, 'extraction.done', $3, "
    "jsonb_build_object('schema', s.schema_name, 'status', s.status, 'confidence', s.confidence) "
    "from saved s join before using (id) where before.status = 'preview') select id from saved"
)
_FIND = "select result, item, run, step, path, verdict from extractions where workspace = $1 and id = $2"
_MADE = (
    "select result from extractions where workspace = $1 and item = $2 and run = $3 and step = $4 and path = $5 "
    "order by id"
)
_MADE_WITH = "select schema_name, file, settings, tags from extractions where workspace = $1 and id = $2"
