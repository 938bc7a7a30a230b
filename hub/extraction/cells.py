"""Names of cells: Sheet1!B4 in a sheet, table[2]/row[3]/cell[1] in any other table."""

from __future__ import annotations

import re
from functools import cached_property

from hub.extraction.reading import Cell, Reading, Table, spans_between

AREA = re.compile(r"(?P<sheet>.+)!(?P<column>[A-Z]{1,3})(?P<row>\d{1,7}):[A-Z]{1,3}\d{1,7}")


def cell_selector(table: Table, cell: Cell) -> str:
    """What the cell is called, '' in a table that has no name itself."""
    area = AREA.fullmatch(table.selector or "")
    if area:
        first = 0
        for letter in area["column"]:
            first = first * 26 + ord(letter) - 64
        return f"{area['sheet']}!{column_letters(first + cell.column)}{int(area['row']) + cell.row}"
    return f"{table.selector}/row[{cell.row + 1}]/cell[{cell.column + 1}]" if table.selector else ""


class Cells:
    """The cells of a reading's tables by the words in them."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def at(self, start: int, end: int) -> str | None:
        """The name of the one cell that holds these characters, None where they stand in none or in several."""
        names = {self._names.get(span.id) for span in spans_between(self._reading, start, end)}
        return names.pop() if len(names) == 1 else None

    @cached_property
    def _names(self) -> dict[str, str]:
        return {
            span: name
            for table in self._reading.tables
            for row in table.rows
            for cell in row
            if cell.spans and (name := cell_selector(table, cell))
            for span in cell.spans
        }


def column_letters(column: int) -> str:
    """What a sheet calls a column: 1 is A, 28 is AB."""
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name
