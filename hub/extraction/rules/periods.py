"""Statements whose columns are years: what a row is called is the field, the column tells of which year it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from hub.extraction.rules.candidates import Candidate
from hub.extraction.rules.document import Document, Offer
from hub.extraction.rules.layout import Piece
from hub.extraction.rules.vocabulary import column_concepts, key, own_labels, vocabulary
from hub.extraction.schemas.fields import Field, FieldType, Leaf
from hub.extraction.values.typed import scan

_YEAR = re.compile(r"(?<!\d)(?P<year>(?:19|20)\d\d)(?!\d)")
_HEADS = re.compile(r"(?:\W|\d|FY|CY|Q[1-4]|[^\W\d_]{3,9}\.?)*", re.IGNORECASE)
_LONGEST_HEAD = 24
_NUMBERS = {FieldType.MONEY, FieldType.NUMBER, FieldType.INTEGER}
_SCORE = 0.97
_YEARS = {"year", "fiscalyear", "jahr", "geschaftsjahr", "annee", "exercice", "ano", "anno", "jaar", "rok", "period"}


class Period(msgspec.Struct, frozen=True):
    """A column of a statement: its year, and where it says so."""

    year: int
    head: Piece
    place: tuple[int, int]


class Statement(msgspec.Struct, frozen=True):
    """Columns of years and the rows below them."""

    periods: tuple[Period, ...]
    rows: tuple[Sequence[Piece], ...]


def offers(document: Document) -> Iterator[Offer]:
    """Offer the latest year's values for single fields."""
    for statement in _statements(document):
        latest = max(statement.periods, key=lambda period: period.year)
        for row in statement.rows:
            for leaf in _meant(document, row[0]):
                found = _value(document, leaf.field, row, latest, statement.periods)
                if found:
                    yield leaf.path, found


def records(document: Document, table: Field) -> list[dict[str, Candidate]]:
    """Read a table that has a column for the year: one record for each year of the first statement it fits."""
    year = next((column for column in table.fields if _is_year(column)), None)
    columns = {label: column for column in table.fields if column is not year for label in _labels(column)}
    if year is None:
        return []
    for statement in _statements(document):
        found = [_record(document, statement, period, columns) for period in statement.periods]
        if any(found):
            return [
                {year.name: Candidate(_written(year, period), (period.place,), _SCORE, "at the head"), **record}
                for period, record in zip(statement.periods, found, strict=True)
                if record
            ]
    return []


def _is_year(column: Field) -> bool:
    return key(column.name) in _YEARS or key(column.title) in _YEARS


def _written(year: Field, period: Period) -> int | str:
    return period.year if year.type in _NUMBERS else str(period.year)


def _labels(column: Field) -> set[str]:
    wanted = column_concepts(column)
    known = {label for label, meanings in vocabulary().items() if any(one.concept in wanted for one in meanings)}
    return {*own_labels(column), *known}


def _record(
    document: Document, statement: Statement, period: Period, columns: dict[str, Field]
) -> dict[str, Candidate]:
    record: dict[str, Candidate] = {}
    for row in statement.rows:
        column = columns.get(key(row[0].text))
        if column and column.name not in record:
            found = _value(document, column, row, period, statement.periods)
            if found:
                record[column.name] = found
    return record


def _meant(document: Document, piece: Piece) -> Iterator[Leaf]:
    hits = document.labels.of(piece)
    if not hits or not hits[0].leads or not hits[0].fills:
        return
    for leaf in document.leaves:
        if leaf.field.type in _NUMBERS and hits[0].meaning(document.labels_of(leaf)):
            yield leaf


def _statements(document: Document) -> Iterator[Statement]:
    """A row of several years heads the rows below it, up to the next such row or the end of the page."""
    rows = document.layout.rows
    heads = [(index, periods) for index, row in enumerate(rows) if len(periods := _periods(row)) > 1]
    for number, (index, periods) in enumerate(heads):
        until = heads[number + 1][0] if number + 1 < len(heads) else len(rows)
        below = [row for row in rows[index + 1 : until] if len(row) > 1]
        yield Statement(periods, tuple(below))


def _periods(row: Sequence[Piece]) -> tuple[Period, ...]:
    """The years that a row names, each in a short piece of its own; other numbers make it no head."""
    found: list[Period] = []
    for piece in row:
        years = list(_YEAR.finditer(piece.text))
        if len(years) == 1 and len(piece.text) <= _LONGEST_HEAD and _HEADS.fullmatch(piece.text):
            place = (piece.start + years[0].start(), piece.start + years[0].end())
            found.append(Period(int(years[0]["year"]), piece, place))
        elif any(letter.isdigit() for letter in piece.text):
            return ()
    return tuple(found) if len({period.year for period in found}) == len(found) else ()


def _value(
    document: Document, field: Field, row: Sequence[Piece], period: Period, periods: Sequence[Period]
) -> Candidate | None:
    """Return the number of a row that stands nearest to a year, by its right side."""
    for piece in row[1:]:
        found = scan(field, piece.text, document.conventions)
        if len(found) != 1:
            continue
        nearest = min(periods, key=lambda one: abs(one.head.right - piece.right))
        if nearest is period:
            place = (piece.start + found[0].start, piece.start + found[0].end)
            return Candidate(found[0].value, (place,), _SCORE, "in its year's column")
    return None
