"""XLSX: the values that the cells of all visible sheets show."""

from __future__ import annotations

import io
import mimetypes
import re
import zipfile
from collections.abc import Iterable
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import Any
from warnings import catch_warnings, simplefilter
from xml.etree.ElementTree import ParseError

from hub.extraction.readers.draft import Draft
from hub.extraction.readers.packages import core_metadata, opened
from hub.extraction.readers.sheets import CELLS, Sheet
from hub.extraction.readers.source import Source
from hub.extraction.reading import Reading, ReadingError

WHAT = "The workbook"
BROKEN = "The workbook is broken and cannot be opened. Save it again in the program that made it."
# Cells with something in them or with a look of their own; each costs time.
MOST = 1_000_000
CURRENCY = re.compile(r"\[\$(?P<bracket>[^\]-]{1,4})|(?P<sign>[€£¥$])|(?P<code>EUR|USD|GBP|CHF)")
DECIMALS = re.compile(r"0\.(0+)")


def read_xlsx(source: Source) -> Reading:
    """Read the values as last computed; formulas and hidden sheets are left out."""
    # The library asks for the system's table of types, which the jail keeps shut; it does without.
    with suppress(PermissionError):
        mimetypes.init()
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    draft = Draft(source, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    with opened(source.content, WHAT) as package:
        draft.metadata = core_metadata(package, WHAT)
        parts = (package.part(name) for name in package.names if name.startswith("xl/worksheets/"))
        if sum(part.count(b"<c ") + part.count(b"<c>") for part in parts) > MOST:
            raise ReadingError(f"The workbook has more than {MOST:,} cells. Split it.")
    try:
        with catch_warnings():
            # Of styles and extensions that the library does not keep.
            simplefilter("ignore")
            workbook = load_workbook(io.BytesIO(source.content), read_only=True, data_only=True, keep_links=False)
            _read(draft, workbook.worksheets)
    except (
        *(InvalidFileException, zipfile.BadZipFile, ParseError, KeyError, ValueError, TypeError),
        *(IndexError, AttributeError, EOFError, OSError),
    ) as error:
        raise ReadingError(BROKEN) from error
    return draft.finish()


# The library's types do not know the sheets that are only read.
def _read(draft: Draft, sheets: Iterable[Any]) -> None:
    left = CELLS
    for sheet in sheets:
        if sheet.sheet_state != "visible":
            draft.problems.append(f'The hidden sheet "{sheet.title}" was left out. Show it to have it read.')
            continue
        # What the sheet says of its own size can be wrong.
        sheet.reset_dimensions()
        written = Sheet(draft, sheet.title)
        for number, row in enumerate(sheet.iter_rows(), 1):
            left -= 1 + len(row)
            if left < 0:
                raise ReadingError(f"The workbook has more than {CELLS:,} cells. Split it.")
            written.row(
                number,
                {
                    column: shown(cell.value, cell.number_format)
                    for column, cell in enumerate(row, 1)
                    if cell.value is not None
                },
            )
        written.close()


def shown(value: object, form: str) -> str:
    """The value as text that is read in one way only: days as ISO dates, numbers with a point."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _number(value, form)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    return " ".join(str(value).split()) if isinstance(value, str | timedelta) else ""


def _number(value: float, form: str) -> str:
    decimals = DECIMALS.search(form)
    percent = "%" in form
    number = value * 100 if percent else value
    text = f"{number:.{len(decimals[1])}f}" if decimals else f"{number:.10f}".rstrip("0").rstrip(".")
    # Three decimals could be taken for thousands.
    text += "0" if re.search(r"\.\d{3}$", text) else ""
    currency = CURRENCY.search(form)
    sign = next(filter(None, currency.groups()), "").strip() if currency else ""
    return text + ("%" if percent else f" {sign}" if sign else "")
