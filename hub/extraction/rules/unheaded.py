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
    rf"^(?P<words>.*?[^\W\d_].*?)[\s.]+(?P<amount>{_SUM})\s*(?:€|EUR|USD|GBP|CHF|kr)?\s*(?:[A-Z*]{{1,2}}\d?)?$"
)
_COUNT = re.compile(
    rf"(?P<quantity>\d+(?:[.,]\d{{1,3}})?)\s*(?P<unit>kg|g|l|pcs|stk|st\.|h)?(?:\s*[x×@à]\s*|\s[*]\s)(?:(?:EUR|€|\$|£)\s?)?"
    rf"(?P<price>{_SUM})(?:\s*(?:€|EUR)?\s*/?\s*(?:kg|l|stk|each|ea)?)",
    re.IGNORECASE,
)
_EACH = re.compile(rf"\s*@\s*(?P<price>{_SUM})\s*$")
_LEADING = re.compile(r"^(?P<quantity>\d{1,3})\s*(?:[x×]\s*|\s(?=[^\W\d]))(?P<rest>.*[^\W\d_].*)$", re.IGNORECASE)
_ENDS = {"total", "net", "tax"}
_PASSES = {"paid", "discount", "payment_method", "receipt_number", "date", "time", "phone", "tax_id", "contact", "page"}

Record = dict[str, Candidate]
Part = tuple[str, int, int]


def unheaded_items(search: Search, table: Field, taken: set[Piece]) -> list[Record]:
    """Read rows that end in a sum, up to the first total; columns are told by what they mean."""
    columns = {concept: column for column in table.fields for concept in column_concepts(column)}
    if not {"description", "amount"} <= columns.keys() or columns["amount"].type is not FieldType.MONEY:
        return []
    records: list[Record] = []
    waiting: Record = {}
    for row in search.layout.rows:
        concepts = {m.concept for hit in search.labels.of(row[0])[:1] if hit.leads for m in hit.meanings}
        if records and concepts & _ENDS:
            break
        if concepts & (_PASSES | _ENDS) or row[-1].end - row[0].start > _LONGEST_ROW:
            continue
        _read(search, row, columns, records, waiting, taken)
    return records


def _read(
    search: Search,
    row: Sequence[Piece],
    columns: dict[str, Field],
    records: list[Record],
    waiting: Record,
    taken: set[Piece],
) -> None:
    start = row[0].start
    text = search.layout.text[start : row[-1].end].replace("\n", " ")
    counted = _COUNT.search(text)
    priced = _ROW.match(text)
    if priced and counted is None:
        records.append(_record(search, columns, text, start, priced) | waiting)
        waiting.clear()
    elif priced and counted and re.search(r"[^\W\d_]{2,}", text[: counted.start()]):
        records.append(_record(search, columns, text[: counted.start()].ljust(len(text)), start, None))
        records[-1] |= dict(_counted(search, columns, counted, start))
        records[-1] |= dict(
            _cells(search, columns, [("amount", start + priced.start("amount"), start + priced.end("amount"))])
        )
    elif counted:
        found = dict(_counted(search, columns, counted, start))
        if records and _fits(found, records[-1], columns):
            records[-1] |= found
        else:
            waiting |= found
    else:
        return
    taken.update(row)


def _record(search: Search, columns: dict[str, Field], text: str, start: int, priced: re.Match[str] | None) -> Record:
    end = priced.end("words") if priced else len(text.rstrip())
    words_at = len(text) - len(text.lstrip())
    cells: list[Part] = []
    leading = _LEADING.match(text[:end])
    if leading and "quantity" in columns:
        cells.append(("quantity", start + leading.start("quantity"), start + leading.end("quantity")))
        words_at = leading.start("rest")
    each = _EACH.search(text, 0, end)
    if each and "unit_price" in columns:
        cells.append(("unit_price", start + each.start("price"), start + each.end("price")))
        end = each.start()
    words_at += len(text[words_at:end]) - len(text[words_at:end].lstrip(_BULLETS))
    cells.append(("description", start + words_at, start + len(text[:end].rstrip(_ENDINGS))))
    if priced:
        cells.append(("amount", start + priced.start("amount"), start + priced.end("amount")))
    return dict(_cells(search, columns, cells))


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


def _fits(found: Record, record: Record, columns: dict[str, Field]) -> bool:
    """A count belongs to the row whose sum it makes up."""
    names = [columns[concept].name if concept in columns else "" for concept in ("quantity", "unit_price", "amount")]
    parts = [(found if name != names[2] else record).get(name) for name in names]
    values = [float(one.value) for one in parts if one and isinstance(one.value, int | float)]
    return len(values) == 3 and abs(values[0] * values[1] - values[2]) < 0.02
