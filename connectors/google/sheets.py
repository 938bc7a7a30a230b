"""Google Sheets: rows in as they appear and change, rows out by column names, and new spreadsheets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

import msgspec

from connectors.google import _sheets_new as new
from connectors.google import _sheets_undo as undoing
from connectors.google._calls import ask
from connectors.google._connection import Connection, family
from connectors.google._drive_files import Files
from connectors.google._sheets_new import NewSpreadsheet
from connectors.google._sheets_plan import Rows, changes, reference
from connectors.google._sheets_rows import Wanted, Watched, found_rows, rows_since
from connectors.google._sheets_tab import NAMES, SHEETS, head_of
from connectors.google._sheets_write import MARKS, Token, tab_of, write
from connectors.sdk import Category, Change, Context, Effect, Item, NoSettings, Receipt, Record, Rejected, SettingsError

connector = family(
    SHEETS,
    "grid_on",
    category=Category.TABLES,
    tried="a local peer held to Google's discovery documents sheets:v4 and drive:v3",
)


@connector.check
async def check(connection: Connection, context: Context[Connection, NoSettings]) -> None:  # noqa: ARG001  # as declared
    """Ask for the name of one file."""
    await ask(context, NAMES, "files.list", Files, pageSize=1, fields="files(id)")


@connector.trigger("New or changed row", every=60.0)
async def row_changed(context: Context[Connection, Watched], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each row that appears in a tab or changes.

    Gives the number of the `row`, its `values` by column, and the `tab`. Numbers are numbers, dates are as people see
    them.
    """
    async for item in rows_since(context, cursor):
        yield item


@connector.lookup("Find rows")
async def find_rows(context: Context[Connection, Wanted]) -> dict[str, Any]:
    """Find the rows of a tab in which something stands.

    Gives `rows` (each with its number `row` and its `values`), their `count`, the `first` of them, and whether there
    are `more`.
    """
    return await found_rows(context)


@connector.target("Write rows", effect=Effect.CHANGE)
async def write_rows(context: Context[Connection, Rows], records: Sequence[Record]) -> list[Receipt | Rejected]:
    """Add rows to a tab, or change them by key; all of a batch are written together.

    Gives how many `rows` were written, and how many of them were `added` and `changed`.
    """
    return await write(context, records)


@write_rows.preview
async def preview(context: Context[Connection, Rows], records: Sequence[Record]) -> list[list[Change]]:
    """Compare the rows with those that are there."""
    tab, _ = await tab_of(context, records)
    return changes(tab, context.settings, records)


@write_rows.find
async def find(context: Context[Connection, Rows], record: Record, token: str | None) -> Receipt | None:
    """Look for the mark that the write leaves in the tab; without a token it never came so far."""
    if token is None:
        return None
    kept = msgspec.json.decode(token, type=Token)
    marks = sorted(mark.metadata_value for mark in (await head_of(context, context.settings)).marks)
    if kept.mark not in marks:
        if len(marks) >= MARKS and kept.mark < marks[0]:
            raise SettingsError("The tab no longer knows whether this was written; look at it and decide.")
        return None
    if record.key in kept.rejected:
        return None
    return Receipt(reference=reference(context.settings, record), output={"rows": len(record.rows)})


@write_rows.undo
async def undo(context: Context[Connection, Rows], receipt: Receipt) -> Receipt:
    """Remove the rows that were added and put back those that were changed, where nobody has touched them since."""
    return await undoing.take_back(context, receipt)


@connector.target("Make a spreadsheet", effect=Effect.CREATE)
async def new_spreadsheet(context: Context[Connection, NewSpreadsheet], record: Record) -> Receipt:
    """Make a new spreadsheet with rows in it.

    Gives its `id`, `title` and `url`, and how many `rows` it has.
    """
    return await new.make(context, record)


@new_spreadsheet.preview
async def preview_spreadsheet(
    context: Context[Connection, NewSpreadsheet], records: Sequence[Record]
) -> list[list[Change]]:
    """Show what it would be called and how many rows it would have."""
    return await new.changes(records, context.settings.title)


@new_spreadsheet.find
async def find_spreadsheet(
    context: Context[Connection, NewSpreadsheet],
    record: Record,
    token: str | None,  # noqa: ARG001  # as declared
) -> Receipt | None:
    """Look for the spreadsheet that carries the delivery's key."""
    return await new.found(context, record)


@new_spreadsheet.undo
async def undo_spreadsheet(context: Context[Connection, NewSpreadsheet], receipt: Receipt) -> Receipt:
    """Put the spreadsheet into the bin."""
    return await new.take_back(context, receipt)
