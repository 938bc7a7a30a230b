"""Line items without a header, as on receipts: words on the left, a sum on the right."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from hub.extraction.rules.candidates import Candidate, Search
from hub.extraction.rules.layout import Piece
from hub.extraction.rules.vocabulary import column_concepts
from hub.extraction.schemas.fields import Field, FieldType
from hub.extraction.values.numbers import parse_number

_SCORE = 0.8
_LONGEST_ROW = 200
_BULLETS, _ENDINGS = " -\u2013•*·▪", " .:-\u2013"
_SUM = r"[-\u2212]?\s?(?:[$€£¥]\s?)?[-\u2212]?\d{1,3}(?:[.,' ]?\d{3})*[.,]\d{2}-?"
_ROW = re.compile(
    rf"^(?P<words>.*?[^\W\d_].*?)[\s.]+(?P<amount>{_SUM})\s*(?:€|EUR|USD|GBP|CHF|kr|zł|PLN)?\s*(?:[A-Z*]{{1,2}}\d?)?$"
)
_COUNT = re.compile(
    rf"(?P<quantity>\d+(?:[.,]\d{{1,3}})?)\s*(?P<unit>kg|g|l|pcs|stk|st\.|szt\.?|uds?\.?|pz|h)?\s*[x×*@à]\s*(?:(?:EUR|€|\$|£)\s?)?"
    rf"(?P<price>{_SUM})(?:\s*(?:€|EUR)?\s*/?\s*(?:(?:kg|l|stk|each|ea)\b)?)",
    re.IGNORECASE,
)
_EACH = re.compile(rf"\s*@\s*(?P<price>{_SUM})\s*$")
_LEADING = re.compile(r"^(?P<quantity>\d{1,3})\s*(?:[x×]\s*|\s(?=[^\W\d]))(?P<rest>.*[^\W\d_].*)$", re.IGNORECASE)
_TAIL = re.compile(rf"\s+(?:(?P<quantity>\d{{1,4}}(?:[.,]\d{{1,3}})?)\s*[x×*]?\s+)?(?P<price>{_SUM})\s*(?:€|EUR)?\s*$")
_TAIL_PARTS = {"quantity": "quantity", "price": "unit_price"}
_LAST = re.compile(rf"\s*=?\s*(?P<amount>{_SUM})\s*(?:€|EUR|USD|GBP|CHF|kr|zł|PLN)?\s*(?:[A-Z*]{{1,2}}\d?)?$")
_WORDS = re.compile(r"[^\W\d_]{2,}")
_LONGEST_NAME = 60
_ENDS = {"total", "net", "tax"}
_PASSES = {"paid", "discount", "payment_method", "receipt_number", "date", "time", "phone", "tax_id", "contact", "page"}

Record = dict[str, Candidate]
Part = tuple[str, int, int]


def unheaded_items(search: Search, table: Field, taken: set[Piece]) -> list[Record]:
    """Read rows that end in a sum, up to the first total; columns are told by what they mean."""
    columns = {concept: column for column in table.fields for concept in column_concepts(column)}
    if not {"description", "amount"} <= columns.keys() or columns["amount"].type is not FieldType.MONEY:
        return []
    items = _Items(search, columns)
    for row in search.layout.rows:
        concepts = {m.concept for hit in search.labels.of(row[0])[:1] if hit.leads for m in hit.meanings}
        if items.records and concepts & _ENDS:
            break
        if concepts & (_PASSES | _ENDS) or row[-1].end - row[0].start > _LONGEST_ROW:
            items.named = None
            continue
        if items.read(row):
            taken.update(row)
    return items.records


class _Items:
    """Rows read one after another; a count may stand before, in, or below the row whose sum it makes up."""

    def __init__(self, search: Search, columns: dict[str, Field]) -> None:
        self.records: list[Record] = []
        # The row before, where it is a name that the next row may count and price.
        self.named: Sequence[Piece] | None = None
        self._search = search
        self._columns = columns
        self._waiting: Record = {}

    def read(self, row: Sequence[Piece]) -> bool:
        """Read a row; tells whether it belongs to the items."""
        start = row[0].start
        text = self._search.layout.text[start : row[-1].end].replace("\n", " ")
        counted, priced, named = _COUNT.search(text), _ROW.match(text), self.named
        self.named = row if not (counted or priced) and _is_name(text) else None
        if priced and counted is None:
            self.records.append(_record(self._search, self._columns, text, start, priced) | self._waiting)
            self._waiting.clear()
        elif (
            priced and counted and _WORDS.search(text[: counted.start()] + text[counted.end() : priced.start("amount")])
        ):
            self._counted_row(text, start, priced, counted)
        elif counted:
            self._count_alone(text, start, counted, named)
        return bool(counted or priced)

    def _counted_row(self, text: str, start: int, priced: re.Match[str], counted: re.Match[str]) -> None:
        """Words, count and sum in one row, the words before the count or behind it."""
        first, last = (0, counted.start()) if _WORDS.search(text[: counted.start()]) else (counted.end(), -1)
        last = priced.start("amount") if last < 0 else last
        record = _record(self._search, self._columns, text[:last].ljust(len(text)), start, None, first)
        record |= dict(_counted(self._search, self._columns, counted, start))
        amount = ("amount", start + priced.start("amount"), start + priced.end("amount"))
        self.records.append(record | dict(_cells(self._search, self._columns, [amount])))

    def _count_alone(self, text: str, start: int, counted: re.Match[str], named: Sequence[Piece] | None) -> None:
        """A count without words: of the name in the row before, of the record before, or of the next one."""
        found = dict(_counted(self._search, self._columns, counted, start))
        last = _LAST.match(text, counted.end())
        if last:
            amount = ("amount", start + last.start("amount"), start + last.end("amount"))
            found |= dict(_cells(self._search, self._columns, [amount]))
        if last and named and _multiplies(found, self._columns):
            name = ("description", named[0].start, named[-1].end)
            self.records.append(found | dict(_cells(self._search, self._columns, [name])))
        elif self.records and _multiplies(found | _amount_of(self.records[-1], self._columns), self._columns):
            self.records[-1] |= found
        else:
            self._waiting |= found


def _record(  # where in the row the words begin comes last
    search: Search, columns: dict[str, Field], text: str, start: int, priced: re.Match[str] | None, words_at: int = 0
) -> Record:
    end = priced.end("words") if priced else len(text.rstrip())
    words_at += len(text[words_at:]) - len(text[words_at:].lstrip())
    cells: list[Part] = []
    leading = _LEADING.match(text[words_at:end])
    if leading and "quantity" in columns:
        cells.append(
            ("quantity", start + words_at + leading.start("quantity"), start + words_at + leading.end("quantity"))
        )
        words_at += leading.start("rest")
    if priced:
        cells.append(("amount", start + priced.start("amount"), start + priced.end("amount")))
    end, prices = _prices(search, columns, text[:end], start, cells)
    words_at += len(text[words_at:end]) - len(text[words_at:end].lstrip(_BULLETS))
    cells.append(("description", start + words_at, start + len(text[:end].rstrip(_ENDINGS))))
    return dict(_cells(search, columns, [*cells, *prices]))


def _prices(
    search: Search, columns: dict[str, Field], text: str, start: int, cells: Sequence[Part]
) -> tuple[int, list[Part]]:
    """Take a price, and a count in front of it, from the end of the words where they make up the sum."""
    each = _EACH.search(text)
    if each and "unit_price" in columns:
        return each.start(), [("unit_price", start + each.start("price"), start + each.end("price"))]
    tail = _TAIL.search(text)
    if tail is None or not {"unit_price", "quantity"} <= columns.keys():
        return len(text), []
    parts = [(name, start + tail.start(g), start + tail.end(g)) for g, name in _TAIL_PARTS.items() if tail[g]]
    if _multiplies(dict(_cells(search, columns, [*cells, *parts])), columns):
        return tail.start(), parts
    return len(text), []


def _counted(
    search: Search, columns: dict[str, Field], counted: re.Match[str], start: int
) -> Iterator[tuple[str, Candidate]]:
    parts = {"quantity": "quantity", "unit": "unit", "price": "unit_price"}
    cells = [(concept, start + counted.start(g), start + counted.end(g)) for g, concept in parts.items() if counted[g]]
    yield from _cells(search, columns, cells)


def _cells(search: Search, columns: dict[str, Field], cells: Sequence[Part]) -> Iterator[tuple[str, Candidate]]:
    for concept, start, end in cells:
        column = columns.get(concept)
        if column is None or end <= start:
            continue
        written = search.layout.text[start:end].replace("\n", " ")
        if column.type is FieldType.STRING:
            yield column.name, Candidate(" ".join(written.split()), ((start, end),), _SCORE, "in its row")
            continue
        number = parse_number(re.sub(r"[$€£¥]", " ", written).replace("- ", "-").strip(), search.conventions.mark)
        if number is not None:
            yield column.name, Candidate(float(number), ((start, end),), _SCORE, "in its row")


def _is_name(text: str) -> bool:
    return bool(_WORDS.search(text)) and len(text) <= _LONGEST_NAME


def _amount_of(record: Record, columns: dict[str, Field]) -> Record:
    name = columns["amount"].name
    return {name: record[name]} if name in record else {}


def _multiplies(found: Record, columns: dict[str, Field]) -> bool:
    """Whether a count and a price make up the sum; where nothing counts, one is meant."""
    names = [columns[concept].name if concept in columns else "" for concept in ("quantity", "unit_price", "amount")]
    values = [found[name].value if name in found else None for name in names]
    quantity, price, amount = (float(one) if isinstance(one, int | float) else None for one in values)
    if price is None or amount is None:
        return False
    return abs((quantity if quantity is not None else 1) * price - amount) < 0.02
