"""A tab of a spreadsheet as it is: its columns by the names in its head, its rows, and the marks of our writes."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

import msgspec

from connectors.google._calls import ask, read, send
from connectors.google._connection import SERVICES, Connection
from connectors.google._drive_files import File, Files, identity, quoted
from connectors.sdk import Choice, Context, Settings, SettingsError, field
from connectors.sdk.network.http import Options

SHEETS = SERVICES["google_sheets"]
# The same account and permissions, at Drive, which knows spreadsheets by name
NAMES = msgspec.structs.replace(SHEETS, description="drive.v3", host="www.googleapis.com")
KIND = "application/vnd.google-apps.spreadsheet"
MARK = "patchdeck"
PATIENCE = 120.0
LARGEST = 100 * 1024 * 1024
MOST = 2_000
_CELLS = "sheets(properties(sheetId,title,gridProperties(rowCount,columnCount)),developerMetadata(metadataId,metadataKey,metadataValue),data(rowData(values(userEnteredValue,formattedValue))))"  # noqa: E501  # a mask is one word

Value = Mapping[str, Any]


class _Grid(msgspec.Struct, frozen=True, rename="camel"):
    row_count: int = 0
    column_count: int = 0


class _Properties(msgspec.Struct, frozen=True, rename="camel"):
    sheet_id: int = 0
    title: str = ""
    grid_properties: _Grid = msgspec.field(default_factory=_Grid)


class Mark(msgspec.Struct, frozen=True, rename="camel"):
    """A mark that a write has left in the tab."""

    metadata_id: int = 0
    metadata_key: str = ""
    metadata_value: str = ""


class Cell(msgspec.Struct, frozen=True, rename="camel"):
    """A cell: what was entered, and what people see."""

    user_entered_value: Value = {}
    formatted_value: str = ""


class _Row(msgspec.Struct, frozen=True):
    values: Sequence[Cell] = ()


class _Data(msgspec.Struct, frozen=True, rename="camel"):
    row_data: Sequence[_Row] = ()


class _Sheet(msgspec.Struct, frozen=True, rename="camel"):
    properties: _Properties = msgspec.field(default_factory=_Properties)
    developer_metadata: Sequence[Mark] = ()
    data: Sequence[_Data] = ()


class _Spreadsheet(msgspec.Struct, frozen=True):
    sheets: Sequence[_Sheet] = ()


class InSpreadsheet(Settings):
    """Which spreadsheet's tabs are asked for."""

    spreadsheet: Annotated[str, field("Spreadsheet")]


async def spreadsheets(context: Context[Connection, Any]) -> Sequence[Choice]:
    """Return the spreadsheets that the account sees, the last changed first."""
    answer = await ask(
        context,
        NAMES,
        "files.list",
        Files,
        q=f"mimeType = {quoted(KIND)} and trashed = false",
        pageSize=1000,
        orderBy="modifiedTime desc",
        fields="nextPageToken,files(id,name)",
        supportsAllDrives=True,
        includeItemsFromAllDrives=True,
    )
    return [Choice(found.id, found.name) for found in answer.files]


async def tabs(context: Context[Connection, InSpreadsheet]) -> Sequence[Choice]:
    """Return the tabs of a spreadsheet."""
    found = await sheets_of(context, context.settings.spreadsheet)
    return [Choice(sheet.properties.title) for sheet in found]


class InTab(InSpreadsheet):
    """Which tab's columns are asked for."""

    tab: Annotated[str, field("Tab")]
    head: Annotated[int, field("Head")] = 1


async def columns(context: Context[Connection, InTab]) -> Sequence[Choice]:
    """Return the columns of a tab."""
    settings = context.settings
    try:
        table = Table(spreadsheet=settings.spreadsheet, tab=settings.tab, head=settings.head)
    except ValueError as error:
        raise SettingsError(str(error)) from error
    tab = await head_of(context, table)
    return [Choice(name) for name in tab.columns if name]


class Table(Settings):
    """A tab of a spreadsheet, and the row in which its columns are named."""

    spreadsheet: Annotated[
        str,
        field(
            "Spreadsheet",
            hint="Chosen, or its link as the browser shows it.",
            example="1AbC-d2Ef",
            choices=spreadsheets,
        ),
    ]
    tab: Annotated[str, field("Tab", example="Invoices", choices=tabs)]
    head: Annotated[int, field("Head", hint="The row that names the columns.", advanced=True)] = 1

    def __post_init__(self) -> None:
        identity(self.spreadsheet)
        if not self.tab.strip():
            raise ValueError("Name the tab, as it stands at the bottom of the spreadsheet.")
        if not 1 <= self.head <= 1000:
            raise ValueError("The head is one of the first 1,000 rows.")

    @property
    def id(self) -> str:
        """The spreadsheet's id."""
        return identity(self.spreadsheet)


class Tab(msgspec.Struct, frozen=True, kw_only=True):
    """What was read of a tab: `rows` are those below its head, only when they were asked for."""

    id: int
    title: str
    height: int
    columns: Sequence[str]
    marks: Sequence[Mark]
    rows: Sequence[Sequence[Cell]] = ()
    head: int = 1

    def place(self, name: str) -> int:
        """Return a column's number, counted from 0; SettingsError when there is none or there are several."""
        alike = [place for place, column in enumerate(self.columns) if column == name]
        if not alike:
            alike = [place for place, column in enumerate(self.columns) if column.casefold() == name.strip().casefold()]
        if not alike:
            raise self._missing([name])
        if len(alike) > 1:
            raise SettingsError(f"The tab {self.title} has {len(alike)} columns called {name}. Give them other names.")
        return alike[0]

    def require(self, names: Iterable[str]) -> None:
        """Refuse columns that the tab does not have, naming them and those that it has."""
        known = {column.casefold() for column in self.columns}
        missing = [name for name in names if name.strip().casefold() not in known]
        if missing:
            raise self._missing(missing)

    def _missing(self, names: Sequence[str]) -> SettingsError:
        close = difflib.get_close_matches(names[0], [name for name in self.columns if name], 1, 0.5)
        meant = f" Perhaps {names[0]} was renamed to {close[0]}." if close else ""
        has = ", ".join(name for name in self.columns if name)[:300] or "no names at all"
        return SettingsError(f"The tab {self.title} has no column {', '.join(names)}. Its head has: {has}.{meant}")


async def head_of(context: Context[Connection, Any], table: Table) -> Tab:
    """Read what names the columns of a tab."""
    return await _read(context, table, f"{_sheet(table.tab)}!{table.head}:{table.head}", 0)


async def whole(context: Context[Connection, Any], table: Table) -> Tab:
    """Read a tab with all its rows, in one request."""
    return await _read(context, table, _sheet(table.tab), table.head - 1)


async def sheets_of(context: Context[Connection, Any], spreadsheet: str) -> Sequence[_Sheet]:
    """Return the tabs of a spreadsheet without what is in them."""
    try:
        name = identity(spreadsheet)
    except ValueError as error:
        raise SettingsError(str(error)) from error
    found = await ask(
        context,
        SHEETS,
        "spreadsheets.get",
        _Spreadsheet,
        spreadsheetId=name,
        fields="sheets(properties(sheetId,title))",
    )
    return found.sheets


async def page(context: Context[Connection, Any], table: Table, first: int, last: int) -> Sequence[Sequence[Any]]:
    """Return the values of some rows; numbers as numbers, dates as people see them."""
    answer = await ask(
        context,
        SHEETS,
        "spreadsheets.values.get",
        _Values,
        spreadsheetId=table.id,
        range=f"{_sheet(table.tab)}!{first}:{last}",
        valueRenderOption="UNFORMATTED_VALUE",
        dateTimeRenderOption="FORMATTED_STRING",
    )
    return answer.values


class _Values(msgspec.Struct, frozen=True):
    values: Sequence[Sequence[Any]] = ()


async def named(context: Context[Connection, Any], query: str) -> File | None:
    """Return the spreadsheet that a query of Drive's finds."""
    answer = await ask(
        context, NAMES, "files.list", Files, q=query, pageSize=1, fields="files(id,name,webViewLink,appProperties)"
    )
    return next(iter(answer.files), None)


async def _read(context: Context[Connection, Any], table: Table, span: str, start: int) -> Tab:
    options = Options(timeout=PATIENCE, limit=LARGEST)
    try:
        answer = await send(
            context, SHEETS, "spreadsheets.get", options, spreadsheetId=table.id, ranges=[span], fields=_CELLS
        )
    except SettingsError as error:
        if "Unable to parse range" in error.message:
            raise SettingsError(f"The spreadsheet has no tab {table.tab}. Perhaps it was renamed.") from error
        raise
    sheet = next(iter(read(answer, _Spreadsheet).sheets), None)
    if sheet is None:
        raise SettingsError(f"The spreadsheet has no tab {table.tab}. Perhaps it was renamed.")
    lines = [row.values for row in sheet.data[0].row_data] if sheet.data else []
    head = lines[start] if len(lines) > start else ()
    return Tab(
        id=sheet.properties.sheet_id,
        title=sheet.properties.title,
        height=sheet.properties.grid_properties.row_count,
        columns=[cell.formatted_value.strip() for cell in head],
        marks=[mark for mark in sheet.developer_metadata if mark.metadata_key == MARK],
        rows=lines[start + 1 :],
        head=table.head,
    )


def _sheet(tab: str) -> str:
    doubled = tab.replace("'", "''")
    return f"'{doubled}'"
