"""Tables on a page of a PDF, found by words that line up in columns."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from hub.extraction.reading import Box, Cell, Span, Table, union

# In heights of a word: the white between two columns, the most between two rows of a table, and between two lines of
# one cell.
COLUMN_GAP, ROW_GAP, LINE_GAP = 0.75, 3.0, 0.4
FEWEST_COLUMNS = 3
Row = list[Span]
Cells = list[Row]
Columns = list[tuple[float, float]]


def tables_of(rows: Sequence[Sequence[Sequence[Span]]]) -> Iterator[Table]:
    """The tables among a page's rows, each given as parts that stand apart."""
    flat = [[span for part in row for span in part] for row in rows]
    for block, after in _blocks(flat):
        columns = _columns(block)
        if len(columns) >= FEWEST_COLUMNS:
            yield _table(block, after, columns)


def _blocks(rows: Sequence[Row]) -> Iterator[tuple[list[Row], list[Row]]]:
    """Runs of rows near each other that begin and end with rows of many parts, and the rows after each."""
    block: list[Row] = []
    for row in [*rows, []]:
        if block and (not row or _top(row) - _bottom(block[-1]) > ROW_GAP * _height(row)):
            full = [number for number, one in enumerate(block) if _is_full(one)]
            if len(full) > 1:
                yield block[: full[-1] + 1], block[full[-1] + 1 :]
            block = []
        if row and (block or _is_full(row)):
            block.append(row)


def _columns(block: Sequence[Row]) -> Columns:
    """Where words stand in the rows of many parts; white that one row in eight crosses still parts columns."""
    full = [_parts(row) for row in block if _is_full(row)]
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


def _table(block: Sequence[Row], after: Sequence[Row], columns: Columns) -> Table:
    grid = _joined([_cells(row, columns) for row in block], [_cells(row, columns) for row in after])
    return Table(
        rows=tuple(tuple(_cell(i, j, spans) for j, spans in enumerate(cells)) for i, cells in enumerate(grid)),
        page=block[0][0].page,
        box=union(span.box for cells in grid for cell in cells for span in cell),
        header=not _digits(grid[0]),
    )


def _joined(rows: Sequence[Cells], after: Sequence[Cells]) -> list[Cells]:
    """The rows of the table: those that only go on with one text are joined with the row they stand nearer to."""
    grid: list[Cells] = []
    waiting: list[Cells] = []
    for cells in rows:
        if grid and _is_lone(cells):
            waiting.append(cells)
        elif _is_second_head(cells, grid):
            _join(grid[0], [cells])
        else:
            above = _above(grid[-1] if grid else cells, waiting, cells)
            if grid:
                _join(grid[-1], waiting[:above])
            grid.append(_join([[] for _ in cells], [*waiting[above:], cells]))
            waiting = []
    for cells in after:
        if not _is_lone(cells) or _gap(grid[-1], cells) > LINE_GAP * _height(_words(cells)):
            break
        _join(grid[-1], [cells])
    return grid


def _above(before: Cells, waiting: Sequence[Cells], cells: Cells) -> int:
    """How many of the rows in between belong to the row before: those above the widest white."""
    gaps = [_gap(one, other) for one, other in pairwise([before, *waiting, cells])]
    widest = max(gaps)
    return len(waiting) if gaps[-1] > widest - 1 else gaps.index(widest)


def _gap(above: Cells, below: Cells) -> float:
    """The white between two rows, in the column where one of them is alone if the other has words there."""
    for cells in (above, below):
        if _is_lone(cells):
            column = next(number for number, cell in enumerate(cells) if cell)
            if above[column] and below[column]:
                return _top(below[column]) - _bottom(above[column])
    return _top(_words(below)) - _bottom(_words(above))


def _join(cells: Cells, others: Sequence[Cells]) -> Cells:
    for other in others:
        for cell, more in zip(cells, other, strict=True):
            cell.extend(more)
    return cells


def _is_second_head(cells: Cells, grid: Sequence[Cells]) -> bool:
    """Whether the row goes on with the heads of the columns."""
    return len(grid) == 1 and not all(cells) and not _digits([*cells, *grid[0]])


def _is_lone(cells: Cells) -> bool:
    return sum(map(bool, cells)) == 1


def _is_full(row: Row) -> bool:
    return len(_parts(row)) >= FEWEST_COLUMNS


def _words(cells: Cells) -> Row:
    return [span for cell in cells for span in cell]


def _cells(row: Row, columns: Columns) -> Cells:
    """The words by column; a part of the row stays together unless it reaches over several."""
    cells: Cells = [[] for _ in columns]
    for part in _parts(row):
        left, right = _box(part[0])[0], _box(part[-1])[2]
        if sum(left < column[1] and right > column[0] for column in columns) > 1:
            for span in part:
                cells[_column(_box(span)[0], _box(span)[2], columns)].append(span)
        else:
            cells[_column(left, right, columns)].extend(part)
    return cells


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


def _column(left: float, right: float, columns: Columns) -> int:
    """The column that shares most with what stands from left to right, else the nearest."""
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
