"""Rows changed by hand: cells, new rows, rows taken away, and any of that taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from hub.audit import Audit
from hub.database import Row, fetch, fetch_one, from_jsonb, to_jsonb, transaction
from hub.datasets import shape
from hub.datasets.cells import TYPES, cell_value
from hub.datasets.named import find, locked
from hub.datasets.query import RowQuery, opened, page_of, select
from hub.datasets.shape import MOST_COLUMNS, Column, Dataset
from hub.datasets.views import DatasetRecord, RecordPage, record_of
from hub.datasets.workspace import PREFIX
from hub.errors import ConflictError, InvalidError, NotFoundError, Problem, StaleError
from hub.ids import new_id, parse, show
from hub.members import Member, Verb
from hub.outbox import Outbox

MOST_AT_ONCE = 1000
MOST_BYTES = 1024 * 1024
LONGEST_COLUMN = 100


class RowChange(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a row: `revision` takes the change back, `record` is None when the row is gone."""

    revision: int
    record: DatasetRecord | None


class DatasetRows:
    """Rows of datasets as people edit them; a dataset is written by one at a time, every change is a revision."""

    def __init__(self, audit: Audit, outbox: Outbox) -> None:
        self._audit = audit
        self._outbox = outbox

    async def list(self, member: Member, reference: str, wanted: RowQuery) -> RecordPage:
        """Return the rows that fit, in the order asked for, the newest first otherwise."""
        member.authorize(Verb.READ)
        dataset = await find(member, reference)
        rows = await fetch(*select(dataset, wanted, opened(dataset, wanted)))
        return page_of(dataset, wanted, rows)

    async def add(self, member: Member, reference: str, values: Mapping[str, Any]) -> RowChange:
        """Add one row; its key must be new."""
        member.authorize(Verb.EDIT_DATASETS)
        async with transaction():
            dataset = await locked(member, reference)
            row = _typed(dataset, values)
            key = await self._free_key(dataset, row)
            return await self._write(member, dataset, new_id(), None, (row, key))

    async def change(
        self, member: Member, reference: str, record: str, values: Mapping[str, Any], *, revision: int | None = None
    ) -> RowChange:
        """Change cells of a row; with `revision` only when nobody has changed it since."""
        member.authorize(Verb.EDIT_DATASETS)
        identity = parse("rec", record)
        async with transaction():
            dataset = await locked(member, reference)
            current = await _current(dataset, identity)
            if current is None:
                raise NotFoundError("There is no such row in this dataset.")
            if revision is not None and revision != current["revision"]:
                raise StaleError("The row was changed meanwhile; look at it again and repeat your change.")
            before = from_jsonb(current["content"])
            after = {**before, **_typed(dataset, values)}
            if after == before:
                return RowChange(revision=current["revision"], record=record_of(current))
            key = await self._free_key(dataset, after, identity)
            return await self._write(member, dataset, identity, current, (after, key))

    async def remove(self, member: Member, reference: str, records: Sequence[str]) -> Sequence[RowChange]:
        """Take rows away; their history stays, and each can be put back."""
        member.authorize(Verb.EDIT_DATASETS)
        if len(records) > MOST_AT_ONCE:
            raise InvalidError(f"At most {MOST_AT_ONCE:,} rows are taken away at once.")
        identities = [parse("rec", record) for record in records]
        async with transaction():
            dataset = await locked(member, reference)
            rows = await fetch(_REMOVE, member.workspace, dataset.id, identities, member.user)
            if not rows:
                raise NotFoundError("There is no such row in this dataset any more.")
            await self._tell(member, dataset, "rows_removed", len(rows))
        return [RowChange(revision=row["revision"], record=None) for row in rows]

    async def revert(self, member: Member, reference: str, revision: int) -> RowChange:
        """Take one change back, where the row is still as that change left it; this can be taken back too."""
        member.authorize(Verb.EDIT_DATASETS)
        async with transaction():
            dataset = await locked(member, reference)
            change = await fetch_one(_REVISION, dataset.id, revision)
            if change is None:
                raise NotFoundError("There is no such change in this dataset.")
            current = await _current(dataset, change["row_id"])
            if (current["revision"] if current else None) != (None if change["after"] is None else revision):
                raise ConflictError("The row was changed again meanwhile, so it stays as it is.")
            if change["before"] is None:
                return (await self.remove(member, reference, [show("rec", change["row_id"])]))[0]
            before = from_jsonb(change["before"])
            key = await self._free_key(dataset, before, change["row_id"])
            return await self._write(member, dataset, change["row_id"], current, (before, key))

    async def add_column(self, member: Member, reference: str, column: Column) -> Sequence[Column]:
        """Give a dataset a further column, empty in every row; returns all columns."""
        member.authorize(Verb.EDIT_DATASETS)
        name = column.name.strip()
        if not name or len(name) > LONGEST_COLUMN or not name.isprintable() or column.type not in TYPES:
            message = f"Give a name of 1 to {LONGEST_COLUMN} letters, and one of the types {', '.join(TYPES)}."
            raise InvalidError("This cannot be a column.", errors=[Problem("name", message)])
        async with transaction():
            dataset = await locked(member, reference)
            if any(known.name.lower() == name.lower() for known in dataset.columns):
                raise ConflictError(f"There is a column {name} already.")
            if len(dataset.columns) >= MOST_COLUMNS:
                raise ConflictError(f"A dataset has at most {MOST_COLUMNS} columns.")
            grown = await shape.keep_columns(dataset, [*dataset.columns, Column(name, column.type)])
            await self._audit.record(member, "dataset.column_added", show(PREFIX, dataset.id), {"column": name})
        return grown.columns

    async def _free_key(self, dataset: Dataset, row: Mapping[str, Any], identity: UUID | None = None) -> str | None:
        """Return the key of a row; InvalidError when a part is empty, ConflictError when another row has it."""
        if len(to_jsonb(row)) > MOST_BYTES:
            raise InvalidError("A row of a dataset holds at most 1 MB; keep larger things as files.")
        if not dataset.key:
            return None
        empty = [name for name in dataset.key if row.get(name) is None]
        if empty:
            message = f"{empty[0]} is a key column, so it cannot be empty."
            raise InvalidError(message, errors=[Problem(empty[0], message)])
        key = shape.key_of(dataset, row)
        taken = await fetch_one("select id from dataset_rows where dataset = $1 and key = $2", dataset.id, key)
        if taken is not None and taken["id"] != identity:
            named = ", ".join(f"{name} {row[name]}" for name in dataset.key)
            raise ConflictError(f"There is a row with {named} already.")
        return key

    async def _write(
        self, member: Member, dataset: Dataset, identity: UUID, current: Row | None, fresh: tuple[dict[str, Any], Any]
    ) -> RowChange:
        content, key = fresh
        row = await fetch_one(
            _ADD if current is None else _CHANGE, member.workspace, dataset.id, identity, key, to_jsonb(content),
            member.user, current["content"] if current else None,
        )  # fmt: skip
        if row is None:
            raise StaleError("The row was changed at this moment; look at it again and repeat your change.")
        await self._tell(member, dataset, "row_changed" if current else "row_added", 1)
        return RowChange(revision=row["revision"], record=record_of(row))

    async def _tell(self, member: Member, dataset: Dataset, what: str, rows: int) -> None:
        subject, body = show(PREFIX, dataset.id), {"dataset": dataset.name, "rows": rows}
        await self._outbox.publish(member.workspace, "dataset.changed", subject, body)
        await self._audit.record(member, f"dataset.{what}", subject, body)


async def _current(dataset: Dataset, identity: UUID) -> Row | None:
    return await fetch_one(_ONE, dataset.id, identity)


def _typed(dataset: Dataset, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return cells as their columns' types; InvalidError tells every one that does not fit."""
    kinds = {column.name: column.type for column in dataset.columns}
    problems: list[Problem] = []
    typed: dict[str, Any] = {}
    for name, given in values.items():
        if name not in kinds:
            problems.append(Problem(name, f"There is no column {name[:LONGEST_COLUMN]}."))
            continue
        try:
            typed[name] = cell_value(name, kinds[name], given)
        except InvalidError as error:
            problems += error.errors
    if problems:
        raise InvalidError("The row was not written.", errors=problems)
    return typed


_COLUMNS = "id, content::text as content, revision, created_at, changed_at, item, run, step"
_ONE = f"select {_COLUMNS} from dataset_rows where dataset = $1 and id = $2"  # noqa: S608  # our own words
_REVISION = """
select "row" as row_id, kind, before::text as before, after::text as after from dataset_revisions
where dataset = $1 and revision = $2"""
_KEPT = """
kept as (
    insert into dataset_revisions (revision, workspace, dataset, "row", kind, before, after, changed_by)
    select revision, $1, $2, id, case when $7::text is null then 'add' else 'change' end, $7::jsonb, content, $6
    from written
)"""
_ADD = f"""
with written as (
    insert into dataset_rows (id, workspace, dataset, key, revision, content)
    values ($3, $1, $2, $4, nextval('dataset_revision'), $5::jsonb) returning *
), {_KEPT}
select {_COLUMNS} from written"""  # noqa: S608  # our own words
_CHANGE = f"""
with written as (
    update dataset_rows set content = $5::jsonb, key = $4, revision = nextval('dataset_revision'), item = null,
        run = null, step = null, changed_at = now()
    where workspace = $1 and dataset = $2 and id = $3 returning *
), {_KEPT}
select {_COLUMNS} from written"""  # noqa: S608  # our own words
_REMOVE = """
with gone as (
    delete from dataset_rows where workspace = $1 and dataset = $2 and id = any($3::uuid[])
    returning id, content, nextval('dataset_revision') as revision
),
kept as (
    insert into dataset_revisions (revision, workspace, dataset, "row", kind, before, changed_by)
    select revision, $1, $2, id, 'remove', content, $4 from gone
)
select revision from gone"""
