"""Datasets for people: make, list, look into, import, export, delete."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from connectors.sdk import Receipt, Record, SettingsError
from connectors.sdk.datasets import DatasetTarget, WriteMode
from hub.audit import Audit
from hub.database import execute, fetch, fetch_one, from_jsonb, transaction
from hub.datasets import shape
from hub.datasets.exchange import Format, read_rows, write_rows
from hub.datasets.shape import Column, Dataset
from hub.datasets.views import (
    DatasetPage,
    DatasetSummary,
    Export,
    Imported,
    NewDataset,
    RecordPage,
    RowRevision,
    record_of,
    revision_of,
    summary_of,
)
from hub.datasets.workspace import PREFIX, WorkspaceDatasets
from hub.errors import ConflictError, InvalidError, NotFoundError, Problem
from hub.ids import new_id, parse, show
from hub.members import Member, Verb
from hub.outbox import Outbox

MOST = 500
MOST_EXPORTED = 1_000_000
READ_AT_ONCE = 5000
LONGEST_NAME = 100
# tables that belong to a file target; people see the file
HIDDEN = "file:"


class Datasets:
    """Tables in the hub; the acting member comes first."""

    def __init__(self, audit: Audit, outbox: Outbox) -> None:
        self._audit = audit
        self._outbox = outbox

    def for_workspace(self, workspace: UUID) -> WorkspaceDatasets:
        """Return a workspace's datasets as connectors see them."""
        return WorkspaceDatasets(workspace, self._outbox)

    async def list(self, member: Member, *, limit: int = 50, cursor: str | None = None) -> DatasetPage:
        """Return the workspace's datasets by name."""
        member.authorize(Verb.READ)
        limit = max(1, min(limit, MOST))
        rows = await fetch(_LIST, member.workspace, (cursor or "").lower(), f"{HIDDEN}%", limit + 1)
        more = rows[limit - 1]["name"] if len(rows) > limit else None
        return DatasetPage(items=[summary_of(row) for row in rows[:limit]], cursor=more)

    async def show(self, member: Member, reference: str) -> DatasetSummary:
        """Return one dataset, by id or name."""
        member.authorize(Verb.READ)
        dataset = await self._find(member, reference)
        row = await fetch_one(_ONE, member.workspace, dataset.id)
        if row is None:
            raise _absent(reference)
        return summary_of(row)

    async def create(self, member: Member, new: NewDataset) -> DatasetSummary:
        """Make an empty dataset; ConflictError when its name is taken."""
        member.authorize(Verb.EDIT_DATASETS)
        name = _checked_name(new.name)
        async with transaction():
            if await shape.find(member.workspace, name) is not None:
                raise ConflictError(f"There is a dataset {name} already.")
            dataset = await shape.make(member.workspace, name, new.key, new.title)
            columns = {column.name: column for column in [*(Column(key) for key in new.key), *new.columns]}
            await shape.keep_columns(dataset, list(columns.values()))
            await self._audit.record(member, "dataset.created", show(PREFIX, dataset.id), {"name": name})
        return await self.show(member, show(PREFIX, dataset.id))

    async def remove(self, member: Member, reference: str) -> None:
        """Take a dataset away; its name becomes free."""
        member.authorize(Verb.EDIT_DATASETS)
        async with transaction():
            dataset = await self._find(member, reference)
            await execute("update datasets set deleted_at = now() where id = $1", dataset.id)
            await self._audit.record(member, "dataset.deleted", show(PREFIX, dataset.id), {"name": dataset.name})

    async def records(
        self, member: Member, reference: str, *, limit: int = 50, cursor: str | None = None, search: str = ""
    ) -> RecordPage:
        """Return rows, newest first; `search` is part of any value, or `column:value`."""
        member.authorize(Verb.READ)
        dataset = await self._find(member, reference)
        limit = max(1, min(limit, MOST))
        column, value = _searched(dataset, search)
        before = _opened(cursor)
        rows = await fetch(_RECORDS, dataset.id, before, column, value, limit + 1)
        more = show("rec", rows[limit - 1]["id"]) if len(rows) > limit else None
        return RecordPage(items=[record_of(row) for row in rows[:limit]], cursor=more)

    async def history(self, member: Member, reference: str, record: str) -> Sequence[RowRevision]:
        """Return a row's revisions, newest first, each with what made it."""
        member.authorize(Verb.READ)
        dataset = await self._find(member, reference)
        rows = await fetch(_HISTORY, dataset.id, parse("rec", record), MOST)
        if not rows:
            raise NotFoundError("There is no such row in this dataset.")
        return [revision_of(row) for row in rows]

    async def import_rows(
        self, member: Member, reference: str, content: bytes, kind: Format, *, mode: WriteMode | None = None
    ) -> Imported:
        """Write the rows of a file; the dataset is made when there is none of that name."""
        member.authorize(Verb.EDIT_DATASETS)
        rows = await asyncio.to_thread(read_rows, content, kind)
        async with transaction():
            dataset = await self._found(member, reference)
            name = dataset.name if dataset else _checked_name(reference)
            chosen = mode or (WriteMode.UPSERT if dataset and dataset.key else WriteMode.INSERT)
            batch = new_id().hex
            records = [Record(key=f"import/{batch}/{number}", rows=[row]) for number, row in enumerate(rows)]
            try:
                outcome = await self.for_workspace(member.workspace).write(
                    DatasetTarget(dataset=name, mode=chosen), records
                )
            except SettingsError as error:
                raise InvalidError(error.message) from error
            found = await self._find(member, name)
            detail = {"name": name, "rows": len(rows)}
            await self._audit.record(member, "dataset.imported", show(PREFIX, found.id), detail)
        return _imported(outcome)

    async def export(self, member: Member, reference: str, kind: Format) -> Export:
        """Return the whole dataset as a file, oldest row first."""
        member.authorize(Verb.READ)
        dataset = await self._find(member, reference)
        columns = [column.name for column in dataset.columns]
        rows: list[Mapping[str, Any]] = []
        after: UUID | None = None
        while len(rows) < MOST_EXPORTED:
            page = await fetch(_EXPORTED, dataset.id, after, READ_AT_ONCE)
            rows.extend(from_jsonb(row["content"]) for row in page)
            if len(page) < READ_AT_ONCE:
                break
            after = page[-1]["id"]
        content = await asyncio.to_thread(write_rows, kind, dataset.title or dataset.name, columns, rows)
        return Export(name=f"{dataset.name}.{kind}", media_type=kind.media_type, content=content)

    async def _find(self, member: Member, reference: str) -> Dataset:
        found = await self._found(member, reference)
        if found is None:
            raise _absent(reference)
        return found

    async def _found(self, member: Member, reference: str) -> Dataset | None:
        if reference.startswith(f"{PREFIX}_"):
            row = await fetch_one(f"{shape.SELECT} and id = $2", member.workspace, parse(PREFIX, reference))
            return Dataset.of(row) if row else None
        return await shape.find(member.workspace, reference)


def _imported(outcome: Sequence[Any]) -> Imported:
    receipts = [one for one in outcome if isinstance(one, Receipt)]
    added, changed = (sum(receipt.output[name] for receipt in receipts) for name in ("added", "changed"))
    problems = [
        Problem(f"rows[{number}]", one.message) for number, one in enumerate(outcome) if not isinstance(one, Receipt)
    ]
    return Imported(added=added, changed=changed, unchanged=len(receipts) - added - changed, problems=problems)


def _absent(reference: str) -> NotFoundError:
    return NotFoundError(f"There is no dataset {reference[:LONGEST_NAME]} here.")


def _checked_name(name: str) -> str:
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable() or name.startswith((HIDDEN, f"{PREFIX}_")):
        raise InvalidError(
            "This cannot be a dataset's name.", errors=[Problem("name", f"Give a line of 1 to {LONGEST_NAME} letters.")]
        )
    return name


def _searched(dataset: Dataset, search: str) -> tuple[str | None, str]:
    column, colon, value = search.partition(":")
    if colon and column in {known.name for known in dataset.columns}:
        return column, value.strip().lower()
    return None, search.strip().lower()


def _opened(cursor: str | None) -> UUID | None:
    try:
        return parse("rec", cursor) if cursor else None
    except NotFoundError as error:
        raise InvalidError("This cursor is not from this list.") from error


_SUMMARY = """
select d.id, d.name, d.title, d.key_columns, d.columns, d.created_at, r.rows, r.changed_at
from datasets d cross join lateral (
    select count(*) as rows, max(changed_at) as changed_at from dataset_rows r where r.dataset = d.id
) r where d.workspace = $1 and d.deleted_at is null"""
_LIST = f"{_SUMMARY} and lower(d.name) > $2 and d.name not like $3 order by lower(d.name) limit $4"
_ONE = f"{_SUMMARY} and d.id = $2"
_RECORDS = """
select id, content, revision, created_at, changed_at, item, run, step from dataset_rows
where dataset = $1 and ($2::uuid is null or id < $2)
    and ($4 = '' or position($4 in lower(coalesce(content->>$3, case when $3 is null then content::text end, ''))) > 0)
order by id desc limit $5"""
_HISTORY = """
select revision, kind, before, after, at, item, run, step from dataset_revisions
where dataset = $1 and "row" = $2 order by revision desc limit $3"""
_EXPORTED = """
select id, content from dataset_rows where dataset = $1 and ($2::uuid is null or id > $2) order by id limit $3"""
