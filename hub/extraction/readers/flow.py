"""Text that flows in blocks, lines and cells, as HTML and DOCX have it."""

from hub.extraction.readers.draft import APART, Draft, Range


class _Grid:
    """A table being written; in one of values a cell stays on its row's line, in one for layout it may have lines."""

    def __init__(self, selector: str, *, values: bool) -> None:
        self.selector = selector
        self.values = values
        self.header = False
        self.rows: list[list[Range | None]] = []
        self.start = 0


class Flow:
    """Writes into a draft with blanks collapsed and no empty lines but between blocks."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        # What must stand before the next word: nothing, a blank, words apart, or a new line.
        self._before = ""
        self._grids: list[_Grid] = []
        self._tables = 0

    def text(self, text: str, *, kept: bool = False) -> None:
        """Add text; its own lines and blanks count only when `kept`."""
        if kept:
            for number, line in enumerate(text.split("\n")):
                if number:
                    self.line()
                self._word(line)
            return
        words = text.split()
        if not words:
            self.blank(text)
            return
        self.blank(text[:1])
        self._word(" ".join(words))
        self.blank(text[-1:])

    def blank(self, text: str = " ") -> None:
        """Part the words, when the text begins with a blank."""
        if text[:1].isspace():
            self._need(" ")

    def tab(self) -> None:
        """Put the next words apart."""
        self._need(APART)

    def line(self) -> None:
        """Begin a new line, unless this is a cell of values."""
        self._need(" " if self._grids and self._grids[-1].values else "\n")

    def open_table(self, *, values: bool) -> None:
        """Begin a table, which may stand in a cell."""
        self._need("\n")
        self._tables += 1
        self._grids.append(_Grid(f"table[{self._tables}]", values=values))

    def open_row(self) -> None:
        """Begin a row of the innermost table."""
        if self._grids:
            self._need("\n")
            self._grids[-1].rows.append([])

    def open_cell(self, *, header: bool = False) -> None:
        """Begin a cell; a first row of header cells names the columns."""
        if not self._grids:
            return
        grid = self._grids[-1]
        if not grid.rows:
            grid.rows.append([])
        if grid.rows[-1]:
            self._need(APART if grid.values else "\n")
        if len(grid.rows) == 1:
            grid.header = header
        grid.start = self._draft.length

    def close_cell(self, columns: int = 1) -> None:
        """End the cell, which may reach over several columns."""
        if self._grids and self._grids[-1].rows:
            grid = self._grids[-1]
            grid.rows[-1].append((grid.start, self._draft.length))
            grid.rows[-1].extend([None] * (min(columns, 100) - 1))

    def close_table(self) -> None:
        """End the innermost table."""
        if self._grids:
            self._need("\n")
            grid = self._grids.pop()
            if grid.values:
                self._draft.table(grid.selector, grid.rows, grid.header)

    def _need(self, before: str) -> None:
        """Of two things to stand between words the stronger one does."""
        if before == "\n" and self._before == "\n":
            return
        if before == "\n" or (self._before != "\n" and len(before) > len(self._before)):
            self._before = before

    def _word(self, text: str) -> None:
        if text:
            self._draft.write((self._before if self._draft.length else "") + text)
            self._before = ""
