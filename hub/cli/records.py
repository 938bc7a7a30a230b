"""Extractions as a table for people, JSON, CSV or a workbook."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from hub.extraction.checks import value_at
from hub.extraction.results import Extraction, FieldResult
from hub.extraction.schemas.fields import FieldType, Schema, leaves

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_INERT = ("=", "+", "-", "@", "\t", "\r")
_WIDEST = 70

Row = list[Any]


def render(form: str, schema: Schema, results: Sequence[Extraction], *, evidence: bool) -> str | bytes:
    """Write results in one of the formats; one result is an object in JSON, several are an array."""
    if form == "json":
        plain = msgspec.to_builtins(results[0] if len(results) == 1 else list(results), str_keys=True)
        return msgspec.json.format(msgspec.json.encode(plain), indent=2).decode()
    if form == "csv":
        return _csv(schema, results, evidence=evidence)
    if form == "xlsx":
        return _workbook(schema, results, evidence=evidence)
    return "\n\n".join(_table(result, evidence=evidence, titled=len(results) > 1) for result in results)


def _table(result: Extraction, *, evidence: bool, titled: bool) -> str:
    """Show one value a line; rows of tables lie below each other."""
    rows = [["FIELD", "VALUE", "SURE"] + (["WHERE"] if evidence else [])]
    for path, field in result.fields.items():
        sure = f"{field.confidence:.0%}" if field.value is not None else ""
        rows.append([path, _clipped(field.value), sure] + ([_where(field)] if evidence else []))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([result.file, *lines] if titled else lines)


def _clipped(value: Any) -> str:
    text = "" if value is None else str(value)
    line = " ".join(text.split())
    return line if len(line) <= _WIDEST else f"{line[: _WIDEST - 1]}…"


def _where(field: FieldResult) -> str:
    places = []
    for one in field.evidence:
        if one.box:
            places.append(f"page {one.page} at {', '.join(f'{side:.0f}' for side in one.box)}")
        elif one.characters:
            places.append(f"characters {one.characters[0]}-{one.characters[1]}")
        else:
            places.append(one.selector or "")
    return "; ".join(places[:3]) + (" …" if len(places) > 3 else "")


def _csv(schema: Schema, results: Sequence[Extraction], *, evidence: bool) -> str:
    """Write one row a document; tables and lists are JSON in their cell."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    for row in _rows(schema, results, evidence=evidence):
        writer.writerow([_inert(cell) for cell in row])
    return buffer.getvalue().rstrip("\n")


def _rows(schema: Schema, results: Sequence[Extraction], *, evidence: bool) -> Iterator[Row]:
    paths = [leaf.path for leaf in leaves(schema.spec.fields)]
    yield ["file", "status", *paths, *([f"{path} (where)" for path in paths] if evidence else [])]
    for result in results:
        values = [_cell(value_at(result.record, path)) for path in paths]
        found = [_where(result.fields[path]) if path in result.fields else "" for path in paths]
        yield [result.file, result.status, *values, *(found if evidence else [])]


def _cell(value: Any) -> Any:
    return msgspec.json.encode(value).decode() if isinstance(value, list | dict) else value


def _workbook(schema: Schema, results: Sequence[Extraction], *, evidence: bool) -> bytes:
    """Write a sheet of records, and one for each table with a row a line."""
    from openpyxl import Workbook

    book = Workbook()
    sheet: Worksheet = book.active or book.create_sheet()
    sheet.title = "records"
    for row in _rows(schema, results, evidence=evidence):
        _append(sheet, row)
    for leaf in leaves(schema.spec.fields):
        if leaf.field.type is FieldType.TABLE:
            lines: Worksheet = book.create_sheet(leaf.path.replace(".", " ")[:31])
            columns = [column.name for column in leaf.field.fields]
            _append(lines, ["file", "line", *columns])
            for result in results:
                for number, row in enumerate(value_at(result.record, leaf.path) or [], start=1):
                    _append(lines, [result.file, number, *(row.get(name) for name in columns)])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _append(sheet: Worksheet, row: Row) -> None:
    """Add a row whose texts stay texts, whatever they look like."""
    sheet.append(row)
    for cell in sheet[sheet.max_row]:
        if isinstance(cell.value, str):
            cell.data_type, cell.quotePrefix = "s", cell.value.startswith(_INERT)


def _inert(value: Any) -> Any:
    """Keep a spreadsheet from taking a document's text for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_INERT) else value
