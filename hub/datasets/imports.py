"""Imports: a file looked into before it is written, and its columns led to those of the dataset."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from hub.datasets.cells import TYPES, cell_value, guessed_type
from hub.datasets.exchange import Format, read_rows, require_head
from hub.datasets.shape import Dataset
from hub.errors import InvalidError, Problem
from hub.jail import Jail, JailError, Limits
from hub.workbooks import Rows, Workbook

READ = "hub.workbooks:read_workbook"
SHOWN = 20
MOST_PROBLEMS = 100
_LIMITS = Limits(seconds=120, cpu_seconds=120)
_TOO_STRANGE = "The workbook is too large or too strange to read. Split it, or save it as CSV."


class ImportedColumn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a column of the file goes, and as what; an empty type keeps values as the file has them."""

    to: str
    type: str = ""


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A file of rows: which sheet of a workbook, and which columns go where; without any all go by their names."""

    content: bytes
    kind: Format
    sheet: str = ""
    columns: Mapping[str, ImportedColumn] | None = None


class FileColumn(msgspec.Struct, frozen=True, kw_only=True):
    """A column of a file: a few values, the type they have, and the column of the dataset it seems to be."""

    name: str
    type: str
    to: str
    values: Sequence[Any]


class ImportPreview(msgspec.Struct, frozen=True, kw_only=True):
    """What a file holds, before anything is written."""

    columns: Sequence[FileColumn]
    rows: int
    first: Sequence[Mapping[str, Any]]
    sheets: Sequence[str] = ()


class Converted(msgspec.Struct, frozen=True):
    """Rows as they are to be written, with their numbers in the file, and those that cannot be."""

    rows: Sequence[tuple[int, Mapping[str, Any]]]
    problems: Sequence[Problem]


class RowFiles:
    """Reads files of rows; workbooks are opened in the jail, as what they hold is anybody's."""

    def __init__(self) -> None:
        self._jail: Jail | None = None

    def read_with(self, jail: Jail) -> None:
        """Say where workbooks are opened; called once, where services are put together."""
        self._jail = jail

    async def read(self, source: Source) -> tuple[list[dict[str, Any]], Sequence[str]]:
        """Return the rows of a file, and the sheets it has."""
        if source.kind is not Format.XLSX:
            return await asyncio.to_thread(read_rows, source.content, source.kind), ()
        if self._jail is None:
            raise InvalidError("Workbooks cannot be read here; save it as CSV first.")
        try:
            found = await self._jail.run(READ, Workbook(source.content, source.sheet), Rows, _LIMITS)
        except JailError as error:
            raise InvalidError(_TOO_STRANGE) from error
        if found.problem:
            raise InvalidError(found.problem)
        require_head(found.head)
        long = next((number for number, row in enumerate(found.rows, 2) if len(row) > len(found.head)), None)
        if long is not None:
            raise InvalidError(f"Row {long} has more values than there are columns.")
        return [dict(zip(found.head, row, strict=False)) for row in found.rows], found.sheets

    async def preview(self, source: Source, dataset: Dataset | None) -> ImportPreview:
        """Return what a file holds and where its columns seem to belong."""
        rows, sheets = await self.read(source)
        columns = await asyncio.to_thread(_columns, rows, dataset)
        return ImportPreview(columns=columns, rows=len(rows), first=rows[:SHOWN], sheets=sheets)


def _columns(rows: Sequence[Mapping[str, Any]], dataset: Dataset | None) -> list[FileColumn]:
    """Return the columns of a file with the types that their values have."""
    known = {column.name.lower(): column for column in dataset.columns} if dataset else {}
    columns = []
    for name in dict.fromkeys(name for row in rows for name in row):
        values = [row.get(name) for row in rows]
        there = known.get(name.strip().lower())
        kind = there.type if there else guessed_type(values)
        shown = [value for value in values if value is not None][:3]
        columns.append(FileColumn(name=name, type=kind, to=there.name if there else name.strip(), values=shown))
    return columns


def converted(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, ImportedColumn] | None) -> Converted:
    """Lead columns where they belong, as the types that were chosen; what does not fit leaves its row out."""
    if columns is None:
        return Converted(list(enumerate(rows)), ())
    _check(columns)
    fit: list[tuple[int, Mapping[str, Any]]] = []
    problems: list[Problem] = []
    for number, row in enumerate(rows):
        try:
            fit.append((number, {one.to: _cell(name, one, row) for name, one in columns.items() if name in row}))
        except InvalidError as error:
            problems += [Problem(f"rows[{number}].{one.path}", one.message) for one in error.errors]
    return Converted(fit, problems[:MOST_PROBLEMS])


def _cell(name: str, column: ImportedColumn, row: Mapping[str, Any]) -> Any:
    return cell_value(column.to, column.type, row[name]) if column.type else row[name]


def _check(columns: Mapping[str, ImportedColumn]) -> None:
    targets = [one.to.strip() for one in columns.values()]
    problems = [
        Problem(f"columns.{name}", message)
        for name, one in columns.items()
        for message in (
            "Name the column it goes to." if not one.to.strip() else "",
            f"Choose one of {', '.join(TYPES)}." if one.type and one.type not in TYPES else "",
            "Two columns go to the same one." if targets.count(one.to.strip()) > 1 else "",
        )
        if message
    ]
    if problems or not columns:
        raise InvalidError("The columns of the file cannot be taken so.", errors=problems)
