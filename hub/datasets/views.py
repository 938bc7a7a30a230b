"""Datasets as faces see them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from hub.database import Row, from_jsonb
from hub.datasets.shape import Column, Dataset
from hub.datasets.workspace import PREFIX
from hub.errors import Problem
from hub.ids import show


class NewDataset(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is needed to make a dataset; further columns come with the rows."""

    name: str
    title: str = ""
    key: list[str] = []
    columns: list[Column] = []


class DatasetSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A dataset in a list."""

    id: str
    name: str
    title: str
    key: Sequence[str]
    columns: Sequence[Column]
    rows: int
    changed_at: datetime | None
    created_at: datetime


class DatasetPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some datasets, by name, and where to go on."""

    items: Sequence[DatasetSummary]
    cursor: str | None = None


class DatasetRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One row, and what wrote it last."""

    id: str
    values: dict[str, Any]
    revision: int
    created_at: datetime
    changed_at: datetime
    item: str | None
    run: str | None
    step: str | None


class RecordPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some rows, newest first, and where to go on."""

    items: Sequence[DatasetRecord]
    cursor: str | None = None


class RowRevision(msgspec.Struct, frozen=True, kw_only=True):
    """One change of one row and its source: the run and step, or who changed it by hand."""

    revision: int
    kind: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    at: datetime
    item: str | None
    run: str | None
    step: str | None
    by: str | None = None


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """What an import did; `problems` name the rows that were left out."""

    added: int
    changed: int
    unchanged: int
    problems: Sequence[Problem]


class Export(msgspec.Struct, frozen=True, kw_only=True):
    """A dataset as a file."""

    name: str
    media_type: str
    content: bytes


def summary_of(row: Row) -> DatasetSummary:
    """Make a summary of a row of datasets with its counts."""
    dataset = Dataset.of(row)
    return DatasetSummary(
        id=show(PREFIX, dataset.id),
        name=dataset.name,
        title=dataset.title,
        key=dataset.key,
        columns=dataset.columns,
        rows=row["rows"],
        changed_at=row["changed_at"],
        created_at=row["created_at"],
    )


def record_of(row: Row) -> DatasetRecord:
    """Make a record of a row of dataset_rows."""
    return DatasetRecord(
        id=show("rec", row["id"]),
        values=from_jsonb(row["content"]),
        revision=row["revision"],
        created_at=row["created_at"],
        changed_at=row["changed_at"],
        **_source(row),
    )


def revision_of(row: Row) -> RowRevision:
    """Make a revision of a row of dataset_revisions."""
    return RowRevision(
        revision=row["revision"],
        kind=row["kind"],
        before=from_jsonb(row["before"]),
        after=from_jsonb(row["after"]),
        at=row["at"],
        by=row["by"],
        **_source(row),
    )


def _source(row: Row) -> dict[str, str | None]:
    return {
        "item": show("itm", row["item"]) if row["item"] else None,
        "run": show("run", row["run"]) if row["run"] else None,
        "step": row["step"],
    }
