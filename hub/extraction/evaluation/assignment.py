"""Best assignment: which rows belong together, so that the likenesses of the pairs add up to the most.

The Hungarian method with potentials, in time of the third power of the rows; a table has a few hundred at most.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

_FAR = float("inf")


def assign(likeness: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    """Return pairs of row and column with the greatest sum; every row or every column is in one pair."""
    if not likeness or not likeness[0]:
        return []
    if len(likeness) > len(likeness[0]):
        turned = [list(column) for column in zip(*likeness, strict=True)]
        return sorted((row, column) for column, row in assign(turned))
    rows, columns = len(likeness), len(likeness[0])
    of_column = [0] * (columns + 1)
    potentials = [0.0] * (rows + 1), [0.0] * (columns + 1)
    for row in range(1, rows + 1):
        of_column[0] = row
        _augment(likeness, of_column, potentials)
    return sorted((row - 1, column - 1) for column, row in enumerate(of_column) if row and column)


def _augment(
    likeness: Sequence[Sequence[float]], of_column: list[int], potentials: tuple[list[float], list[float]]
) -> None:
    """Give the row in place 0 a column, moving others along the cheapest path."""
    of_rows, of_columns = potentials
    columns = len(of_columns) - 1
    least, before, used = [_FAR] * (columns + 1), [0] * (columns + 1), [False] * (columns + 1)
    at = 0
    while of_column[at]:
        used[at] = True
        row, step, nearest = of_column[at], _FAR, 0
        for column in range(1, columns + 1):
            if used[column]:
                continue
            cost = -likeness[row - 1][column - 1] - of_rows[row] - of_columns[column]
            if cost < least[column]:
                least[column], before[column] = cost, at
            if least[column] < step:
                step, nearest = least[column], column
        for column in range(columns + 1):
            if used[column]:
                of_rows[of_column[column]] += step
                of_columns[column] -= step
            else:
                least[column] -= step
        at = nearest
    path = [at]
    while path[-1]:
        path.append(before[path[-1]])
    for later, earlier in pairwise(path):
        of_column[later] = of_column[earlier]
