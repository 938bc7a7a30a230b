"""Tables on a page of a PDF, found by words that line up in columns."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from hub.extraction.reading import Box, Cell, Span, Table, union

# In heights of a word: the white between two columns, and the most between two rows of a table.
COLUMN_GAP, ROW_GAP = 0.75, 3.0
FEWEST_COLUMNS = 3
Row = list[Span]
Columns = list[tuple[float, float]]


def tables_of(rows: Sequence[Sequence[Sequence[Span]]]) -> Iterator[Table]:
    """The tables among a page's rows, each given as parts that stand apart."""
    flat = [[span for part in row for span in part] for row in rows]
    for block in _blocks(flat):
        columns = _columns(block)
        if len(columns) >= FEWEST_COLUMNS:
            yield _table(block, columns)


def _blocks(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Runs of rows near each other that begin and end with rows of many parts."""
    block: list[Row] = []
    full = 0
    for row in rows:
        if block and _top(row) - _bottom(block[-1]) > ROW_GAP * _height(row):
            yield from _worth(block[:full])
            block, full = [], 0
        many = len(_parts(row)) >= FEWEST_COLUMNS
        if many or block:
            block.append(row)
        if many:
            full = len(block)
    yield from _worth(block[:full])


def _worth(block: list[Row]) -> Iterator[list[Row]]:
    if sum(len(_parts(row)) >= FEWEST_COLUMNS for row in block) > 1:
        yield block


def _columns(block: Sequence[Row]) -> Columns:
    """Where words stand in the rows of many parts; white that one row in eight crosses still parts columns."""
    full = [_parts(row) for row in block]
    full = [parts for parts in full if len(parts) >= FEWEST_COLUMNS]
    edges = [(_box(part[0])[0], 1) for parts in full for part in parts]
    edges += [(_box(part[-1])[2], -1) for parts in full for part in parts]
    columns: Columns = []
    depth, left = 0, 0.0
    few = len(full) // 8
    for place, change in sorted(edges):
        if depth <= few < depth + change:
            left = place
        elif depth + change <= few < depth:
            columns.append((left, place))
        depth += change
    return columns


def _table(block: Sequence[Row], columns: Columns) -> Table:
    grid: list[list[Row]] = []
    for row in block:
        cells: list[Row] = [[] for _ in columns]
        for part in _parts(row):
            for span in part:
                cells[_column(span, columns)].append(span)
        if grid and _continues(cells, grid):
            for above, cell in zip(grid[-1], cells, strict=True):
                above.extend(cell)
        else:
            grid.append(cells)
    return Table(
        rows=tuple(tuple(_cell(i, j, spans) for j, spans in enumerate(cells)) for i, cells in enumerate(grid)),
        page=block[0][0].page,
        box=union(span.box for row in block for span in row),
        header=not _digits(grid[0]),
    )


def _continues(cells: Sequence[Row], grid: Sequence[Sequence[Row]]) -> bool:
    """Whether the row only goes on with one text of the row above, or with the heads of the columns."""
    filled = [column for column, cell in enumerate(cells) if cell]
    if len(filled) == 1:
        above = grid[-1][filled[0]]
        return bool(above) and _top(cells[filled[0]]) - _bottom(above) < _height(above)
    return len(grid) == 1 and len(filled) < len(cells) and not _digits([*cells, *grid[0]])


def _cell(row: int, column: int, spans: Row) -> Cell:
    return Cell(
        row=row,
        column=column,
        text=" ".join(span.text for span in spans),
        spans=tuple(span.id for span in spans),
        box=union(span.box for span in spans),
    )


def _parts(row: Row) -> list[Row]:
    parts: list[Row] = [[row[0]]]
    for before, span in pairwise(row):
        if _box(span)[0] - _box(before)[2] > COLUMN_GAP * _height([before, span]):
            parts.append([])
        parts[-1].append(span)
    return parts


def _column(span: Span, columns: Columns) -> int:
    """The column that the word shares most with, else the nearest."""
    left, _, right, _ = _box(span)
    return max(range(len(columns)), key=lambda i: min(right, columns[i][1]) - max(left, columns[i][0]))


def _digits(cells: Sequence[Row]) -> bool:
    return any(letter.isdigit() for cell in cells for span in cell for letter in span.text)


def _box(span: Span) -> Box:
    return span.box or (0.0, 0.0, 0.0, 0.0)


def _top(row: Row) -> float:
    return min(_box(span)[1] for span in row)


def _bottom(row: Row) -> float:
    return max(_box(span)[3] for span in row)


def _height(row: Row) -> float:
    return max(_box(span)[3] - _box(span)[1] for span in row)
