"""CSV and its relatives: which sign parts the cells, and the rows as a table."""

import csv
import io
from collections import Counter
from collections.abc import Iterator

from hub.extraction.readers.draft import APART, Draft, Range
from hub.extraction.readers.plain import text_of
from hub.extraction.readers.source import Source
from hub.extraction.reading import Reading

DELIMITERS = ";,\t|"
# Rows looked at; fewest rows and columns by which a text that is not called CSV is one; share of rows of one width.
SAMPLE, ROWS, COLUMNS, EVEN = 50, 3, 3, 0.9
SAMPLE_CHARACTERS = 20_000
NAMES = (".csv", ".tsv", ".tab")
LONGEST_CELL = 200_000


def is_delimited(content: bytes, name: str) -> bool:
    """Whether it is a table in a text: by its name, or because every row has as many cells."""
    named = name.endswith(NAMES)
    delimiter, width, rows, even = _dialect(text_of(content[: SAMPLE_CHARACTERS * 4]))
    if named:
        return bool(delimiter)
    return bool(delimiter) and width >= COLUMNS and rows >= ROWS and even == 1.0


def read_csv(source: Source) -> Reading:
    """Each row a line, its cells apart; the first row names the columns when it holds no digits."""
    draft = Draft(source, "text/csv")
    text = text_of(source.content)
    delimiter = _dialect(text[:SAMPLE_CHARACTERS])[0] or ","
    rows = [_row(draft, row) for row in _rows(text, delimiter) if any(map(str.strip, row))]
    draft.table("table[1]", rows, header=False)
    return draft.finish()


def _row(draft: Draft, row: list[str]) -> list[Range | None]:
    cells: list[Range | None] = []
    for number, cell in enumerate(row):
        draft.write(APART if number else "")
        cells.append(draft.write(" ".join(cell.split())))
    draft.write("\n")
    return cells


def _rows(text: str, delimiter: str) -> Iterator[list[str]]:
    """The rows; where quotes are broken, a row is a line."""
    csv.field_size_limit(LONGEST_CELL)
    lines = io.StringIO(text.replace("\0", ""))
    reader = csv.reader(lines, delimiter=delimiter)
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error:
            reader = csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE)


def _dialect(sample: str) -> tuple[str, int, int, float]:
    """The sign that parts most rows into as many cells, that number, the rows, and the share of rows that have it."""
    best = ("", 0, 0, 0.0)
    # The last line of a sample may be cut short.
    lines = sample.rpartition("\n")[0] if len(sample) >= SAMPLE_CHARACTERS else sample
    for delimiter in DELIMITERS:
        widths = [len(row) for row, _ in zip(_rows(lines, delimiter), range(SAMPLE), strict=False) if any(row)]
        if not widths:
            continue
        width, count = Counter(widths).most_common(1)[0]
        even = count / len(widths)
        if width > 1 and even >= EVEN and (even, width) > (best[3], best[1]):
            best = (delimiter, width, len(widths), even)
    return best
