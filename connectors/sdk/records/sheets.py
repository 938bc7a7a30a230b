"""Rows as CSV, JSON Lines and XLSX; text that a spreadsheet would take for a formula is written so that it is none."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from connectors.sdk.errors import SettingsError

_RISKY = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)*")
# what XML 1.0 has no place for
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
MOST_XLSX_ROWS = 1_048_575
LONGEST_CELL = 32_767


def inert(text: str) -> str:
    """Return text that no spreadsheet computes: an apostrophe in front of what looks like a formula."""
    return f"'{text}" if text.startswith(_RISKY) and not _NUMBER.fullmatch(text) else text


def csv_header(columns: Sequence[str], separator: str = ",") -> str:
    """Write the first line of a CSV."""
    return csv_lines(columns, [dict(zip(columns, columns, strict=True))], separator)


def csv_lines(columns: Sequence[str], rows: Iterable[Mapping[str, Any]], separator: str = ",") -> str:
    """Write rows as lines of CSV, in the order of the columns."""
    written = io.StringIO()
    writer = csv.writer(written, delimiter=separator, lineterminator="\r\n")
    for row in rows:
        writer.writerow([_cell(row.get(column)) for column in columns])
    return written.getvalue()


def csv_columns(content: bytes) -> tuple[list[str], str]:
    """Read the column names of a CSV that begins with these bytes, and what separates them."""
    first = content.decode("utf-8-sig", "replace").partition("\n")[0]
    separator = max(",;\t", key=first.count)
    try:
        return next(csv.reader([first], delimiter=separator), []), separator
    except csv.Error as error:
        raise SettingsError(
            "The file's first line cannot be read as names of columns. Write to another file."
        ) from error


def json_lines(rows: Iterable[Mapping[str, Any]]) -> str:
    """Write rows as lines of JSON."""
    return "".join(f"{msgspec.json.encode(row, enc_hook=str).decode()}\n" for row in rows)


def xlsx(columns: Sequence[str], rows: Iterable[Mapping[str, Any]], title: str = "Rows") -> bytes:
    """Write rows as a workbook of one sheet; text is stored as text, numbers as numbers."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    book = Workbook(write_only=True)
    sheet = book.create_sheet(re.sub(r"[\[\]:*?/\\]", " ", title)[:31] or "Rows")
    sheet.freeze_panes = "A2"
    head = [WriteOnlyCell(sheet, value=_text(column)) for column in columns]
    for cell in head:
        cell.font = Font(bold=True)
        cell.data_type = "s"
    sheet.append(head)
    for row in rows:
        sheet.append([_xlsx_cell(sheet, row.get(column), WriteOnlyCell) for column in columns])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _xlsx_cell(sheet: Any, value: Any, make: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float)):
        return value
    text = _text(value if isinstance(value, str) else msgspec.json.encode(value, enc_hook=str).decode())
    if not text.startswith(_RISKY):
        return text
    cell = make(sheet, value=text)
    cell.data_type, cell.quotePrefix = "s", True  # a spreadsheet shows it as it is, also after someone edits it
    return cell


def _text(value: str) -> str:
    return _UNWRITABLE.sub("", value)[:LONGEST_CELL]


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return inert(value.replace("\0", ""))
        case int() | float():
            return str(value)
        case _:
            return inert(msgspec.json.encode(value, enc_hook=str).decode().strip('"'))
