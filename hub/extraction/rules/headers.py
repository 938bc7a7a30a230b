"""Header rows of tables: which words name which column, and where the columns stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from hub.extraction.rules.blurred import Blurred, blurred, blurred_vocabulary
from hub.extraction.rules.layout import Layout, Piece, Word
from hub.extraction.rules.vocabulary import COLUMNS, Index, Meaning, column_concepts, own_labels, tokens, vocabulary
from hub.extraction.schemas.fields import Field
from hub.extraction.values.currencies import find_currencies

_LONGEST, _SHORTEST = 5, 4
_COVERED = 0.6
_UNKNOWN = "unknown"
_BARE_PRICES = {"cost", "price", "preis", "prix", "prezzo", "precio", "prijs", "netprice"}
# White between two words of one label, in heights of a word.
_TOGETHER = 0.9


class Column(msgspec.Struct, frozen=True):
    """A column of a table on a page; `field` is None for one that the schema does not ask for."""

    field: Field | None
    concept: str
    left: float
    right: float
    label: str = ""


class Header(msgspec.Struct, frozen=True):
    """A header row: its columns from left to right, and the rows it takes."""

    columns: tuple[Column, ...]
    first_row: int
    last_row: int
    page: int

    @property
    def asked(self) -> int:
        """How many columns the schema asks for."""
        return len({column.field.name for column in self.columns if column.field})


class Names(msgspec.Struct, frozen=True):
    """What columns are called: the fields by concept, their own labels, and both as scans show them."""

    fields: Mapping[str, Field]
    own: Index
    blurs: tuple[Blurred, ...] = ()


def headers(layout: Layout, table: Field) -> list[Header]:
    """Find the header rows of one table of a schema; a long table repeats its own on every page."""
    names = _names(table, scanned=layout.scanned)
    found: list[Header] = []
    number = 0
    while number < len(layout.rows):
        header = _header(layout, number, names)
        if header and header.asked >= min(2, len(table.fields)):
            found.append(header)
            number = header.last_row
        number += 1
    return found


def _names(table: Field, *, scanned: bool) -> Names:
    """Map concepts to columns, and add the columns' own names to the vocabulary."""
    fields: dict[str, Field] = {}
    own: dict[str, tuple[Meaning, ...]] = {}
    for column in table.fields:
        concept = f"column:{column.name}"
        fields[concept] = column
        for name in column_concepts(column):
            fields.setdefault(name, column)
        own.update({label: (Meaning(concept, weak),) for label, weak in own_labels(column).items()})
    return Names(fields, own, (blurred(own), blurred_vocabulary()) if scanned else ())


def _header(layout: Layout, number: int, names: Names) -> Header | None:
    """Read one row as a header, or two that stand close when that names more columns."""
    row = layout.rows[number]
    if not _may_head(row):
        return None
    single = _single(row, names)
    best = Header(tuple(single), number, number, row[0].page) if single else None
    if number + 1 < len(layout.rows):
        second = layout.rows[number + 1]
        near = second[0].page == row[0].page and second[0].top - row[0].bottom < 0.9 * row[0].height
        if near and _may_head(second):
            stacked = _columns(_stacked(row, second), names)
            double = Header(tuple(stacked), number, number + 1, row[0].page)
            # What stands above a header that is one without it, the supplier of an order say, is no part of it.
            alone = Header(tuple(_single(second, names)), number + 1, number + 1, row[0].page)
            if double.asked > max(best.asked if best else 0, alone.asked):
                best = double
    return best


def _single(row: Sequence[Piece], names: Names) -> list[Column]:
    return _columns([[word] for piece in row for word in piece.words], names)


def _may_head(row: Sequence[Piece]) -> bool:
    text = " ".join(piece.text for piece in row)
    return len(text) <= 160 and not re.search(r"\d[\d.,]*\d|\d\s*[€$£]", text)


def _stacked(row: Sequence[Piece], second: Sequence[Piece]) -> list[list[Word]]:
    """Join what stands over each other in two rows into labels of two lines."""
    groups = [list(piece.words) for piece in row]
    for piece in second:
        over = [g for g in groups if min(g[-1].right, piece.right) - max(g[0].left, piece.left) > 0]
        if len(over) == 1:
            over[0].extend(piece.words)
        else:
            groups.append(list(piece.words))
    return sorted(groups, key=lambda group: min(word.left for word in group))


def _columns(groups: Sequence[Sequence[Word]], names: Names) -> list[Column]:
    """Read words from left to right as labels of columns; too many words that name none make it no header."""
    words = [part for group in groups for word in group for part in _unjoined(word, names)]
    columns: list[Column] = []
    covered = at = 0
    while at < len(words):
        taken, concept = _longest(words, at, names)
        if not taken:
            _add_unknown(columns, words, at)
            at += 1
            continue
        part = [word for word, _ in words[at : at + taken]]
        label = "".join(token for _, token in words[at : at + taken])
        column = Column(
            names.fields.get(concept), concept, min(w.left for w in part), max(w.right for w in part), label
        )
        columns.append(column)
        covered += taken
        at += taken
    columns = _priced(_one_each(columns), names.fields)
    numbered = [column for column in columns if column.concept not in {"description", _UNKNOWN}]
    told = covered >= _COVERED * len(words) or _is_grid(columns, groups)
    return columns if words and told and numbered else []


def _unjoined(word: Word, names: Names) -> Iterator[tuple[Word, str]]:
    """Part a word of a scan in which two headers touch: EenheidAantal."""
    for _, _, token in tokens(word.text):
        cut = _joint(token, names) if names.blurs else 0
        if not cut:
            yield word, token
            continue
        border = word.left + (word.right - word.left) * cut / len(token)
        yield msgspec.structs.replace(word, right=border), token[:cut]
        yield msgspec.structs.replace(word, left=border), token[cut:]


def _joint(token: str, names: Names) -> int:
    """Return where the second of two names of columns begins, 0 where a word is not two."""
    if len(token) < 2 * _SHORTEST or _column_of(token, names):
        return 0
    cuts = range(_SHORTEST, len(token) - _SHORTEST + 1)
    return next((cut for cut in cuts if _column_of(token[:cut], names) and _column_of(token[cut:], names)), 0)


def _column_of(token: str, names: Names) -> str | None:
    meanings = (*names.own.get(token, ()), *vocabulary().get(token, ()))
    return next((one.concept for one in meanings if one.concept in names.fields or one.concept in COLUMNS), None)


def _add_unknown(columns: list[Column], words: Sequence[tuple[Word, str]], at: int) -> None:
    """Keep the place of a word that names no column, joined to the unknown words before it."""
    word = words[at][0]
    last = columns[-1] if columns else None
    together = last is not None and at > 0 and _together(words[at - 1][0], word)
    if last and together and (last.concept == _UNKNOWN or _is_sign(words[at][1])):
        columns[-1] = msgspec.structs.replace(last, right=max(last.right, word.right))
    else:
        columns.append(Column(None, _UNKNOWN, word.left, word.right))


def _is_sign(token: str) -> bool:
    """A currency behind the name of a column belongs to it: EP EUR."""
    return bool(find_currencies(token.upper()))


def _is_grid(columns: Sequence[Column], groups: Sequence[Sequence[Word]]) -> bool:
    """A row of several short labels is a header too when it begins and ends with columns we know."""
    asked = [column for column in columns if column.field]
    short = len(groups) >= 3 and all(len(group) <= 4 for group in groups)
    return short and len(asked) >= 2 and bool(columns[0].field) and bool(columns[-1].field)


def _one_each(columns: Sequence[Column]) -> list[Column]:
    """Of two columns for one field, such as Item and Description, keep the one that is called as the field is."""
    kept: dict[str, Column] = {}
    for column in columns:
        name = column.field.name if column.field else f"unknown at {column.left}"
        if name not in kept or (_own(column) and not _own(kept[name])):
            kept[name] = column
    return [column if column in kept.values() else msgspec.structs.replace(column, field=None) for column in columns]


def _priced(columns: list[Column], fields: Mapping[str, Field]) -> list[Column]:
    """A last column "Cost" or "Price" without one for the amount is the amount."""
    amount = fields.get("amount")
    if amount is None or not columns or any(column.field == amount for column in columns):
        return columns
    last = columns[-1]
    if last.concept.endswith("unit_price") and last.label in _BARE_PRICES:
        return [*columns[:-1], msgspec.structs.replace(last, field=amount, concept="amount")]
    return columns


def _own(column: Column) -> bool:
    return column.concept.startswith("column:")


def _longest(words: Sequence[tuple[Word, str]], at: int, names: Names) -> tuple[int, str]:
    fields, known = names.fields, vocabulary()
    best, joined = (0, ""), ""
    for taken in range(1, min(_LONGEST, len(words) - at) + 1):
        word, token = words[at + taken - 1]
        if taken > 1 and not _together(words[at + taken - 2][0], word):
            break
        joined += token
        meanings = [*names.own.get(joined, ()), *known.get(joined, ())]
        if not meanings and not best[0]:
            meanings = [meaning for blur in names.blurs for meaning in blur.get(joined)]
        concepts = [meaning.concept for meaning in meanings if meaning.concept in fields or meaning.concept in COLUMNS]
        if concepts:
            best = taken, min(concepts, key=lambda concept: concept not in fields)
    return best


def _together(before: Word, word: Word) -> bool:
    if before is word or word.top >= before.bottom - 0.3 * before.height:
        return True
    return word.left - before.right <= _TOGETHER * max(before.height, word.height)
