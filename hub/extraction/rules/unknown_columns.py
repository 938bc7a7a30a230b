"""Columns whose header says nothing we know, told by what stands below: quantity times price makes the amount."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from hub.extraction.rules.headers import Column, Header
from hub.extraction.rules.layout import Layout, Piece
from hub.extraction.rules.vocabulary import column_concepts
from hub.extraction.schemas.fields import Field
from hub.extraction.values.conventions import Conventions
from hub.extraction.values.numbers import find_numbers

_ROWS = 8
_CENT = 0.02


def told_by_values(layout: Layout, header: Header, table: Field, conventions: Conventions) -> Header:
    """Give two unknown columns of numbers to quantity and unit price when their products are the amounts."""
    fields = {concept: column for column in table.fields for concept in column_concepts(column)}
    missing = [fields[name] for name in ("quantity", "unit_price") if name in fields]
    known = {column.field.name for column in header.columns if column.field}
    unknown = [index for index, column in enumerate(header.columns) if column.field is None]
    amount = next((index for index, column in enumerate(header.columns) if column.field == fields.get("amount")), None)
    if amount is None or "amount" not in fields or any(field.name in known for field in missing) or len(missing) < 2:
        return header
    rows = [_numbers(row, header.columns, conventions) for row in layout.rows[header.last_row + 1 :][:_ROWS]]
    for first, second in ((a, b) for a in unknown for b in unknown if a < b):
        if _multiply(rows, first, second, amount):
            columns = list(header.columns)
            columns[first] = msgspec.structs.replace(columns[first], field=missing[0])
            columns[second] = msgspec.structs.replace(columns[second], field=missing[1])
            return msgspec.structs.replace(header, columns=tuple(columns))
    return header


def _numbers(row: Sequence[Piece], columns: Sequence[Column], conventions: Conventions) -> Mapping[int, float]:
    """Return the one number that stands under each column."""
    found: dict[int, float] = {}
    for piece in row:
        under = [i for i, c in enumerate(columns) if min(piece.right, c.right) - max(piece.left, c.left) > 0]
        numbers = find_numbers(piece.text, conventions.mark)
        if len(under) == 1 and len(numbers) == 1:
            found[under[0]] = float(numbers[0].value)
    return found


def _multiply(rows: Sequence[Mapping[int, float]], first: int, second: int, amount: int) -> bool:
    whole = [row for row in rows if {first, second, amount} <= row.keys()]
    return bool(whole) and all(abs(row[first] * row[second] - row[amount]) <= _CENT for row in whole)
