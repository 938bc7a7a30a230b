"""A new spreadsheet for each record, known again by the key of its delivery."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec

from connectors.google._calls import ask
from connectors.google._connection import Connection
from connectors.google._drive_files import File, quoted
from connectors.google._sheets_cells import cell, entered
from connectors.google._sheets_tab import KIND, MARK, NAMES, named, sheets_of
from connectors.google._sheets_write import change
from connectors.sdk import (
    Change,
    ChangeKind,
    Context,
    Receipt,
    Record,
    Settings,
    SettingsError,
    Shape,
    TemporaryError,
    field,
)

_FIELDS = "id,name,webViewLink,appProperties,trashed"
_FILLED = "patchdeck_filled"


class NewSpreadsheet(Settings):
    """What the spreadsheet is called, and what stands in it."""

    title: Annotated[str, field("Title", example="Invoices of {{ trigger.month }}", templated=True)]
    columns: Annotated[
        dict[str, Any], field("Columns", example={"Number": "{{ row.number }}"}, templated=True, record=True)
    ]
    rows: Annotated[
        Any,
        field("Rows", hint="A list: one row is written for each, read as row.", templated=True, shape=Shape.LIST),
    ] = None
    tab: Annotated[str, field("Tab", hint="What its only tab is called.", advanced=True)] = "Rows"


async def make(context: Context[Connection, NewSpreadsheet], record: Record) -> Receipt:
    """Make the spreadsheet, or go on where an earlier try ended."""
    title = context.settings.title.strip()
    if not title:
        raise SettingsError("The spreadsheet has no title: fill in what it shall be called.")
    rows = _cells(record.rows)
    made = await _known(context, record.key)
    if made is None:
        body = {"name": title[:250], "mimeType": KIND, "appProperties": {MARK: record.key}}
        made = await ask(context, NAMES, "files.create", File, body=body, fields=_FIELDS)
    await _fill(context, made.id, rows)
    body = {"appProperties": {_FILLED: "1"}}
    done = await ask(context, NAMES, "files.update", File, fileId=made.id, body=body, fields=_FIELDS)
    return _receipt(done, record)


async def changes(records: Sequence[Record], title: str) -> list[list[Change]]:
    """Return the spreadsheet that each record would make."""
    made = [{"title": title, "columns": list(record.values), "rows": len(record.rows)} for record in records]
    return [[Change(kind=ChangeKind.ADD, reference=title, after=after)] for after in made]


async def found(context: Context[Connection, NewSpreadsheet], record: Record) -> Receipt | None:
    """Return the receipt of a spreadsheet that was made and filled for the record."""
    made = await _known(context, record.key)
    return _receipt(made, record) if made is not None and _FILLED in made.app_properties else None


async def take_back(context: Context[Connection, NewSpreadsheet], receipt: Receipt) -> Receipt:
    """Put the spreadsheet into the bin."""
    body = {"trashed": True}
    await ask(context, NAMES, "files.update", File, fileId=str(receipt.reference), body=body, fields=_FIELDS)
    return Receipt(reference=receipt.reference, before=receipt.after)


async def _known(context: Context[Connection, Any], key: str) -> File | None:
    return await named(context, f"appProperties has {{ key = '{MARK}' and value = {quoted(key)} }}")


async def _fill(
    context: Context[Connection, NewSpreadsheet], spreadsheet: str, rows: Sequence[Sequence[Mapping[str, Any]]]
) -> None:
    """Name the only tab and write everything, from its first row on, so that a second time changes nothing."""
    sheets = await sheets_of(context, spreadsheet)
    if not sheets:
        raise TemporaryError("Google made the spreadsheet, but does not show its tab yet.")
    sheet = sheets[0]
    place, tab = sheet.properties.sheet_id, context.settings.tab.strip() or "Rows"
    grid = {
        "rowCount": max(len(rows), 2),
        "columnCount": max((len(row) for row in rows), default=1) or 1,
        "frozenRowCount": 1,
    }
    properties = {"sheetId": place, "title": tab, "gridProperties": grid}
    asked = "title,gridProperties(rowCount,columnCount,frozenRowCount)"
    start = {"sheetId": place, "rowIndex": 0, "columnIndex": 0}
    written = {"start": start, "rows": [{"values": list(row)} for row in rows], "fields": "userEnteredValue"}
    named_tab = {"updateSheetProperties": {"properties": properties, "fields": asked}}
    await change(context, spreadsheet, [named_tab, {"updateCells": written}])


def _cells(rows: Sequence[Mapping[str, Any]]) -> list[list[dict[str, Any]]]:
    """Return the head and the rows as cells; SettingsError for what no cell can hold."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    try:
        values = [
            [cell(row.get(name), entered(row.get(name), typed=False), typed=False) for name in names] for row in rows
        ]
    except ValueError as error:
        raise SettingsError(str(error)) from error
    return [[{"userEnteredValue": {"stringValue": name}} for name in names], *values]


def _receipt(made: File, record: Record) -> Receipt:
    output = {"id": made.id, "title": made.name, "url": made.web_view_link, "rows": len(record.rows)}
    return Receipt(
        reference=made.id, url=made.web_view_link or None, output=output, after=msgspec.to_builtins({"id": made.id})
    )
