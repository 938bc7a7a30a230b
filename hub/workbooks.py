"""Rows of a workbook, read inside the jail: the values of one visible sheet, its first row being the names."""

from __future__ import annotations

import io
import mimetypes
import zipfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import Any
from warnings import catch_warnings, simplefilter
from xml.etree.ElementTree import ParseError

import msgspec

MOST_ROWS = 100_000
MOST_CELLS = 2_000_000
MOST_COLUMNS = 500
BROKEN = "The workbook cannot be opened. Save it again as XLSX in the program that made it."


class Workbook(msgspec.Struct, frozen=True):
    """A workbook to read, and which sheet of it; the first one when none is named."""

    content: bytes
    sheet: str = ""


class Rows(msgspec.Struct, frozen=True, kw_only=True):
    """What the sheet says: the names of its columns and its rows, or why it cannot be read."""

    sheets: Sequence[str] = ()
    head: Sequence[str] = ()
    rows: Sequence[Sequence[Any]] = ()
    problem: str = ""


def read_workbook(given: Workbook) -> Rows:
    """Read a sheet; values as last computed, hidden sheets are left out."""
    # The library asks for the system's table of types, which the jail keeps shut; it does without.
    with suppress(PermissionError):
        mimetypes.init()
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with catch_warnings():
            # Of styles and extensions that the library does not keep.
            simplefilter("ignore")
            book = load_workbook(io.BytesIO(given.content), read_only=True, data_only=True, keep_links=False)
            visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
            return _sheet(visible, given.sheet)
    except (
        *(InvalidFileException, zipfile.BadZipFile, ParseError, KeyError, ValueError, TypeError),
        *(IndexError, AttributeError, EOFError, OSError),
    ):
        return Rows(problem=BROKEN)


def _sheet(visible: Sequence[Any], wanted: str) -> Rows:
    names = [str(sheet.title) for sheet in visible]
    chosen = next((sheet for sheet in visible if sheet.title == wanted), None) if wanted else next(iter(visible), None)
    if chosen is None:
        told = f"There is no visible sheet {wanted[:60]!r}." if wanted else "The workbook has no visible sheet."
        return Rows(sheets=names, problem=told)
    # What the sheet says of its own size can be wrong.
    chosen.reset_dimensions()
    head: list[Any] = []
    rows: list[list[Any]] = []
    cells = 0
    for row in _filled(chosen.iter_rows(values_only=True)):
        if not head:
            head = row
            continue
        rows.append(row)
        cells += len(row)
        if len(rows) > MOST_ROWS or cells > MOST_CELLS:
            told = f"One import holds at most {MOST_ROWS:,} rows and {MOST_CELLS:,} cells. Split the workbook."
            return Rows(sheets=names, problem=told)
    if len(head) > MOST_COLUMNS:
        return Rows(sheets=names, problem=f"A dataset has at most {MOST_COLUMNS} columns; this sheet has {len(head)}.")
    return Rows(sheets=names, head=[str(name or "").strip() for name in head], rows=rows)


def _filled(rows: Iterable[Sequence[Any]]) -> Iterable[list[Any]]:
    """Yield rows with something in them, without the empty cells at their ends."""
    for row in rows:
        values = [_value(cell) for cell in row[: MOST_COLUMNS + 1]]
        while values and values[-1] is None:
            values.pop()
        if values:
            yield values


def _value(cell: object) -> Any:
    match cell:
        case None | bool() | int():
            return cell
        case float():
            return int(cell) if cell.is_integer() and abs(cell) < 1e15 else cell
        case datetime():
            return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ", "seconds")
        case date() | time():
            return cell.isoformat()
        case timedelta():
            return str(cell)
        case _:
            return str(cell).strip() or None
