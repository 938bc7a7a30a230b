"""Running text set in two columns: read down the left one, then down the right one."""

from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import fmean

from hub.extraction.readers.rows import Row, parts_of

# Fewest lines of a column and words of a line, and the share of lines in one piece, that make running text; addresses,
# labels with values and tables have less.
LINES, WORDS, WHOLE = 5, 4.0, 0.8


def by_columns(rows: Sequence[Row]) -> list[Row]:
    """The rows with running text in two columns put in the order it is read; all others stay as they are."""
    edge = _edge(rows)
    return list(rows) if edge is None else list(_ordered(rows, edge))


def _edge(rows: Sequence[Row]) -> float | None:
    """Where the right column begins: the left edge that most second parts of rows share."""
    edges = Counter(round(parts[1][0].held[0]) for row in rows if len(parts := parts_of(row)) == 2)
    if not edges:
        return None
    edge, count = edges.most_common(1)[0]
    return edge - 1.0 if count >= LINES else None


def _ordered(rows: Sequence[Row], edge: float) -> Iterator[Row]:
    block: list[Row] = []
    for row in rows:
        if any(word.held[0] < edge < word.held[2] for word in row) or row[0].turn:
            yield from _block(block, edge)
            block = []
            yield row
        else:
            block.append(row)
    yield from _block(block, edge)


def _block(block: list[Row], edge: float) -> Iterator[Row]:
    """Both columns, one after the other, if both are running text."""
    left = [side for row in block if (side := [word for word in row if word.held[0] < edge])]
    right = [side for row in block if (side := [word for word in row if word.held[0] >= edge])]
    yield from [*left, *right] if _is_prose(left) and _is_prose(right) else block


def _is_prose(column: Sequence[Row]) -> bool:
    return (
        len(column) >= LINES
        and fmean(map(len, column)) >= WORDS
        and fmean(len(parts_of(row)) == 1 for row in column) >= WHOLE
    )
