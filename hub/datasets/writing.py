"""Rows into a dataset: one statement for a whole batch, every change kept as a revision with its source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from connectors.sdk import Receipt, Record, Rejected, SettingsError
from connectors.sdk.datasets import DatasetTarget
from connectors.sdk.records.rows import WriteMode
from hub.database import Row, fetch, to_jsonb
from hub.datasets import shape
from hub.datasets.shape import Dataset
from hub.ids import new_id

MOST_BYTES = 1024 * 1024


class Line(msgspec.Struct, frozen=True):
    """One row to write: the record it belongs to, its key, its columns."""

    record: int
    key: str | None
    row: Mapping[str, Any]


class Sorted(msgspec.Struct, frozen=True):
    """The lines that can be written, each key once, and the records that cannot."""

    lines: Sequence[Line]
    refused: Mapping[int, str]


async def write(workspace: UUID, target: DatasetTarget, records: Sequence[Record]) -> list[Receipt | Rejected]:
    """Write all records in the current transaction; one that was written before is answered from its revisions."""
    rows = [row for record in records for row in record.rows]
    dataset = await _ready(workspace, target, rows)
    done = await delivered(dataset, [record.key for record in records])
    fresh = {number: record for number, record in enumerate(records) if record.key not in done}
    existing = await _existing(dataset, target, fresh)
    ready = sort(dataset, target, fresh, existing)
    images = await _put(workspace, dataset, ready.lines, [record.key for record in records])
    return [
        done.get(record.key)
        or (
            Rejected(message=ready.refused[number])
            if number in ready.refused
            else receipt_of(dataset, len(record.rows), images.get(number, []))
        )
        for number, record in enumerate(records)
    ]


async def delivered(dataset: Dataset, keys: Sequence[str]) -> dict[str, Receipt]:
    """Return the receipts of deliveries that have left revisions, by their keys."""
    found: dict[str, list[Row]] = {}
    for row in await fetch(_DELIVERED, dataset.id, list(keys)):
        found.setdefault(row["delivery"], []).append(row)
    return {key: receipt_of(dataset, len(rows), rows) for key, rows in found.items()}


def receipt_of(dataset: Dataset, rows: int, images: Sequence[Row]) -> Receipt:
    """Prove a delivery by the rows it changed; images keep numbers to their last digit."""
    added = sum(image["before"] is None for image in images)
    only: Any = msgspec.json.decode(images[0]["after"]) if len(images) == 1 else None
    return Receipt(
        reference=_name(dataset, only) if only else dataset.name,
        version=str(max(image["revision"] for image in images)) if images else None,
        output={"dataset": dataset.name, "rows": rows, "added": added, "changed": len(images) - added, "row": only},
        before=[image["before"] for image in images],
        after=[{"row": str(image["row_id"]), "content": image["after"]} for image in images],
    )


def sort(dataset: Dataset, target: DatasetTarget, records: Mapping[int, Record], existing: set[str]) -> Sorted:
    """Tell what can be written: rows of a record go together, of several rows with one key the last is written."""
    merged: dict[str, Line] = {}
    refused: dict[int, str] = {}
    present = set(existing)
    for number, record in records.items():
        lines = [Line(number, _key(dataset, row), row) for row in record.rows]
        reason = next((why for line in lines if (why := _refusal(dataset, target, line, present))), None)
        if reason is not None:
            refused[number] = reason
            continue
        for place, line in enumerate(lines):
            name = line.key or f"{number}/{place}"
            earlier = merged.pop(name, None)
            row = {**earlier.row, **line.row} if earlier else line.row
            merged[name] = Line(number, line.key, row)
            present.add(name)
    return Sorted(list(merged.values()), refused)


async def existing_keys(dataset: Dataset, records: Sequence[Record]) -> set[str]:
    """Return which of the records' keys the dataset has."""
    if not dataset.key:
        return set()
    keys = {key for record in records for row in record.rows if (key := _key(dataset, row))}
    rows = await fetch("select key from dataset_rows where dataset = $1 and key = any($2::text[])", dataset.id, [*keys])
    return {row["key"] for row in rows}


async def _ready(workspace: UUID, target: DatasetTarget, rows: Sequence[Mapping[str, Any]]) -> Dataset:
    dataset = await shape.lock(workspace, target.dataset)
    if dataset is None:
        if target.mode is WriteMode.UPDATE:
            raise SettingsError(f"There is no dataset {target.dataset} to update.")
        dataset = await shape.make(workspace, target.dataset, target.key)
    shape.require_key(dataset, target.key)
    return await shape.grow(dataset, rows)


async def _existing(dataset: Dataset, target: DatasetTarget, fresh: Mapping[int, Record]) -> set[str]:
    return set() if target.mode is WriteMode.UPSERT else await existing_keys(dataset, list(fresh.values()))


async def _put(
    workspace: UUID, dataset: Dataset, lines: Sequence[Line], deliveries: Sequence[str]
) -> dict[int, list[Row]]:
    if not lines:
        return {}
    rows = await fetch(
        _PUT, workspace, dataset.id, [new_id() for _ in lines], [line.key for line in lines],
        [to_jsonb(line.row) for line in lines], [deliveries[line.record] for line in lines],
    )  # fmt: skip
    images: dict[int, list[Row]] = {}
    for row in rows:
        images.setdefault(lines[row["place"] - 1].record, []).append(row)
    return images


def _key(dataset: Dataset, row: Mapping[str, Any]) -> str | None:
    return None if any(row.get(name) is None for name in dataset.key) else shape.key_of(dataset, row)


def _refusal(dataset: Dataset, target: DatasetTarget, line: Line, present: set[str]) -> str | None:
    if dataset.key and line.key is None:
        empty = [name for name in dataset.key if line.row.get(name) is None]
        return f"The key column {', '.join(empty)} is empty."
    if target.mode is WriteMode.INSERT and line.key in present:
        return f"The dataset {dataset.name} has a row with {_name(dataset, line.row)} already."
    if target.mode is WriteMode.UPDATE and line.key not in present:
        return f"The dataset {dataset.name} has no row with {_name(dataset, line.row)} to update."
    if len(to_jsonb(line.row)) > MOST_BYTES:
        return "A row of a dataset holds at most 1 MB; keep larger things as files."
    return None


def _name(dataset: Dataset, row: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {row.get(name)}" for name in dataset.key) or dataset.name


# Both halves of the statement see the rows as they were before it, which gives the images from before.
_PUT = """
with incoming as (
    select * from unnest($3::uuid[], $4::text[], $5::text[], $6::text[]) with ordinality
    as t(id, key, content, delivery, place)
),
sourced as (
    select i.*, d.item, d.run, d.step from incoming i
    left join deliveries d on d.key = i.delivery and d.workspace = $1
),
old as (
    select r.id, r.content from dataset_rows r join incoming i on r.dataset = $2 and r.key = i.key
),
written as (
    insert into dataset_rows as r (id, workspace, dataset, key, revision, content, item, run, step)
    select s.id, $1, $2, s.key, nextval('dataset_revision'), s.content::jsonb, s.item, s.run, s.step
    from sourced s order by s.place
    on conflict (dataset, key) where key is not null do update
    set content = r.content || excluded.content, revision = excluded.revision, item = excluded.item,
        run = excluded.run, step = excluded.step, changed_at = now()
    where r.content is distinct from r.content || excluded.content
    returning r.id, r.key, r.revision, r.content
),
images as (
    select s.place, w.id as row_id, w.revision, o.content as before, w.content as after, s.delivery, s.item, s.run,
        s.step
    from written w join sourced s on coalesce(s.key, s.id::text) = coalesce(w.key, w.id::text)
    left join old o on o.id = w.id
),
kept as (
    insert into dataset_revisions (revision, workspace, dataset, "row", kind, before, after, delivery, item, run, step)
    select revision, $1, $2, row_id, case when before is null then 'add' else 'change' end, before, after, delivery,
        item, run, step from images
)
select place, row_id, revision, before::text as before, after::text as after from images order by place"""
_DELIVERED = """
select delivery, "row" as row_id, revision, before::text as before, after::text as after from dataset_revisions
where dataset = $1 and delivery = any($2::text[]) order by revision"""
