"""Rows from files and into files: CSV, JSON, JSON Lines, XLSX."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import islice
from typing import Any

import msgspec

from connectors.sdk.records.sheets import csv_header, csv_lines, json_lines, xlsx
from hub.errors import InvalidError, Problem

MOST_ROWS = 100_000
LONGEST_FIELD = 1024 * 1024


class Format(StrEnum):
    """How rows are written in a file."""

    CSV = "csv"
    JSON = "json"
    JSONL = "jsonl"
    XLSX = "xlsx"

    @property
    def media_type(self) -> str:
        """The media type of such a file."""
        return _MEDIA_TYPES[self]


def read_rows(content: bytes, kind: Format) -> list[dict[str, Any]]:
    """Read the rows of an import; what is wrong is told with its line."""
    rows = _rows(content, kind)
    if len(rows) > MOST_ROWS:
        raise InvalidError(f"One import holds at most {MOST_ROWS:,} rows; this has more. Split it.")
    return rows


def write_rows(kind: Format, title: str, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Write a whole export."""
    match kind:
        case Format.CSV:
            return (csv_header(columns) + csv_lines(columns, rows)).encode()
        case Format.JSON:
            return msgspec.json.encode(rows)
        case Format.JSONL:
            return json_lines(rows).encode()
        case Format.XLSX:
            return xlsx(columns, rows, title)


def require_head(head: Sequence[str]) -> None:
    """Refuse names of columns that are missing or there twice."""
    if not head or not all(head) or len(set(head)) != len(head):
        raise InvalidError("The first line must name every column, each differently.")


def _rows(content: bytes, kind: Format) -> list[dict[str, Any]]:
    match kind:
        case Format.CSV:
            return list(islice(_from_csv(content), MOST_ROWS + 1))
        case Format.JSON:
            return _objects(_decode(content, "The JSON"))
        case Format.JSONL:
            lines = list(islice((line for line in io.BytesIO(content) if line.strip()), MOST_ROWS + 1))
            return _objects([_decode(line, f"Line {number}") for number, line in enumerate(lines, 1)])
        case Format.XLSX:
            raise InvalidError("A workbook is read in the jail.")


def _from_csv(content: bytes) -> Iterator[dict[str, Any]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    csv.field_size_limit(LONGEST_FIELD)
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        head = [name.strip() for name in next(reader, [])]
        require_head(head)
        for line in reader:
            if any(line):
                if len(line) > len(head):
                    raise InvalidError(f"Line {reader.line_num} has more values than there are columns.")
                yield dict(zip(head, (_value(cell) for cell in line), strict=False))
    except csv.Error as error:
        raise InvalidError(f"Line {reader.line_num} cannot be read: {error}.") from error


def _value(cell: str) -> Any:
    """Empty is nothing; everything else stays the text it is: 007 is no 7."""
    return cell or None


def _decode(content: bytes, what: str) -> Any:
    try:
        return msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidError(f"{what} cannot be read: {error}.") from error


def _objects(value: Any) -> list[dict[str, Any]]:
    rows = value["rows"] if isinstance(value, dict) and isinstance(value.get("rows"), list) else value
    if not isinstance(rows, list):
        raise InvalidError("Give a list of rows.")
    wrong = [number for number, row in enumerate(rows) if not isinstance(row, dict)]
    if wrong:
        raise InvalidError("Every row must be an object.", errors=[Problem(f"rows[{wrong[0]}]", "This is no object.")])
    return rows


_MEDIA_TYPES = {
    Format.CSV: "text/csv",
    Format.JSON: "application/json",
    Format.JSONL: "application/jsonl",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
