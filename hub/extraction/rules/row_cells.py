"""Which words of a row belong to which column: by place, and where places mislead, by order and arithmetic."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from hub.extraction.rules.candidates import Search
from hub.extraction.rules.headers import Column
from hub.extraction.rules.layout import Piece, Word
from hub.extraction.rules.vocabulary import column_concepts
from hub.extraction.schemas.fields import Field, FieldType
from hub.extraction.values.typed import scan

NUMERIC = {FieldType.MONEY, FieldType.NUMBER, FieldType.INTEGER}
_NUMBER = re.compile(r"[-\u2212(]?[€$£¥₹]?[-\u2212]?\d[\d.,'\u2019]*(?:[.,][-\u2013])?[€$£%)]?")
_SYMBOL = re.compile(r"[€$£¥₹%|=]|[A-Z]{3}|kr\.?|Fr\.")
_HEAD, _TAIL = re.compile(r"\d{1,3}"), re.compile(r"\d{3}(?:[.,]\d+)?[€$£%]?")
_LETTERS = re.compile(r"[^\W\d_]{3,}[.,:;]?")
_CENT = 0.02

Cells = dict[str, list[Word]]


def cells_of(search: Search, row: Sequence[Piece], columns: Sequence[Column]) -> Cells:
    """Share out a row's words among the columns.

    Words stand below their header in most documents; in those whose lines were written with blanks they do not,
    but then the values follow each other as the headers do, and quantity times price makes the amount.
    """
    placed = _by_place(row, columns)
    options = [placed, *_by_order(search, row, columns)]
    fitting = next((cells for cells in options if _multiplies(search, cells, columns)), None)
    if fitting is not None:
        return fitting
    if _is_aligned(row, columns):
        return placed
    filled = _filled(search, placed, columns)
    return max(options, key=lambda cells: (_filled(search, cells, columns) > filled, cells is placed))


def text_of(words: Sequence[Word]) -> str:
    """Join words as they are read."""
    return " ".join(word.text for word in words)


def _is_aligned(row: Sequence[Piece], columns: Sequence[Column]) -> bool:
    """Tell whether every piece stands under a header of its own."""
    under = [[c for c in columns if min(piece.right, c.right) - max(piece.left, c.left) > 0] for piece in row]
    return all(len(one) == 1 for one in under) and len({one[0].left for one in under}) == len(row) > 1


def _by_place(row: Sequence[Piece], columns: Sequence[Column]) -> Cells:
    """Take piece by piece what stands under one header only, and word by word what stands under several."""
    cells: Cells = {}
    for piece in row:
        under = [c for c in columns if min(piece.right, c.right) - max(piece.left, c.left) > 0]
        words = next((c for c in under if c.field and c.concept.endswith("description")), None)
        for word in piece.words:
            # A name that reaches below a neighbour's header, one of codes or counts, is still one name.
            named = words if words and len(under) > 1 and _LETTERS.fullmatch(word.text) else None
            column = under[0] if len(under) == 1 else named or _nearest(word, under or columns)
            if column.field:
                cells.setdefault(column.field.name, []).append(word)
    return cells


def _nearest(word: Word, columns: Sequence[Column]) -> Column:
    def distance(column: Column) -> float:
        if min(word.right, column.right) - max(word.left, column.left) > 0:
            return 0.0
        return min(abs(word.left - column.left), abs(word.right - column.right), abs(word.left - column.right))

    return min(columns, key=distance)


def _by_order(search: Search, row: Sequence[Piece], columns: Sequence[Column]) -> Iterator[Cells]:
    """Offer the readings in which values follow each other as the headers do."""
    if len(row) == len(columns):
        cells = {c.field.name: list(piece.words) for c, piece in zip(columns, row, strict=True) if c.field}
        if _filled(search, cells, columns) == len(_numeric(columns)):
            yield cells
    words = [word for piece in row for word in piece.words if word.text != "|"]
    for joined in (False, True):
        dealt = _dealt(words, columns, joined=joined)
        if dealt is not None:
            yield dealt


def _dealt(words: Sequence[Word], columns: Sequence[Column], *, joined: bool) -> Cells | None:
    """Deal words to columns from both ends; what is left in the middle is the one column of words."""
    middle = next((i for i, c in enumerate(columns) if c.field and c.field.type not in NUMERIC), None)
    if middle is None:
        return None
    rest, cells = list(words), Cells()
    for column in columns[:middle]:
        if not rest or not _NUMBER.fullmatch(rest[0].text):
            return None
        _put(cells, column, [rest.pop(0)])
    for column in reversed(columns[middle + 1 :]):
        taken = _last_number(rest, joined=joined) if _is_numeric(column) else rest[-1:]
        if not taken:
            return None
        del rest[-len(taken) :]
        _put(cells, column, taken)
    if not any(letter.isalpha() for word in rest for letter in word.text):
        return None
    _put(cells, columns[middle], rest)
    return cells


def _put(cells: Cells, column: Column, words: Sequence[Word]) -> None:
    if column.field:
        cells[column.field.name] = list(words)


def _is_numeric(column: Column) -> bool:
    if column.field:
        return column.field.type in NUMERIC
    return column.concept != "unit"


def _last_number(words: Sequence[Word], *, joined: bool) -> list[Word]:
    """Return the words of the last number with its currency, 1 350,00 € being one when `joined`."""
    at = len(words)
    while at and _SYMBOL.fullmatch(words[at - 1].text):
        at -= 1
    if not at or not _NUMBER.fullmatch(words[at - 1].text):
        return []
    at -= 1
    while joined and at and _TAIL.fullmatch(words[at].text) and _HEAD.fullmatch(words[at - 1].text):
        at -= 1
    while at and _SYMBOL.fullmatch(words[at - 1].text):
        at -= 1
    return list(words[at:])


def _numeric(columns: Sequence[Column]) -> list[Field]:
    return [column.field for column in columns if column.field and column.field.type in NUMERIC]


def _filled(search: Search, cells: Cells, columns: Sequence[Column]) -> int:
    """Count the columns of numbers that have exactly one."""
    return sum(_number(search, field, cells) is not None for field in _numeric(columns))


def _number(search: Search, field: Field, cells: Cells) -> float | None:
    found = scan(field, text_of(cells.get(field.name, ())), search.conventions)
    return float(found[0].value) if len(found) == 1 else None


def _multiplies(search: Search, cells: Cells, columns: Sequence[Column]) -> bool:
    by_concept = {concept: field for field in _numeric(columns) for concept in column_concepts(field)}
    fields = [by_concept.get(concept) for concept in ("quantity", "unit_price", "amount")]
    values = [_number(search, field, cells) for field in fields if field]
    known = [value for value in values if value is not None]
    return len(known) == 3 and abs(known[0] * known[1] - known[2]) <= _CENT
