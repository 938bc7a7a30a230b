"""What corrections and judgements read and write: extractions with their schema, corrections, judgements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from hub.database import Row, execute, fetch, fetch_one, from_jsonb, struct_from_jsonb, to_jsonb
from hub.errors import NotFoundError
from hub.extraction.learning.amend import Made
from hub.extraction.results import Evidence, Extraction, FieldResult
from hub.extraction.schemas.document import build_schema
from hub.extraction.schemas.fields import Schema
from hub.extraction.schemas.starter import starter
from hub.ids import new_id, parse, show

PREFIX = "cor"


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """An extraction that is judged: its result, the schema as it was then, and its reading."""

    id: UUID
    extraction: Extraction
    schema: Schema
    reading: UUID | None


class Correction(msgspec.Struct, frozen=True, kw_only=True):
    """What a person put right: before and after, who, when, and where it stands; `note` when that is not known."""

    id: str
    record: int
    path: str
    kind: str
    before: Any
    after: Any
    engine: str | None
    confidence: float
    evidence: tuple[Evidence, ...]
    relation: str = ""
    label: str = ""
    note: str = ""
    member: str | None = None
    decision: str | None = None
    at: datetime
    undone_at: datetime | None = None


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a value as it was found is right."""

    path: str
    field: FieldResult
    is_right: bool
    record: int = 0


async def held(workspace: UUID, reference: str) -> Subject:
    """Return an extraction and hold it until the transaction ends, so that corrections come one after another."""
    row = await fetch_one(_HELD, workspace, parse("ext", reference))
    if row is None:
        raise NotFoundError("There is no such extraction in this workspace.")
    content = row["content"]
    return Subject(
        id=row["id"],
        extraction=struct_from_jsonb(row["result"], Extraction),
        schema=build_schema(from_jsonb(content)) if content else starter(row["schema_name"]),
        reading=row["reading"],
    )


async def store(workspace: UUID, subject: Subject, extraction: Extraction, confidence: float) -> None:
    """Store a changed result."""
    await execute(_STORE, workspace, subject.id, to_jsonb(extraction), confidence, extraction.layout)


async def keep_corrections(
    workspace: UUID, subject: Subject, record: int, made: Sequence[Made], by: tuple[UUID | None, UUID | None]
) -> None:
    """Keep corrections of a record; `by` names the member and the decision."""
    rows = [_correction_row(record, one) for one in made]
    await execute(_KEEP, workspace, subject.id, [new_id() for _ in made], [to_jsonb(row) for row in rows], *by)


async def corrections(workspace: UUID, extraction: UUID) -> list[Correction]:
    """Return the corrections of an extraction, newest first."""
    rows = await fetch(_CORRECTIONS, workspace, extraction)
    return [_correction(row) for row in rows]


async def judge(workspace: UUID, subject: Subject, judged: Iterable[Judgement], by: UUID | None, *, firm: bool) -> None:
    """Keep judgements in one statement; a firm one replaces what was said of the same value before."""
    rows = [
        {
            "record": one.record, "path": one.path, "engine": one.field.engine, "score": one.field.score,
            "confidence": one.field.confidence, "is_right": one.is_right,
        }
        for one in judged
    ]  # fmt: skip
    about = subject.extraction
    if rows:
        sql = _JUDGE + (_FIRM if firm else "on conflict do nothing")
        await execute(
            sql, workspace, subject.id, to_jsonb(rows), about.schema.name, about.schema.version, about.layout, by
        )


def judged_paths(fields: dict[str, FieldResult]) -> Iterable[tuple[str, FieldResult]]:
    """Return the fields of a record of which an engine said something, or nothing; people's own are left out."""
    return [(path, field) for path, field in fields.items() if field.engine != "person"]


def _correction_row(record: int, made: Made) -> dict[str, Any]:
    first = made.earlier.get("", FieldResult())
    note = ""
    if made.kind != "remove" and made.after is not None and not made.evidence:
        note = "The document does not say this in one place only. Mark where it stands, so that it can be learnt."
    return {
        "record": record,
        "path": made.path,
        "kind": made.kind,
        "before": made.before,
        "after": made.after,
        "engine": first.engine,
        "score": first.score,
        "confidence": first.confidence,
        "evidence": {
            "places": made.evidence,
            "relation": made.beside.relation,
            "label": made.beside.label,
            "note": note,
        },
        "earlier": made.earlier,
    }


def _correction(row: Row) -> Correction:
    evidence = from_jsonb(row["evidence"])
    return Correction(
        id=show(PREFIX, row["id"]),
        record=row["record"],
        path=row["path"],
        kind=row["kind"],
        before=from_jsonb(row["before"]),
        after=from_jsonb(row["after"]),
        engine=row["engine"],
        confidence=row["confidence"],
        evidence=msgspec.convert(evidence.get("places", ()), tuple[Evidence, ...]),
        relation=evidence.get("relation", ""),
        label=evidence.get("label", ""),
        note=evidence.get("note", ""),
        member=show("usr", row["member"]) if row["member"] else None,
        decision=show("rev", row["decision"]) if row["decision"] else None,
        at=row["created_at"],
        undone_at=row["undone_at"],
    )


_HELD = (
    "select e.id, e.result, e.reading, e.schema_name, v.content from extractions e left join document_versions v "
    "on v.workspace = e.workspace and v.document = e.schema_id and v.number = e.schema_version "
    "where e.workspace = $1 and e.id = $2 for update of e"
)
_STORE = (
    "update extractions set result = $3, confidence = $4, layout = coalesce($5, layout) "
    "where workspace = $1 and id = $2"
)
_KEEP = (
    "insert into corrections (id, workspace, extraction, record, path, kind, before, after, engine, score, confidence, "
    "evidence, earlier, member, decision) select n.id, $1, $2, (r->>'record')::int, r->>'path', r->>'kind', "
    "r->'before', r->'after', r->>'engine', (r->>'score')::float, (r->>'confidence')::float, r->'evidence', "
    "r->'earlier', $5, $6 from unnest($3::uuid[], $4::jsonb[]) as n(id, r)"
)
_CORRECTIONS = "select * from corrections where workspace = $1 and extraction = $2 order by id desc limit 1000"
_JUDGE = (
    "insert into judgements (workspace, extraction, record, path, schema_name, schema_version, engine, layout, score, "
    "confidence, is_right, judged_by) select $1, $2, r.record, r.path, $4, $5, r.engine, $6, r.score, r.confidence, "
    "r.is_right, $7 from jsonb_to_recordset($3::jsonb) as r(record int, path text, engine text, score float, "
    "confidence float, is_right boolean) "
)
_FIRM = (
    "on conflict (extraction, record, path) do update set is_right = excluded.is_right, "
    "judged_by = excluded.judged_by, judged_at = now()"
)
