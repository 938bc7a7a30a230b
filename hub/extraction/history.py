"""The history of a workspace's extractions: narrowed, tagged, exported, deleted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from hub.database import Row, execute, fetch, transaction
from hub.errors import NotFoundError
from hub.ids import parse, parse_cursor, show

MOST = 200


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """Which extractions of a history: None narrows nothing; previews are shown only when they are asked for."""

    limit: int = 50
    cursor: str | None = None
    schema: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    status: str | None = None
    engine: str | None = None
    tag: str | None = None
    verdict: str | None = None
    batch: str | None = None
    file: str | None = None
    search: str = ""
    # One extraction alone, a preview or not.
    id: str | None = None


class ExtractionSummary(msgspec.Struct, frozen=True, kw_only=True):
    """An extraction in a list; `confidence` is the lowest among its values outside tables."""

    id: str
    schema: str
    version: int
    engine: str
    status: str
    file: str | None
    file_name: str | None
    item: str | None
    problems: int
    confidence: float
    verdict: str | None
    tags: list[str]
    model: str | None
    cost_usd: float
    created_at: datetime


class ExtractionPage(msgspec.Struct, frozen=True, kw_only=True):
    """Extractions, newest first, and where to go on."""

    items: Sequence[ExtractionSummary]
    cursor: str | None = None


class Deleted(msgspec.Struct, frozen=True, kw_only=True):
    """An extraction that went, and the file it was made of."""

    id: UUID
    schema: str
    file: UUID | None


async def page(workspace: UUID, wanted: Selection) -> ExtractionPage:
    """Return extractions that are wanted, newest first."""
    limit = max(1, min(wanted.limit, MOST))
    rows = await fetch(_LIST, workspace, *narrowing(wanted), limit + 1)
    items = [_summary(row) for row in rows[:limit]]
    return ExtractionPage(items=items, cursor=items[-1].id if len(rows) > limit else None)


def narrowing(wanted: Selection) -> tuple[object, ...]:
    """Return what `MATCHING` compares with, from its second parameter on."""
    return (
        parse_cursor("ext", wanted.cursor or None),
        wanted.schema, wanted.since, wanted.until, wanted.status, wanted.engine,
        wanted.tag.lower() if wanted.tag else None, wanted.verdict,
        parse("bat", wanted.batch) if wanted.batch else None, parse("fil", wanted.file) if wanted.file else None,
        wanted.search[:200].lower(), parse("ext", wanted.id) if wanted.id else None,
    )  # fmt: skip


async def tag(workspace: UUID, identity: UUID, tags: Sequence[str]) -> None:
    """Replace the tags of an extraction."""
    rows = await fetch(
        "update extractions set tags = $3 where workspace = $1 and id = $2 returning id",
        workspace,
        identity,
        list(tags),
    )
    if not rows:
        raise NotFoundError("There is no such extraction in this workspace.")


async def tags(workspace: UUID) -> list[str]:
    """Return the tags in use, most used first."""
    rows = await fetch(
        "select tag, count(*) from extractions, unnest(tags) as tag where workspace = $1 and tags <> '{}' "
        "group by tag order by 2 desc, 1 limit 200",
        workspace,
    )
    return [row["tag"] for row in rows]


async def delete(workspace: UUID, identities: Sequence[UUID]) -> list[Deleted]:
    """Delete extractions in the current transaction."""
    rows = await fetch(_DELETE, workspace, list(identities))
    if not rows:
        raise NotFoundError("There is no such extraction in this workspace.")
    await _forget_answers(await fetch(_FORGET_TEXTS, list({row["reading"] for row in rows})))
    return [Deleted(id=row["id"], schema=row["schema"], file=row["file"]) for row in rows]


async def unused(workspace: UUID, files: Sequence[UUID]) -> list[UUID]:
    """Return those files of which there is no extraction any more."""
    rows = await fetch(
        "select id from files f where workspace = $1 and id = any($2) and deleted_at is null "
        "and not exists (select from extractions e where e.workspace = $1 and e.file = f.id)",
        workspace,
        list(set(files)),
    )
    return [row["id"] for row in rows]


async def forget_file(workspace: UUID, file: UUID) -> None:
    """Delete what was read of a file that was just deleted; another file with the same content keeps it."""
    await _forget_answers(await fetch(_FORGET_FILE, workspace, file))
    await execute("delete from captures where workspace = $1 and file = $2", workspace, file)


async def forget_previews() -> None:
    """Delete previews that nobody saved in time, of all workspaces, and the texts that only they were made of."""
    async with transaction():
        rows = await fetch(_DELETE_PREVIEWS)
        await _forget_answers(await fetch(_FORGET_TEXTS, list({row["reading"] for row in rows})))


async def forget_strays() -> None:
    """Delete texts that nothing was made of within a day, such as samples for a schema, of all workspaces."""
    await execute(_FORGET_STRAYS)


async def _forget_answers(readings: Sequence[Row]) -> None:
    """Let what models said about a source go with what was read of it; those whose answer was kept meanwhile too."""
    await execute(_FORGET_ANSWERS, [row["workspace"] for row in readings], [row["sha256"] for row in readings])


def _summary(row: Row) -> ExtractionSummary:
    return ExtractionSummary(
        id=show("ext", row["id"]),
        schema=row["schema_name"],
        version=row["schema_version"],
        engine=row["engine"],
        status=row["status"],
        file=show("fil", row["file"]) if row["file"] else None,
        file_name=row["file_name"],
        item=show("itm", row["item"]) if row["item"] else None,
        problems=row["problems"],
        confidence=round(row["confidence"], 3),
        verdict=row["verdict"],
        tags=list(row["tags"]),
        model=row["model"],
        cost_usd=float(row["cost_usd"]),
        created_at=row["created_at"],
    )


# Extractions of a workspace ($1) that are wanted ($2 to $13).
MATCHING = """
from extractions e left join files f on f.workspace = e.workspace and f.id = e.file
where e.workspace = $1 and ($2::uuid is null or e.id < $2)
  and ($3::text is null or lower(e.schema_name) = lower($3))
  and ($4::timestamptz is null or e.created_at >= $4) and ($5::timestamptz is null or e.created_at < $5)
  and ($13::uuid is null or e.id = $13)
  and case when $6::text is null then e.status <> 'preview' or $13 is not null else e.status = $6 end
  and ($7::text is null or e.engine = $7) and ($8::text is null or e.tags @> array[$8])
  and ($9::text is null or case $9 when 'none' then e.verdict is null else e.verdict = $9 end)
  and ($10::uuid is null or e.batch = $10) and ($11::uuid is null or e.file = $11)
  and ($12 = '' or position($12 in lower(coalesce(f.name, ''))) > 0)"""
_LIST = f"""
select e.id, e.schema_name, e.schema_version, e.engine, e.status, e.file, f.name as file_name, e.item, e.model,
    e.cost_usd, e.created_at, e.confidence, e.verdict, e.tags, json_array_length(e.result->'problems') as problems
{MATCHING} order by e.id desc limit $14"""
# In the order of their ids, as everybody takes several extractions.
_DELETE = """
with held as materialized (
    select id from extractions where workspace = $1 and id = any($2) order by id for update
)
delete from extractions e using held where e.id = held.id
returning e.id, e.schema_name as schema, e.file, e.reading"""
# Whoever tidies waits for nobody; what others have in hand is left for the next time.
_DELETE_PREVIEWS = """
delete from extractions where id in (
    select id from extractions where preview_until < now() for update skip locked
) returning reading"""
_FORGET_FILE = """
with held as materialized (
    select r.id from readings r join files f on r.workspace = f.workspace and r.sha256 = f.sha256
    where f.workspace = $1 and f.id = $2 and not exists (
        select from files o
        where o.workspace = $1 and o.sha256 = f.sha256 and o.id <> f.id and o.deleted_at is null
    ) order by r.id for update of r
)
delete from readings r using held where r.id = held.id returning r.workspace, r.sha256"""
# A text that was given without a file goes with the last extraction made of it.
_FORGET_TEXTS = """
with held as materialized (
    select r.id from readings r
    where r.id = any($1) and r.file is null and not exists (
        select from extractions e where e.workspace = r.workspace and e.reading = r.id
    ) order by r.id for update
)
delete from readings r using held where r.id = held.id returning r.workspace, r.sha256"""
_FORGET_ANSWERS = """
delete from model_answers a using unnest($1::uuid[], $2::bytea[]) as gone(workspace, source)
where a.workspace = gone.workspace and a.source = gone.source"""
_FORGET_STRAYS = """
delete from readings where id in (
    select r.id from readings r where r.file is null and r.created_at < now() - interval '1 day'
    and not exists (select from extractions e where e.workspace = r.workspace and e.reading = r.id)
    for update skip locked
)"""
