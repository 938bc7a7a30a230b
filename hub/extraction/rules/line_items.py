"""Rows of tables: what stands under the columns of a header, totals and carried sums left out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from hub.extraction.rules.candidates import Candidate, Search
from hub.extraction.rules.headers import Header
from hub.extraction.rules.labels import Hit
from hub.extraction.rules.layout import Piece, Word
from hub.extraction.rules.picking import pick
from hub.extraction.rules.row_cells import NUMERIC, Cells, cells_of, text_of
from hub.extraction.rules.vocabulary import format_of
from hub.extraction.schemas.fields import Field, FieldType, Format
from hub.extraction.values.dates import find_dates
from hub.extraction.values.identifiers import find_ibans
from hub.extraction.values.typed import scan

IN_TABLE, WRAPPED = 0.92, 0.85
_ENDS = frozenset({"net", "tax", "total", "paid", "discount", "shipping", "payment_terms", "iban", "bank", "notes"})
_PASSES = frozenset({"carried", "page"})
# What a line below an item may say about it besides: its code, where it goes.
_ASIDE = frozenset({"sku", "order_number", "purchase_order", "delivery_note", "delivery_date", "service_date"})
# A code alone in brackets below an item: (C3047).
_CODE = re.compile(r"[(\[][A-Z]{0,4}[-./]?\d[\w./-]*[)\]]")
# Nothing but two days: the time an item was supplied in.
_PERIOD = re.compile(r"[^()]{5,24}\s(?:[-–—]|to|bis|au|al|a|t/m|do)\s[^()]{5,24}")
# How many rows tell where the first column of words stands.
_SAMPLE = 20
# White between two rows, in heights, after which a row no longer belongs to the table.
_FAR, _NEAR = 4.5, 1.6
# How much nearer, in heights, a row must stand to the next one to belong to it.
_LEAN = 0.2


class Item(msgspec.Struct):
    """One row of a table, the words of each column in reading order."""

    cells: Cells
    bottom: float
    page: int
    wrapped: bool = False


def line_items(search: Search, table: Field, found: Sequence[Header]) -> tuple[list[dict[str, Candidate]], set[Piece]]:
    """Read the rows under a table's headers; also returns the pieces it took, which hold no other fields."""
    items: list[Item] = []
    taken: set[Piece] = set()
    for index, header in enumerate(found):
        until = found[index + 1].first_row if index + 1 < len(found) else len(search.layout.rows)
        rows = search.layout.rows[header.last_row + 1 : until]
        _read(search, header, rows, items, taken)
        taken.update(piece for row in search.layout.rows[header.first_row : header.last_row + 1] for piece in row)
    records = [_record(search, table, item) for item in items]
    return [record for record in records if record], taken


def _read(
    search: Search, header: Header, rows: Sequence[Sequence[Piece]], items: list[Item], taken: set[Piece]
) -> None:
    """Walk the rows below a header until one ends the table."""
    before: Sequence[Piece] | None = None
    pending: list[tuple[Cells, Sequence[Piece]]] = []
    for row in _within(header, rows):
        if before and _far(before, row):
            break
        cells = cells_of(search, row, header.columns)
        verdict = _verdict(search, row, cells, header)
        if verdict == "end" or (verdict == "field" and items):
            break
        before = row
        if verdict in {"pass", "field"}:
            taken.update(row if verdict == "pass" and items and _is_code(search, row) else ())
            continue
        if _has_numbers(cells, header, search):
            items.append(_item(row, cells, pending))
        elif _opens(rows, row, cells, header, search):
            pending.append((cells, row))
            continue
        elif items:
            _continue(items[-1], cells, row)
        taken.update(row)
        taken.update(piece for _, waiting in pending for piece in waiting)
        pending.clear()


def _within(header: Header, rows: Sequence[Sequence[Piece]]) -> list[Sequence[Piece]]:
    """Leave out what stands wholly left of a table, in a sidebar say, unless its first header stands off its cells."""
    left = min(column.left for column in header.columns)
    numeric = [column for column in header.columns if column.field and column.field.type in NUMERIC]
    first = min((column.left for column in numeric), default=left)
    sample = [row for row in rows[:_SAMPLE] if len(row) > 1]
    items = [row for row in sample if row[0].left < first < max(piece.right for piece in row)]
    under = [row for row in items if any(left - piece.height <= piece.left < first for piece in row)]
    if 2 * len(under) < len(items) or not under:
        return list(rows)
    kept = [[piece for piece in row if piece.right > left - piece.height] for row in rows]
    return [row for row in kept if row]


def _far(before: Sequence[Piece], row: Sequence[Piece]) -> bool:
    return row[0].page == before[0].page and row[0].top - before[0].bottom > _FAR * max(before[0].height, 6.0)


def _verdict(search: Search, row: Sequence[Piece], cells: Cells, header: Header) -> str:
    """Tell whether a row ends the table, is passed over, states a field of the document, or may be an item."""
    hit = next((hit for hit in search.labels.of(row[0])[:1] if hit.leads), None)
    concepts = {meaning.concept for meaning in hit.meanings} if hit else set()
    numbers = _has_numbers(cells, header, search)
    numeric = [column.field for column in header.columns if column.field and column.field.type in NUMERIC]
    filled = sum(bool(scan(field, text_of(cells.get(field.name, ())), search.conventions)) for field in numeric)
    if concepts & _PASSES or (filled <= 1 and (_carries(search, row) or _sums_up(search, row))):
        return "pass"
    if (concepts & _ASIDE and not numbers) or _is_aside(row, numbers=numbers):
        return "pass"
    sums = {"total"} if len(numeric) > 1 else {"total", "net", "tax"}
    if hit and (_states_field(hit, row) or (concepts & sums and hit.fills)):
        return "field"
    few = filled <= max(1, len(numeric) - 2) if len(numeric) > 1 else _no_description(cells, header)
    return "end" if concepts & _ENDS and few else "item"


def _is_aside(row: Sequence[Piece], *, numbers: bool) -> bool:
    """Accounts and codes that stand alone are no items, whatever numbers they seem to hold."""
    if not numbers:
        text = row[0].text.strip()
        return len(row) == 1 and bool(_CODE.fullmatch(text) or (_PERIOD.fullmatch(text) and len(find_dates(text)) == 2))
    return any(find_ibans(piece.text) for piece in row)


def _carries(search: Search, row: Sequence[Piece]) -> bool:
    """A sum carried on to or from another page, wherever in its row it says so."""
    return any(hit.fills and hit.meaning(_PASSES) for piece in row[:3] for hit in search.labels.of(piece)[:1])


def _sums_up(search: Search, row: Sequence[Piece]) -> bool:
    """The sum of a group of items: Labor subtotal."""
    hits = (hit for hit in search.labels.of(row[0])[-1:] if not hit.leads and hit.meaning({"net", "total"}))
    return any(hit.end >= len(row[0].text) for hit in hits)


def _is_code(search: Search, row: Sequence[Piece]) -> bool:
    return any(hit.leads and hit.meaning({"sku"}) for hit in search.labels.of(row[0])[:1])


def _states_field(hit: Hit, row: Sequence[Piece]) -> bool:
    """A label that the schema itself gives to a field, with one value beside it: New balance 4,331.36."""
    own = any(meaning.concept.startswith("field:") and not meaning.weak for meaning in hit.meanings)
    return own and (hit.fills or hit.colon) and len(row) <= 2


def _no_description(cells: Cells, header: Header) -> bool:
    return header.columns[0].field is None or header.columns[0].field.name not in cells


def _has_numbers(cells: Cells, header: Header, search: Search) -> bool:
    """A row of its own has a value in a column of numbers, or when there is none, in the first column."""
    numeric = [c.field for c in header.columns if c.field and c.field.type in NUMERIC]
    if not numeric:
        first = next((c.field for c in header.columns if c.field), None)
        return first is not None and first.name in cells and len(cells) > 1
    filled = [f for f in numeric if f.name in cells and scan(f, text_of(cells[f.name]), search.conventions)]
    money = [field for field in filled if field.type is FieldType.MONEY]
    return bool(money) or len(filled) > 1 or (bool(filled) and len(numeric) == 1)


def _opens(rows: Sequence[Sequence[Piece]], row: Sequence[Piece], cells: Cells, header: Header, search: Search) -> bool:
    """Words without numbers begin an item when the numbers below them have no words of their own."""
    words = [column.field.name for column in header.columns if column.field and column.field.type not in NUMERIC]
    following = next((other for other in rows if other[0].row == row[0].row + 1), None)
    if following is None:
        return False
    below = cells_of(search, following, header.columns)
    if _verdict(search, following, below, header) != "item" or not _has_numbers(below, header, search):
        return False
    return bool(cells) and (not any(name in below for name in words) or _nearer(search, row, following))


def _nearer(search: Search, row: Sequence[Piece], following: Sequence[Piece]) -> bool:
    """Tell whether a row stands nearer to the one below it, as the first line of a cell that is centred does."""
    above = search.layout.rows[row[0].row - 1] if row[0].row else row
    if above[0].page != row[0].page or following[0].page != row[0].page:
        return False
    before = min(piece.top for piece in row) - max(piece.bottom for piece in above)
    behind = min(piece.top for piece in following) - max(piece.bottom for piece in row)
    return behind + _LEAN * row[0].height < before


def _item(row: Sequence[Piece], cells: Cells, pending: Sequence[tuple[Cells, Sequence[Piece]]]) -> Item:
    """Begin an item; words waiting above it come before its own."""
    for waiting, _ in reversed(pending[-3:]):
        for name, above in waiting.items():
            cells[name] = [*above, *cells.get(name, [])]
    return Item(cells, max(piece.bottom for piece in row), row[0].page)


def _continue(item: Item, cells: Cells, row: Sequence[Piece]) -> None:
    """Add a wrapped line to the item above it, if it stands near."""
    top = min(piece.top for piece in row)
    if row[0].page != item.page or top - item.bottom > _NEAR * row[0].height:
        return
    for name, words in cells.items():
        if name in item.cells:
            item.cells[name] = [*item.cells[name], *words]
            item.wrapped = True
    item.bottom = max(piece.bottom for piece in row)


def _record(search: Search, table: Field, item: Item) -> dict[str, Candidate]:
    record: dict[str, Candidate] = {}
    for column in table.fields:
        words = item.cells.get(column.name)
        if words:
            told = msgspec.structs.replace(column, format=format_of(column))
            candidate = _value(search, told, words, item.wrapped)
            if candidate:
                record[column.name] = candidate
    unit = next((column for column in table.fields if column.name == "unit"), None)
    if unit and "unit" not in record and "quantity" in record:
        record.update(_unit_beside(item.cells["quantity"], record["quantity"]))
    return record


def _value(search: Search, column: Field, words: Sequence[Word], wrapped: bool) -> Candidate | None:
    text, places = text_of(words), tuple(_places(search, words))
    if column.type is FieldType.STRING and column.format in {None, Format.TEXT, Format.NAME}:
        if not any(letter.isalnum() for letter in text):
            return None
        return Candidate(text, places, WRAPPED if len(places) > 1 or wrapped else IN_TABLE, "in its column")
    for start, end in places:
        found = pick(column, search.layout.text[start:end].replace("\n", " "), search.conventions)
        if found:
            return Candidate(found.value, ((start + found.start, start + found.end),), IN_TABLE, "in its column")
    return None


def _unit_beside(words: Sequence[Word], quantity: Candidate) -> Iterator[tuple[str, Candidate]]:
    """A unit may stand behind the quantity: 3 pcs."""
    end = quantity.places[0][1]
    behind = [word for word in words if word.start >= end and any(letter.isalpha() for letter in word.text)]
    if behind and behind[0].text.lower() not in {"x", "×"}:
        place = (behind[0].start, behind[-1].end)
        yield "unit", Candidate(text_of(behind), (place,), IN_TABLE, "behind the quantity")


def _places(search: Search, words: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """Join words that follow each other in the text into one place."""
    start, end = words[0].start, words[0].end
    for word in words[1:]:
        between = search.layout.text[end : word.start]
        if word.start < end or between.strip() or "\n" in between:
            yield start, end
            start = word.start
        end = word.end
    yield start, end
