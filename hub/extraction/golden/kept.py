"""Golden sets and their documents in the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from hub.database import Row, execute, fetch, fetch_one, from_jsonb, struct_from_jsonb, to_jsonb
from hub.errors import NotFoundError
from hub.extraction.engines import EngineName
from hub.extraction.evaluation.judge import Judged
from hub.ids import new_id, parse, show

PREFIX = "gld"


class GoldenRow(msgspec.Struct, frozen=True, kw_only=True):
    """How a document went; `wrong` are the values that are wrong, missing or invented."""

    id: str
    name: str
    right: int
    fields: int
    wrong: list[Judged]
    problem: str = ""


class GoldenReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a schema reached on its golden set; one without documents passes."""

    passed: bool
    accuracy: float
    threshold: float
    right: int
    fields: int
    invented: int
    documents: list[GoldenRow]
    checked_at: datetime


class GoldenDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A stored file with the records that must be read from it; `is_gone` when the file was deleted."""

    id: str
    file: str
    name: str
    records: list[dict[str, Any]]
    note: str = ""
    is_gone: bool = False
    created_at: datetime


class GoldenSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a version must reach: a share of right fields, and whether it cannot be activated without."""

    threshold: float = 0.95
    required: bool = False
    engine: EngineName = "local"


class GoldenSet(msgspec.Struct, frozen=True, kw_only=True):
    """The golden set of a schema, with the report of the last check."""

    schema: str
    settings: GoldenSettings
    documents: list[GoldenDocument]
    last: GoldenReport | None = None


async def found(workspace: UUID, schema: str) -> GoldenSet:
    """Return the set of a schema; an empty one where none was made."""
    row = await fetch_one(_SET, workspace, schema.lower())
    documents = [_document(one) for one in await fetch(_DOCUMENTS, workspace, schema.lower())]
    if row is None:
        return GoldenSet(schema=schema, settings=GoldenSettings(), documents=documents)
    settings = GoldenSettings(threshold=row["threshold"], required=row["is_required"], engine=row["engine"])
    last = struct_from_jsonb(row["checked"], GoldenReport) if row["checked"] else None
    return GoldenSet(schema=schema, settings=settings, documents=documents, last=last)


async def set_up(workspace: UUID, schema: str, settings: GoldenSettings) -> None:
    """Keep what versions of a schema must reach."""
    await execute(_SET_UP, workspace, schema.lower(), settings.threshold, settings.required, settings.engine)


async def hold(workspace: UUID, schema: str) -> None:
    """Let nobody else add to the set of a schema until the current transaction ends."""
    await execute(_BEGIN, workspace, schema.lower())
    await execute(_HOLD, workspace, schema.lower())


async def add(
    workspace: UUID, schema: str, file: UUID, records: Sequence[dict[str, Any]], note: str, member: UUID | None
) -> UUID:
    """Keep a document in a set that is held; one whose file is there already gets the new records."""
    row = await fetch_one(_ADD, new_id(), workspace, schema.lower(), file, to_jsonb(list(records)), note, member)
    assert row is not None  # an insert that returns  # noqa: S101
    identity: UUID = row["id"]
    return identity


async def remove(workspace: UUID, schema: str, reference: str) -> None:
    """Take a document out; NotFoundError when it is not in this set."""
    if not await fetch(_REMOVE, workspace, schema.lower(), parse(PREFIX, reference)):
        raise NotFoundError("There is no such document in this golden set.")


async def keep_report(workspace: UUID, schema: str, report: GoldenReport) -> None:
    """Keep the report of the last check."""
    await execute(_CHECKED, workspace, schema.lower(), to_jsonb(report))


async def count(workspace: UUID, schema: str) -> int:
    """Return how many documents a set has."""
    row = await fetch_one(_COUNT, workspace, schema.lower())
    return int(row["documents"]) if row else 0


def _document(row: Row) -> GoldenDocument:
    return GoldenDocument(
        id=show(PREFIX, row["id"]),
        file=show("fil", row["file"]),
        name=row["name"],
        records=from_jsonb(row["records"]),
        note=row["note"],
        is_gone=row["deleted_at"] is not None,
        created_at=row["created_at"],
    )


_SET = "select threshold, is_required, engine, checked from golden_sets where workspace = $1 and schema_name = $2"
_DOCUMENTS = (
    "select g.id, g.file, f.name, g.records, g.note, f.deleted_at, g.created_at from golden_documents g "
    "join files f on f.workspace = g.workspace and f.id = g.file "
    "where g.workspace = $1 and g.schema_name = $2 order by g.id"
)
_SET_UP = (
    "insert into golden_sets (workspace, schema_name, threshold, is_required, engine) values ($1, $2, $3, $4, $5) "
    "on conflict (workspace, schema_name) do update set threshold = excluded.threshold, "
    "is_required = excluded.is_required, engine = excluded.engine, changed_at = now()"
)
_BEGIN = "insert into golden_sets (workspace, schema_name) values ($1, $2) on conflict do nothing"
_HOLD = "select from golden_sets where workspace = $1 and schema_name = $2 for no key update"
_ADD = (
    "insert into golden_documents (id, workspace, schema_name, file, records, note, created_by) "
    "values ($1, $2, $3, $4, $5, $6, $7) on conflict (workspace, schema_name, file) do update "
    "set records = excluded.records, note = excluded.note, created_by = excluded.created_by returning id"
)
_REMOVE = "delete from golden_documents where workspace = $1 and schema_name = $2 and id = $3 returning id"
_CHECKED = "update golden_sets set checked = $3 where workspace = $1 and schema_name = $2"
_COUNT = "select count(*) as documents from golden_documents where workspace = $1 and schema_name = $2"
