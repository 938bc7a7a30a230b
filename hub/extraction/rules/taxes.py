"""Taxes of several rates: each has its row, and the document's tax is what they make up."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hub.extraction.rules.candidates import Candidate, labelled
from hub.extraction.rules.document import Document, Offer
from hub.extraction.rules.layout import Piece
from hub.extraction.schemas.fields import FieldType

_RATE = re.compile(r"(\d{1,2}(?:[.,]\d{1,3})?)\s*%")
_ADDED_UP = 0.96


def offers(document: Document) -> Iterator[Offer]:
    """Offer the sum of all rows that state a tax at a rate of its own, unless one states the whole."""
    for leaf in document.meaning("tax"):
        if leaf.field.type is not FieldType.MONEY:
            continue
        rows: dict[int, tuple[str, Candidate]] = {}
        for candidate in labelled(document.search, leaf.field, document.labels_of(leaf), document.taken):
            row = _row(document, candidate)
            rate = _RATE.search(" ".join(piece.text for piece in row))
            if rate is None:
                rows.clear()
                break
            rows.setdefault(row[0].row, (rate[1], candidate))
        if len({rate for rate, _ in rows.values()}) == len(rows) > 1:
            parts = [candidate for _, candidate in rows.values()]
            value = round(sum(float(part.value) for part in parts), 2)
            places = tuple(place for part in parts for place in part.places)
            yield leaf.path, Candidate(value, places, _ADDED_UP, "added up")


def _row(document: Document, candidate: Candidate) -> list[Piece]:
    start = candidate.places[0][0]
    number = next((piece.row for piece in document.layout.pieces if piece.start <= start < piece.end), 0)
    return list(document.layout.rows[number])
