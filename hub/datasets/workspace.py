"""A workspace's datasets as connectors see them: preview, write, undo, query, changes."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from connectors.sdk import Change, ChangeKind, Receipt, Record, Rejected, SettingsError
from connectors.sdk.datasets import DatasetChange, DatasetQuery, DatasetTarget
from connectors.sdk.records.rows import WriteMode
from hub.database import Row, connection, fetch, fetch_one, from_jsonb, to_jsonb, transaction
from hub.datasets import shape, writing
from hub.datasets.shape import Dataset
from hub.ids import show
from hub.outbox import Outbox

PREFIX = "dst"
READ_AT_ONCE = 500


class WorkspaceDatasets:
    """The `Datasets` protocol of connectors, for one workspace."""

    def __init__(self, workspace: UUID, outbox: Outbox) -> None:
        self._workspace = workspace
        self._outbox = outbox

    async def preview(self, target: DatasetTarget, records: Sequence[Record]) -> Sequence[Sequence[Change]]:
        """Return what writing would change, a list for each record, as if the ones before it were written."""
        dataset = await shape.find(self._workspace, target.dataset)
        if dataset is None:
            if target.mode is WriteMode.UPDATE:
                raise SettingsError(f"There is no dataset {target.dataset} to update.")
            return _changes(None, target, records, {})
        shape.require_key(dataset, target.key)
        keys = [shape.key_of(dataset, row) for record in records for row in record.rows if _has_key(dataset, row)]
        rows = await fetch(_STANDING, dataset.id, [key for key in keys if key])
        return _changes(dataset, target, records, {row["key"]: row for row in rows})

    async def write(self, target: DatasetTarget, records: Sequence[Record]) -> Sequence[Receipt | Rejected]:
        """Write rows in the current transaction and return a receipt for each record."""
        async with transaction():
            outcome = await writing.write(self._workspace, target, records)
            await self._tell(target.dataset, sum(isinstance(one, Receipt) for one in outcome))
        return outcome

    async def find(self, target: DatasetTarget, record: Record) -> Receipt | None:
        """Return the receipt of a record that has been written, None when it has not."""
        dataset = await shape.find(self._workspace, target.dataset)
        return (await writing.delivered(dataset, [record.key])).get(record.key) if dataset else None

    async def undo(self, target: DatasetTarget, receipt: Receipt) -> Receipt:
        """Put back the rows of one receipt where they are still as written."""
        if receipt.after is None:
            raise SettingsError("How the rows were before is not known, so this cannot be undone.")
        async with transaction():
            dataset = await shape.lock(self._workspace, target.dataset)
            if dataset is None:
                raise SettingsError(f"There is no dataset {target.dataset} any more.")
            rows = [UUID(image["row"]) for image in receipt.after]
            contents = [image["content"] for image in receipt.after]
            same = await fetch_one(_SAME, dataset.id, rows, contents)
            if same is None or same["rows"] != len(rows):
                what = receipt.reference or dataset.name
                raise SettingsError(f"{what} has changed since it was written, so it stays as it is.")
            await fetch(_PUT_BACK, self._workspace, dataset.id, rows, receipt.before)
            await self._tell(target.dataset, len(rows))
        return Receipt(reference=receipt.reference, before=contents, after=receipt.before)

    async def query(self, query: DatasetQuery) -> Sequence[Mapping[str, Any]]:
        """Return the rows whose columns have the values."""
        dataset = await shape.find(self._workspace, query.dataset)
        if dataset is None:
            raise SettingsError(f"There is no dataset {query.dataset}.")
        conditions, values = _conditions(query.where)
        column, falling = query.order.removeprefix("-"), query.order.startswith("-")
        order = f"content->$2::text {'desc' if falling else 'asc'} nulls last, id"
        # names and values are parameters; only their numbers are written in
        sql = f"select content from dataset_rows where dataset = $1 {conditions} order by {order} limit $3"  # noqa: S608  # see above
        rows = await fetch(sql, dataset.id, column, query.limit, *values)
        return [from_jsonb(row["content"]) for row in rows]

    async def names(self) -> Sequence[str]:
        """Return the names of the workspace's datasets, without those that files are written from."""
        rows = await fetch(_NAMES, self._workspace)
        return [row["name"] for row in rows]

    async def columns(self, dataset: str) -> Sequence[str]:
        """Return the names of a dataset's columns, in the order in which they were first met."""
        found = await shape.find(self._workspace, dataset)
        return [column.name for column in found.columns] if found else []

    async def changes(self, dataset: str, since: str | None) -> AsyncIterator[DatasetChange]:
        """Yield revisions of a dataset after a cursor, oldest first; one that does not exist yet has none."""
        found = await shape.find(self._workspace, dataset)
        after = int(since) if since and since.isdecimal() else 0
        while found is not None:
            rows = await fetch(_CHANGES, found.id, after, READ_AT_ONCE)
            for row in rows:
                yield _change(row)
            if len(rows) < READ_AT_ONCE:
                return
            after = rows[-1]["revision"]

    async def latest(self, dataset: str) -> str:
        """Return the cursor of a dataset's newest revision."""
        found = await shape.find(self._workspace, dataset)
        row = await fetch_one(_LATEST, found.id) if found else None
        return str(row["revision"]) if row else "0"

    @asynccontextmanager
    async def together(self) -> AsyncIterator[None]:
        """Take back what a block wrote when it fails, and only that; the surrounding transaction goes on."""
        async with transaction(), connection() as held, held.transaction():
            yield

    async def _tell(self, name: str, rows: int) -> None:
        found = await shape.find(self._workspace, name)
        if found is not None and rows:
            body = {"dataset": found.name, "rows": rows}
            await self._outbox.publish(self._workspace, "dataset.changed", show(PREFIX, found.id), body)


def _changes(
    dataset: Dataset | None, target: DatasetTarget, records: Sequence[Record], standing: Mapping[str, Row]
) -> list[list[Change]]:
    known = dataset or Dataset(id=UUID(int=0), name=target.dataset, title="", key=tuple(target.key), columns=())
    ready = writing.sort(known, target, dict(enumerate(records)), set(standing))
    if ready.refused:
        raise SettingsError(next(iter(ready.refused.values())))
    state: dict[str, dict[str, Any]] = {key: from_jsonb(row["content"]) for key, row in standing.items()}
    shown: list[list[Change]] = []
    for record in records:
        lines: list[Change] = []
        for row in record.rows:
            key = shape.key_of(known, row)
            before = state.get(key) if key else None
            after = {**(before or {}), **row}
            if before == after:
                continue
            version = str(standing[key]["revision"]) if key and key in standing else None
            kind = ChangeKind.ADD if before is None else ChangeKind.CHANGE
            name = ", ".join(f"{column} {row.get(column)}" for column in known.key) or known.name
            lines.append(Change(kind=kind, reference=name, before=before, after=after, version=version))
            if key:
                state[key] = after
        shown.append(lines)
    return shown


def _has_key(dataset: Dataset, row: Mapping[str, Any]) -> bool:
    return bool(dataset.key) and all(row.get(name) is not None for name in dataset.key)


def _conditions(where: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """A column fits when it equals a value as JSON (118 and 118.0) or as text ("17" and 17)."""
    parts: list[str] = []
    values: list[Any] = []
    for name, wanted in where.items():
        options = list(wanted) if isinstance(wanted, (list, tuple)) else [wanted]
        at = 4 + len(values)
        column = f"${at}::text"
        empty = f" or content->>{column} is null" if None in options else ""
        same = f"content->{column} = any(${at + 1}::jsonb[]) or content->>{column} = any(${at + 2}::text[])"
        parts.append(f"and ({same}{empty})")
        texts = [shape.as_text(option) for option in options if option is not None]
        values += [name, [text if _NUMBER.fullmatch(text) else to_jsonb(text) for text in texts], texts]
    return " ".join(parts), values


def _change(row: Row) -> DatasetChange:
    return DatasetChange(
        cursor=str(row["revision"]),
        kind=row["kind"],
        row=show("rec", row["row_id"]),
        before=from_jsonb(row["before"]),
        after=from_jsonb(row["after"]),
        at=row["at"],
        run=show("run", row["run"]) if row["run"] else None,
        item=show("itm", row["item"]) if row["item"] else None,
        step=row["step"],
    )


_NUMBER = re.compile(r"-?(0|[1-9]\d{0,30})(\.\d{1,30})?")
_STANDING = "select key, revision, content from dataset_rows where dataset = $1 and key = any($2::text[])"
_LATEST = "select revision from dataset_revisions where dataset = $1 order by revision desc limit 1"
_NAMES = """
select name from datasets where workspace = $1 and deleted_at is null and name not like 'file:%'
order by lower(name) limit 5000"""
_CHANGES = """
select revision, kind, "row" as row_id, before, after, at, run, item, step from dataset_revisions
where dataset = $1 and revision > $2 order by revision limit $3"""
_SAME = """
select count(*) as rows from unnest($2::uuid[], $3::text[]) as t(id, content)
join dataset_rows r on r.dataset = $1 and r.id = t.id and r.content = t.content::jsonb"""
_PUT_BACK = """
with wanted as (select * from unnest($3::uuid[], $4::text[]) as t(id, content)),
removed as (
    delete from dataset_rows r using wanted w where r.dataset = $2 and r.id = w.id and w.content is null
    returning r.id, nextval('dataset_revision') as revision, r.content as before, null::jsonb as after
),
old as (select r.id, r.content from dataset_rows r join wanted w on w.id = r.id where r.dataset = $2),
changed as (
    update dataset_rows r set content = w.content::jsonb, revision = nextval('dataset_revision'), changed_at = now()
    from wanted w where r.dataset = $2 and r.id = w.id and w.content is not null
    returning r.id, r.revision, r.content as after
)
insert into dataset_revisions (revision, workspace, dataset, "row", kind, before, after)
select revision, $1::uuid, $2::uuid, id, 'remove', before, after from removed
union all
select c.revision, $1::uuid, $2::uuid, c.id, 'change', o.content, c.after from changed c join old o on o.id = c.id
returning revision"""
