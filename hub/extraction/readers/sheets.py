"""Sheets of a workbook: rows that follow each other make a table, whose selector names sheet and cells."""

import re
from collections.abc import Mapping

from hub.extraction.cells import column_letters
from hub.extraction.readers.draft import APART, Draft, Range
from hub.extraction.readers.source import WORDS
from hub.extraction.reading import ReadingError

PLAIN = re.compile(r"[^\W\d]\w*")
# Cells looked at, empty ones too: a sheet can claim any number of them.
CELLS = 4_000_000


class Sheet:
    """Writes one sheet's rows into a draft; an empty row ends a table."""

    def __init__(self, draft: Draft, name: str) -> None:
        self._draft = draft
        self._left = WORDS
        self._name = name if PLAIN.fullmatch(name) else "'" + name.replace("'", "''") + "'"
        self._rows: list[dict[int, Range]] = []
        self._first = self._next = 0

    def row(self, number: int, texts: Mapping[int, str]) -> None:
        """Add the row with this number and its texts by column, both counted from 1."""
        if number != self._next:
            self.close()
        if not any(texts.values()):
            return
        if not self._rows:
            self._first = number
            self._draft.write("\n" if self._draft.length else "")
        self._rows.append(self._written(texts))
        self._next = number + 1

    def close(self) -> None:
        """End the table under way."""
        if self._rows:
            left = min(min(row) for row in self._rows)
            right = max(max(row) for row in self._rows)
            rows = [[row.get(column) for column in range(left, right + 1)] for row in self._rows]
            last = self._first + len(rows) - 1
            selector = f"{self._name}!{column_letters(left)}{self._first}:{column_letters(right)}{last}"
            self._draft.cells(selector, rows)
        self._rows = []

    def _written(self, texts: Mapping[int, str]) -> dict[int, Range]:
        row: dict[int, Range] = {}
        self._left -= len(texts)
        if self._left < 0:
            raise ReadingError(f"A sheet has more than {WORDS:,} cells with something in them. Split it.")
        for column, text in sorted(texts.items()):
            if text:
                self._draft.write(APART if row else "")
                row[column] = self._draft.write(text)
        self._draft.write("\n")
        return row
