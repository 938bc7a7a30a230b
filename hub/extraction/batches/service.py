"""Batches as members make them, watch them, stop them and compare them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from hub.audit import Audit
from hub.database import Row, alone, execute, fetch, fetch_one, struct_from_jsonb, to_jsonb, transaction
from hub.errors import ConflictError, InvalidError, NotFoundError, Problem, TooManyError
from hub.extraction.batches.shapes import Batch, BatchFile, BatchFilePage, BatchPage, FileDifferences, NewBatch
from hub.extraction.choice import Choice, stored
from hub.extraction.differences import differences
from hub.extraction.results import Extraction
from hub.extraction.schemas.workspace import Schemas
from hub.extraction.service import tags_of
from hub.ids import foreign_cursor, new_id, parse, show
from hub.members import Member, Verb
from hub.outbox import Outbox

PREFIX = "bat"
MOST = 200
# Of a workspace, in all of its batches.
MOST_WAITING = 20_000


class Batches:
    """Takes many files at once; the work is done by whichever worker has room, file by file."""

    def __init__(self, *, schemas: Schemas, audit: Audit, outbox: Outbox) -> None:
        self._schemas = schemas
        self._audit = audit
        self._outbox = outbox

    async def create(self, member: Member, asked: NewBatch) -> Batch:
        """Take files to be extracted; with `against` a second batch of the same files goes beside it."""
        await self._schemas.resolve_for(member, asked.schema)
        files = await self._known(member.workspace, list(dict.fromkeys(asked.files)))
        first, second = new_id(), new_id() if asked.against else None
        async with transaction():
            await self._check_room(member.workspace, len(files) * (2 if asked.against else 1))
            await self._insert(member, first, asked, asked.settings, files)
            if second and asked.against:
                await self._insert(member, second, asked, asked.against, files)
                await execute(_PAIR, member.workspace, first, second)
            detail = {"schema": asked.schema, "files": len(files)}
            await self._audit.record(member, "batch.created", show(PREFIX, first), detail)
            await self._outbox.publish(member.workspace, "batch.created", show(PREFIX, first), detail)
        return await self.find(member, show(PREFIX, first))

    async def list(self, member: Member, *, limit: int = 50, cursor: str | None = None) -> BatchPage:
        """Return batches, newest first."""
        member.authorize(Verb.READ)
        limit = max(1, min(limit, MOST))
        before = parse(PREFIX, cursor) if cursor else None
        rows = await fetch(f"{_SELECT} {_BEFORE}", member.workspace, before, limit + 1)
        items = [_batch(row) for row in rows[:limit]]
        return BatchPage(items=items, cursor=items[-1].id if len(rows) > limit else None)

    async def find(self, member: Member, reference: str) -> Batch:
        """Return a batch and how far it is."""
        member.authorize(Verb.READ)
        row = await fetch_one(f"{_SELECT} where b.workspace = $1 and b.id = $2", member.workspace, _id(reference))
        if row is None:
            raise NotFoundError("There is no such batch in this workspace.")
        return _batch(row)

    async def files(
        self, member: Member, reference: str, *, limit: int = 50, cursor: str | None = None
    ) -> BatchFilePage:
        """Return the files of a batch in their order."""
        await self.find(member, reference)
        limit = max(1, min(limit, MOST))
        after = _position(cursor)
        rows = await fetch(_FILES, member.workspace, _id(reference), after, limit + 1)
        items = [_file(row) for row in rows[:limit]]
        return BatchFilePage(items=items, cursor=str(items[-1].position) if len(rows) > limit else None)

    async def cancel(self, member: Member, reference: str) -> Batch:
        """Stop a batch: what is under way ends, what waits is left; results that are there stay."""
        member.authorize(Verb.EXTRACT)
        batch = await self.find(member, reference)
        async with transaction():
            await execute(_HOLD, member.workspace, _id(reference))
            await execute(_CANCEL_FILES, member.workspace, _id(reference))
            await execute(_CANCEL, member.workspace, _id(reference))
            await self._audit.record(member, "batch.cancelled", batch.id)
        return await self.find(member, reference)

    async def retry(self, member: Member, reference: str) -> Batch:
        """Try the failed files of a batch again."""
        member.authorize(Verb.EXTRACT)
        await self.find(member, reference)
        async with transaction():
            await execute(_HOLD, member.workspace, _id(reference))
            if not await execute(_RETRY_FILES, member.workspace, _id(reference)):
                raise ConflictError("No file of this batch failed; there is nothing to try again.")
            await execute(_RETRY, member.workspace, _id(reference))
        return await self.find(member, reference)

    async def compare(self, member: Member, reference: str) -> Sequence[FileDifferences]:
        """Return, file by file, the fields that this batch and the one beside it fill differently."""
        batch = await self.find(member, reference)
        if batch.against is None:
            raise ConflictError("This batch has no other one beside it; make one with `against`.")
        rows = await fetch(_BESIDE, member.workspace, _id(reference), _id(batch.against))
        found = [_differences(row) for row in rows]
        return [one for one in found if one.fields]

    async def _known(self, workspace: UUID, files: Sequence[str]) -> Sequence[UUID]:
        identities = [parse("fil", file) for file in files]
        rows = await fetch(
            "select id from files where workspace = $1 and id = any($2) and deleted_at is null", workspace, identities
        )
        known = {row["id"] for row in rows}
        problems = [
            Problem(f"files[{index}]", f"There is no file {files[index]} in this workspace.")
            for index, identity in enumerate(identities)
            if identity not in known
        ]
        if problems:
            raise InvalidError("Some files are not there.", errors=problems)
        return identities

    async def _check_room(self, workspace: UUID, more: int) -> None:
        """Refuse what there is no room for; of batches made at once each waits until it sees the one before."""
        await alone(f"batches{workspace}")
        row = await fetch_one(_WAITING, workspace)
        if row and row["files"] + more > MOST_WAITING:
            message = f"{row['files']:,} files wait already, and {MOST_WAITING:,} may. Try again when some are done."
            raise TooManyError(message, retry_after=600)

    async def _insert(
        self, member: Member, identity: UUID, asked: NewBatch, settings: Choice, files: Sequence[UUID]
    ) -> None:
        await execute(
            _INSERT, identity, member.workspace, asked.title.strip(), asked.schema, to_jsonb(stored(settings)),
            list(tags_of(asked.tags)), member.user,
        )  # fmt: skip
        await execute(_INSERT_FILES, identity, member.workspace, list(files))


def _id(reference: str) -> UUID:
    return parse(PREFIX, reference)


def _position(cursor: str | None) -> int:
    if cursor is None:
        return -1
    if not cursor.isdigit() or len(cursor) > 9:
        raise foreign_cursor()
    return int(cursor)


def _batch(row: Row) -> Batch:
    return Batch(
        id=show(PREFIX, row["id"]),
        title=row["title"],
        schema=row["schema_name"],
        settings=struct_from_jsonb(row["settings"], Choice),
        tags=list(row["tags"]),
        against=show(PREFIX, row["against"]) if row["against"] else None,
        state=row["state"],
        files=row["files"],
        done=row["done"],
        failed=row["failed"],
        waiting=row["waiting"],
        cost_usd=float(row["cost_usd"]),
        confidence=round(row["confidence"], 3) if row["confidence"] is not None else None,
        created_at=row["created_at"],
        ended_at=row["ended_at"],
    )


def _file(row: Row) -> BatchFile:
    return BatchFile(
        position=row["position"],
        file=show("fil", row["file"]),
        name=row["name"] or "",
        state=row["state"],
        tries=row["tries"],
        extraction=show("ext", row["extraction"]) if row["extraction"] else None,
        confidence=round(row["confidence"], 3) if row["confidence"] is not None else None,
        problems=row["problems"] or 0,
        message=row["message"],
    )


def _differences(row: Row) -> FileDifferences:
    first = struct_from_jsonb(row["first"], Extraction)
    second = struct_from_jsonb(row["second"], Extraction)
    return FileDifferences(
        file=show("fil", row["file"]),
        name=row["name"] or "",
        first=first.id,
        second=second.id,
        fields=differences(first, second),
    )


_SELECT = """
select b.*, p.files, p.done, p.failed, p.waiting, coalesce(e.cost_usd, 0) as cost_usd, e.confidence from batches b
left join lateral (
    select count(*)::int as files, count(*) filter (where f.state = 'done')::int as done,
        count(*) filter (where f.state = 'failed')::int as failed,
        count(*) filter (where f.state in ('waiting', 'running'))::int as waiting
    from batch_files f where f.workspace = b.workspace and f.batch = b.id
) p on true
left join lateral (
    select sum(x.cost_usd) as cost_usd, avg(x.confidence) as confidence from extractions x
    where x.workspace = b.workspace and x.batch = b.id
) e on true"""
_WAITING = "select count(*)::int as files from batch_files where workspace = $1 and state in ('waiting', 'running')"
_BEFORE = "where b.workspace = $1 and ($2::uuid is null or b.id < $2) order by b.id desc limit $3"
_FILES = """
select f.position, f.file, f.state, f.tries, f.extraction, f.message, n.name, x.confidence,
    json_array_length(x.result->'problems') as problems
from batch_files f left join files n on n.workspace = f.workspace and n.id = f.file
left join extractions x on x.workspace = f.workspace and x.id = f.extraction
where f.workspace = $1 and f.batch = $2 and f.position > $3 order by f.position limit $4"""
_INSERT = (
    "insert into batches (id, workspace, title, schema_name, settings, tags, created_by) "
    "values ($1, $2, $3, $4, $5, $6, $7)"
)
_INSERT_FILES = (
    "insert into batch_files (batch, workspace, position, file) "
    "select $1, $2, number - 1, file from unnest($3::uuid[]) with ordinality as given (file, number)"
)
_PAIR = (
    "update batches set against = case id when $2 then $3::uuid else $2::uuid end "
    "where workspace = $1 and id in ($2::uuid, $3::uuid)"
)
# Whoever changes the files of a batch takes the batch first, as settling a file does, so that none waits in a circle.
_HOLD = "select from batches where workspace = $1 and id = $2 for update"
_CANCEL_FILES = (
    "update batch_files set state = 'cancelled', fence = fence + 1 "
    "where workspace = $1 and batch = $2 and state in ('waiting', 'running')"
)
_CANCEL = (
    "update batches set state = 'cancelled', ended_at = now() where workspace = $1 and id = $2 and state = 'running'"
)
_RETRY_FILES = (
    "update batch_files set state = 'waiting', tries = 0, message = '', due_at = now(), held_until = null "
    "where workspace = $1 and batch = $2 and state = 'failed'"
)
_RETRY = "update batches set state = 'running', ended_at = null where workspace = $1 and id = $2"
_BESIDE = """
select a.file, n.name, x.result as first, y.result as second
from batch_files a join batch_files b on b.workspace = a.workspace and b.batch = $3 and b.file = a.file
join extractions x on x.workspace = a.workspace and x.id = a.extraction
join extractions y on y.workspace = b.workspace and y.id = b.extraction
left join files n on n.workspace = a.workspace and n.id = a.file
where a.workspace = $1 and a.batch = $2 order by a.position"""
