"""Extractions as CSV: one row for each record, text that no spreadsheet takes for a formula."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from connectors.sdk.records.sheets import inert
from hub.database import Row, fetch, from_jsonb
from hub.extraction.checks import value_at
from hub.extraction.history import MATCHING, Selection, narrowing
from hub.extraction.schemas.fields import Schema, leaves
from hub.ids import show

# More than this many are fetched in parts by `until`.
MOST = 10_000
# So many are held in memory and written beside the event loop at a time.
PART = 500
ABOUT = ("id", "file", "schema", "version", "status", "confidence", "verdict", "tags", "created_at", "record_number")


async def export(workspace: UUID, wanted: Selection, schema: Schema | None, *, part: int = PART) -> bytes:
    """Return the newest matching extractions as CSV; with a schema every field has a column, else `record` is JSON."""
    paths = [leaf.path for leaf in leaves(schema.spec.fields)] if schema else []
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow([*ABOUT, *(paths or ["record"])])
    for _ in range(0, MOST, part):
        rows = await fetch(_EXPORT, workspace, *narrowing(wanted), part)
        await asyncio.to_thread(_write, buffer, rows, paths)
        if len(rows) < part:
            break
        wanted = msgspec.structs.replace(wanted, cursor=show("ext", rows[-1]["id"]))
    return buffer.getvalue().encode()


def _write(buffer: io.StringIO, rows: Sequence[Row], paths: Sequence[str]) -> None:
    writer = csv.writer(buffer, lineterminator="\r\n")
    for row in rows:
        for number, record in enumerate(from_jsonb(row["records"]) or [{}], start=1):
            values = [value_at(record, path) for path in paths] if paths else [record]
            writer.writerow([_cell(value) for value in [*_about(row), number, *values]])


def _about(row: Row) -> Sequence[Any]:
    return (
        show("ext", row["id"]), row["file_name"], row["schema_name"], row["schema_version"], row["status"],
        round(row["confidence"], 3), row["verdict"], ", ".join(row["tags"]), row["created_at"],
    )  # fmt: skip


def _cell(value: Any) -> Any:
    if isinstance(value, dict | list):
        return msgspec.json.encode(value).decode()
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return inert(value) if isinstance(value, str) else value


_EXPORT = f"""
select e.id, f.name as file_name, e.schema_name, e.schema_version, e.status, e.confidence, e.verdict, e.tags,
    e.created_at, e.result->'records' as records
{MATCHING} order by e.id desc limit $14"""
