"""Rows of a table in an Excel workbook on OneDrive, over Microsoft Graph."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec

from connectors.microsoft._drive import NOT_FOUND, SECONDS, drive_of
from connectors.microsoft._family import Connection, Page, graph, part
from connectors.sdk import Choice, Context, Settings, SettingsError, field
from connectors.sdk.files.outgoing import folder_path, require_folder
from connectors.sdk.network.http import Options
from connectors.sdk.records.rows import RowList, require_key_columns

ROWS_AT_ONCE = 1000
MOST_ROWS = 100_000
LONGEST_CELL = 32_767
# Numbers keep fifteen digits in a cell
MOST_DIGITS = 15
# What Excel would take for a formula, a number, a date or a truth, where a text was given
_TAKEN_FOR_MORE = re.compile(r"\s*(?:[=+\-@'\d.]|true\b|false\b)", re.IGNORECASE)
_ROW = "#microsoft.graph.workbookTableRow"


class Place(Settings):
    """Which workbook is asked about."""

    workbook: Annotated[str, field("Workbook")]


class TablePlace(Settings):
    """Which table of a workbook is asked about."""

    workbook: Annotated[str, field("Workbook")]
    table: Annotated[str, field("Table")]


async def tables(context: Context[Connection, Place]) -> list[Choice]:
    """Return the tables of a workbook."""
    root = await _workbook(context, context.settings.workbook)
    answer = await graph(context, "GET", f"{root}/tables", Options(params={"$select": "id,name"}))
    return [Choice(value=one.name) for one in answer.read(_Named).value]


async def columns_of(context: Context[Connection, TablePlace]) -> Sequence[str]:
    """Return the names in the first line of a table."""
    return (await table_of(context, context.settings.workbook, context.settings.table)).columns


class Sheet(Settings):
    """Which table to write, and what."""

    workbook: Annotated[
        str, field("Workbook", hint="Its path from the top of the drive.", example="/Books/Invoices.xlsx")
    ]
    table: Annotated[
        str,
        field("Table", hint="As Excel names it under Table Design.", example="Invoices", choices=tables),
    ]
    columns: Annotated[
        dict[str, Any],
        field("Columns", example={"Number": "{{ read.number }}"}, templated=True, record=True, choices=columns_of),
    ]
    key: Annotated[
        tuple[str, ...],
        field(
            "Key columns",
            hint="A row with the same values there is changed; without them, rows are always added.",
            choices=columns_of,
        ),
    ] = ()
    rows: RowList = None

    def __post_init__(self) -> None:
        """Refuse paths that climb up, and keys that are not written."""
        require_folder(self.workbook)
        require_key_columns(self.key, self.columns)
        if not self.workbook.strip("/ ") or not self.table.strip():
            raise ValueError("Name the workbook and the table in it.")


class _Name(msgspec.Struct, frozen=True):
    name: str


class _Named(msgspec.Struct, frozen=True):
    value: list[_Name] = []


class Line(msgspec.Struct, frozen=True):
    """A row of the table: where it stands below the first line, and its cells."""

    index: int
    values: list[list[Any]]

    @property
    def cells(self) -> list[Any]:
        """The cells as they are read."""
        return self.values[0] if self.values else []


class Table:
    """A table whose columns are known."""

    def __init__(self, context: Context[Connection, Any], root: str, columns: Sequence[str]) -> None:
        self.columns = columns
        self._context = context
        self._root = root

    async def lines(self) -> list[Line]:
        """Return all rows."""
        found: list[Line] = []
        more = True
        while more:
            query = {"$top": str(ROWS_AT_ONCE), "$skip": str(len(found)), "$select": "index,values"}
            answer = await graph(self._context, "GET", f"{self._root}/rows", Options(params=query, timeout=SECONDS))
            page = answer.read(Page[Line]).value
            found += page
            more = len(page) >= ROWS_AT_ONCE
            if len(found) > MOST_ROWS:
                raise SettingsError(f"The table has more than {MOST_ROWS:,} rows, which is too many to compare.")
        return found

    async def add(self, rows: Sequence[Sequence[Any]]) -> int:
        """Add rows at the end, in one request, and return where the first of them stands."""
        options = Options(json={"index": None, "values": rows}, timeout=SECONDS)
        return (await graph(self._context, "POST", f"{self._root}/rows/add", options)).read(Line).index

    async def change(self, index: int, cells: Sequence[Any]) -> None:
        """Write the cells of a row; None leaves one as it is."""
        options = Options(json={"@odata.type": _ROW, "values": [cells]}, timeout=SECONDS)
        await graph(self._context, "PATCH", f"{self._root}/rows/{index}", options)

    async def remove(self, index: int) -> None:
        """Take a row out."""
        await graph(self._context, "DELETE", f"{self._root}/rows/{index}")

    def require(self, names: Mapping[str, Any]) -> None:
        """Refuse names that are no columns."""
        missing = [name for name in names if name not in self.columns]
        if missing:
            raise SettingsError(f"The table has no column {', '.join(missing)}. It has: {', '.join(self.columns)}.")

    def cells(self, row: Mapping[str, Any]) -> list[Any]:
        """Return a row in the order of the columns, None where it says nothing."""
        return [row.get(name) for name in self.columns]


async def table_of(context: Context[Connection, Any], workbook: str, table: str) -> Table:
    """Return a table with its columns."""
    root = await _workbook(context, workbook)
    place = f"{root}/tables/{part(table)}"
    answer = await graph(context, "GET", f"{place}/columns", Options(params={"$select": "name"}, accepts=(NOT_FOUND,)))
    if answer.status == NOT_FOUND:
        raise SettingsError(f"The workbook {workbook} has no table {table}. Excel names it under Table Design.")
    return Table(context, place, [one.name for one in answer.read(_Named).value])


async def _workbook(context: Context[Connection, Any], path: str) -> str:
    drive = await drive_of(context)
    found = await drive.at(folder_path(path))
    if found is None or found.file is None:
        raise SettingsError(f"There is no workbook {path} in this drive.")
    return f"{drive.root}/items/{part(found.id)}/workbook"


def written(value: Any) -> Any:
    """Return a value as a cell takes it without making something else of it; SettingsError when none can hold it."""
    if value is None or isinstance(value, (bool, float)):
        return value
    if isinstance(value, int):
        return value if len(str(abs(value))) <= MOST_DIGITS else f"'{value}"
    if not isinstance(value, str):
        raise SettingsError("A cell holds a text, a number, or yes or no; this is a list or a mapping.")
    if len(value) > LONGEST_CELL:
        raise SettingsError(f"A cell holds {LONGEST_CELL:,} letters at most; this has {len(value):,}.")
    return f"'{value}" if _TAKEN_FOR_MORE.match(value) else value


def same(cell: Any, value: Any) -> bool:
    """Tell whether a cell that was read holds a value; an empty cell is read as an empty text."""
    if isinstance(value, int) and not isinstance(value, bool) and isinstance(cell, str):
        return cell == str(value)
    return bool(cell == value) or (value is None and cell == "")
