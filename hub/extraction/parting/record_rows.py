"""Rows of a sheet or a CSV that are records: the columns are called as the fields of the schema."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from hub.extraction.cells import cell_selector
from hub.extraction.parting.cuts import Cut
from hub.extraction.parting.identity import identifying
from hub.extraction.reading import Cell, EmbeddedValue, Reading, Span, Table
from hub.extraction.rules.vocabulary import column_concepts, concepts_named, concepts_of, key, own_labels, vocabulary
from hub.extraction.schemas.fields import FieldType, Leaf, Schema, leaves
from hub.extraction.stated.as_typed import Typing

SHEETS = frozenset(
    [
        "text/csv",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.oasis.opendocument.spreadsheet",
    ]
)
# Fewest columns that are fields, the share of all columns that they make, and rows of records.
FEWEST, SHARE, ROWS = 2, 0.4, 2
# A title may stand above the names of the columns.
HEADS = 3
# Rows that show what a column holds.
SAMPLE = 10


class _Head(msgspec.Struct, frozen=True):
    """The row that names the columns, and which field each is."""

    row: int
    fields: dict[int, Leaf]


def row_cuts(reading: Reading, schema: Schema) -> list[Cut]:
    """One cut for each row that is a record; none when the sheet is one document."""
    if reading.media_type not in SHEETS:
        return []
    words = {span.id: span for span in reading.spans}
    typing = Typing(reading.text)
    cuts: list[Cut] = []
    for table in reading.tables:
        head = _head(table, schema, typing)
        if head is not None:
            rows = [row for row in table.rows[head.row + 1 :] if _is_record(row, head)]
            cuts += [_cut(table, head, row, words, schema) for row in rows]
    return cuts if len(cuts) >= ROWS else []


def _head(table: Table, schema: Schema, typing: Typing) -> _Head | None:
    """The first row in which the fields of the schema are named, more of them than columns of its own tables."""
    fields = [leaf for leaf in leaves(schema.spec.fields) if leaf.field.type is not FieldType.TABLE]
    for number, row in enumerate(table.rows[:HEADS]):
        columns = _Columns(table.rows[number + 1 :][:SAMPLE], typing)
        named = _named(row, fields, schema, columns)
        filled = sum(bool(cell.text) for cell in row)
        enough = len(named) >= FEWEST and len(named) >= SHARE * filled
        if enough and len(named) > _columns(row, schema) and (_identified(named, schema) or len(named) > FEWEST):
            return _Head(number, named)
    return None


class _Columns(msgspec.Struct, frozen=True):
    """What stands below the names: VAT may head taxes or the numbers of those who pay them."""

    rows: Sequence[Sequence[Cell]]
    typing: Typing

    def suit(self, column: int, leaf: Leaf) -> bool:
        """Whether something in a column is a value of the field, or nothing is there at all."""
        texts = [row[column].text for row in self.rows if row[column].text]
        return not texts or any(self.typing.value(leaf.field, text) is not None for text in texts)


def _named(row: Sequence[Cell], fields: Sequence[Leaf], schema: Schema, columns: _Columns) -> dict[int, Leaf]:
    """Columns by their names: first those called exactly as a field, then those that mean the same, or may mean it."""
    named: dict[int, Leaf] = {}
    for means in (_is_called, _means, _may_mean):
        for leaf in fields:
            if leaf in named.values():
                continue
            free = (cell for cell in row if cell.column not in named and means(cell.text, leaf, schema))
            cell = next((cell for cell in free if columns.suit(cell.column, leaf)), None)
            if cell is not None:
                named[cell.column] = leaf
    return named


def _is_called(text: str, leaf: Leaf, _: Schema) -> bool:
    place = key(leaf.path.replace(".", " "))
    labels = {label for label, weak in own_labels(leaf.field).items() if not weak} if not leaf.parents else set()
    return bool(text) and key(text) in {place, *labels}


def _means(text: str, leaf: Leaf, schema: Schema) -> bool:
    return bool(text) and bool(concepts_named(text) & concepts_of(leaf, schema.name))


def _may_mean(text: str, leaf: Leaf, schema: Schema) -> bool:
    """Date is the date of an invoice where no other column says that it is."""
    return any(meaning.concept in concepts_of(leaf, schema.name) for meaning in vocabulary().get(key(text), ()))


def _columns(row: Sequence[Cell], schema: Schema) -> int:
    """How many columns of the schema's own tables the row names: line items are no records."""
    tables = [leaf.field for leaf in leaves(schema.spec.fields) if leaf.field.type is FieldType.TABLE]
    counts = []
    for table in tables:
        labels = {label for column in table.fields for label in own_labels(column)}
        concepts = frozenset(one for column in table.fields for one in column_concepts(column))
        counts.append(sum(bool(key(cell.text) in labels or concepts_named(cell.text) & concepts) for cell in row))
    return max(counts, default=0)


def _identified(named: dict[int, Leaf], schema: Schema) -> bool:
    leaf = identifying(schema)
    return leaf is not None and any(one.path == leaf.path for one in named.values())


def _is_record(row: Sequence[Cell], head: _Head) -> bool:
    """Sums below the records name no document: at least half of the fields are filled."""
    filled = sum(bool(row[column].text) for column in head.fields)
    return filled * 2 > len(head.fields)


def _cut(table: Table, head: _Head, row: Sequence[Cell], words: dict[str, Span], schema: Schema) -> Cut:
    leaf = identifying(schema)
    values = tuple(
        EmbeddedValue(
            path=field.path,
            value=row[column].text,
            text=row[column].text,
            selector=cell_selector(table, row[column]),
            label=table.rows[head.row][column].text,
            characters=_characters(row[column : column + 1], words),
        )
        for column, field in head.fields.items()
        if row[column].text
    )
    title = next((one.text for one in values if leaf and one.path == leaf.path), values[0].text if values else "")
    ranges = tuple(filter(None, (_characters(cells, words) for cells in (table.rows[head.row], row))))
    return Cut(title=title, ranges=ranges, values=values)


def _characters(cells: Sequence[Cell], words: dict[str, Span]) -> tuple[int, int] | None:
    spans = [words[span] for cell in cells for span in cell.spans]
    return (spans[0].start, spans[-1].end) if spans else None
