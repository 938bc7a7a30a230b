"""Datasets for people: make, list, look into, import, export, delete."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from connectors.sdk import Receipt, Record, SettingsError
from connectors.sdk.datasets import DatasetTarget
from connectors.sdk.records.rows import WriteMode
from hub.audit import Audit
from hub.database import execute, fetch, fetch_one, from_jsonb, transaction
from hub.datasets import shape
from hub.datasets.exchange import Format, write_rows
from hub.datasets.imports import Converted, ImportPreview, RowFiles, Source, converted
from hub.datasets.named import LONGEST_NAME, absent, find, found, locked
from hub.datasets.query import RowQuery, opened, page_of, select
from hub.datasets.shape import Column
from hub.datasets.views import (
    DatasetPage,
    DatasetSummary,
    Export,
    Imported,
    NewDataset,
    RecordPage,
    RowRevision,
    revision_of,
    summary_of,
)
from hub.datasets.workspace import PREFIX, WorkspaceDatasets
from hub.errors import ConflictError, InvalidError, NotFoundError, Problem
from hub.ids import new_id, parse, show
from hub.jail import Jail
from hub.members import Member, Verb
from hub.outbox import Outbox

MOST = 500
MOST_EXPORTED = 1_000_000
READ_AT_ONCE = 5000
# tables that belong to a file target; people see the file
HIDDEN = "file:"


class Datasets:
    """Tables in the hub; the acting member comes first."""

    def __init__(self, audit: Audit, outbox: Outbox) -> None:
        self._audit = audit
        self._outbox = outbox
        self._row_files = RowFiles()

    def read_with(self, jail: Jail) -> None:
        """Say where workbooks are opened; called once, where services are put together."""
        self._row_files.read_with(jail)

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
        dataset = await find(member, reference)
        row = await fetch_one(_ONE, member.workspace, dataset.id)
        if row is None:
            raise absent(reference)
        return summary_of(row)

    async def create(self, member: Member, new: NewDataset) -> DatasetSummary:
        """Make an empty dataset; ConflictError when its name is taken."""
        member.authorize(Verb.EDIT_DATASETS)
        name = _checked_name(new.name)
        async with transaction():
            dataset = await shape.add(member.workspace, name, new.key, new.title)
            if dataset is None:
                raise ConflictError(f"There is a dataset {name} already.")
            columns = {column.name: column for column in [*(Column(key) for key in new.key), *new.columns]}
            await shape.keep_columns(dataset, list(columns.values()))
            await self._audit.record(member, "dataset.created", show(PREFIX, dataset.id), {"name": name})
        return await self.show(member, show(PREFIX, dataset.id))

    async def remove(self, member: Member, reference: str) -> None:
        """Take a dataset away; its name becomes free."""
        member.authorize(Verb.EDIT_DATASETS)
        async with transaction():
            dataset = await locked(member, reference)
            await execute("update datasets set deleted_at = now() where id = $1", dataset.id)
            await self._audit.record(member, "dataset.deleted", show(PREFIX, dataset.id), {"name": dataset.name})

    async def records(
        self, member: Member, reference: str, *, limit: int = 50, cursor: str | None = None, search: str = ""
    ) -> RecordPage:
        """Return rows, newest first; `search` is part of any value, or `column:value`."""
        member.authorize(Verb.READ)
        dataset = await find(member, reference)
        wanted = RowQuery(search=search, cursor=cursor, limit=limit)
        return page_of(dataset, wanted, await fetch(*select(dataset, wanted, opened(dataset, wanted))))

    async def history(self, member: Member, reference: str, record: str) -> Sequence[RowRevision]:
        """Return a row's revisions, newest first, each with what made it."""
        member.authorize(Verb.READ)
        dataset = await find(member, reference)
        rows = await fetch(_HISTORY, dataset.id, parse("rec", record), MOST)
        if not rows:
            raise NotFoundError("There is no such row in this dataset.")
        return [revision_of(row) for row in rows]

    async def preview(self, member: Member, reference: str, source: Source) -> ImportPreview:
        """Return what an import would read, and where its columns seem to belong; nothing is written."""
        member.authorize(Verb.EDIT_DATASETS)
        dataset = await found(member, reference)
        if dataset is None and reference.startswith(f"{PREFIX}_"):
            raise absent(reference)
        return await self._row_files.preview(source, dataset)

    async def import_rows(
        self, member: Member, reference: str, source: Source, *, mode: WriteMode | None = None
    ) -> Imported:
        """Write the rows of a file; the dataset is made when there is none of that name."""
        member.authorize(Verb.EDIT_DATASETS)
        rows, _ = await self._row_files.read(source)
        ready = await asyncio.to_thread(converted, rows, source.columns)
        async with transaction():
            dataset = await found(member, reference)
            name = dataset.name if dataset else _checked_name(reference)
            await self._typed_columns(member, name, source)
            chosen = mode or (WriteMode.UPSERT if dataset and dataset.key else WriteMode.INSERT)
            batch = new_id().hex
            records = [Record(key=f"import/{batch}/{number}", rows=[row]) for number, row in ready.rows]
            try:
                outcome = await self.for_workspace(member.workspace).write(
                    DatasetTarget(dataset=name, mode=chosen), records
                )
            except SettingsError as error:
                raise InvalidError(error.message) from error
            written = await find(member, name)
            detail = {"name": name, "rows": len(ready.rows)}
            await self._audit.record(member, "dataset.imported", show(PREFIX, written.id), detail)
        return _imported(outcome, ready)

    async def _typed_columns(self, member: Member, name: str, source: Source) -> None:
        """Make the columns that an import brings along be of the types that were chosen."""
        if source.columns is None:
            return
        dataset = await shape.lock(member.workspace, name) or await shape.make(member.workspace, name, ())
        known = {column.name for column in dataset.columns}
        fresh = [Column(one.to, one.type or "text") for one in source.columns.values() if one.to not in known]
        if len(dataset.columns) + len(fresh) > shape.MOST_COLUMNS:
            raise InvalidError(f"A dataset has at most {shape.MOST_COLUMNS} columns.")
        if fresh:
            await shape.keep_columns(dataset, [*dataset.columns, *fresh])

    async def export(self, member: Member, reference: str, kind: Format) -> Export:
        """Return the whole dataset as a file, oldest row first."""
        member.authorize(Verb.READ)
        dataset = await find(member, reference)
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


def _imported(outcome: Sequence[Any], ready: Converted) -> Imported:
    receipts = [one for one in outcome if isinstance(one, Receipt)]
    added, changed = (sum(receipt.output[name] for receipt in receipts) for name in ("added", "changed"))
    refused = [
        Problem(f"rows[{number}]", one.message)
        for (number, _), one in zip(ready.rows, outcome, strict=True)
        if not isinstance(one, Receipt)
    ]
    problems = [*ready.problems, *refused]
    return Imported(added=added, changed=changed, unchanged=len(receipts) - added - changed, problems=problems)


def _checked_name(name: str) -> str:
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable() or name.startswith((HIDDEN, f"{PREFIX}_")):
        raise InvalidError(
            "This cannot be a dataset's name.", errors=[Problem("name", f"Give a line of 1 to {LONGEST_NAME} letters.")]
        )
    return name


_SUMMARY = """
select d.id, d.name, d.title, d.key_columns, d.columns, d.created_at,
    (select count(*) from dataset_rows r where r.dataset = d.id) as rows,
    (select v.at from dataset_revisions v where v.dataset = d.id order by v.revision desc limit 1) as changed_at
from datasets d where d.workspace = $1 and d.deleted_at is null"""
_LIST = f"{_SUMMARY} and lower(d.name) > $2 and d.name not like $3 order by lower(d.name) limit $4"
_ONE = f"{_SUMMARY} and d.id = $2"
_HISTORY = """
select v.revision, v.kind, v.before, v.after, v.at, v.item, v.run, v.step, coalesce(nullif(u.name, ''), u.email) as by
from dataset_revisions v left join users u on u.id = v.changed_by
where v.dataset = $1 and v."row" = $2 order by v.revision desc limit $3"""
_EXPORTED = """
select id, content from dataset_rows where dataset = $1 and ($2::uuid is null or id > $2) order by id limit $3"""
