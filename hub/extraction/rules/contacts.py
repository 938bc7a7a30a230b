"""Where a person lives: a place among the ways to reach them, at the top of a career."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hub.extraction.rules.blocks import has_legal_form, is_town
from hub.extraction.rules.candidates import BY_FORM, Candidate
from hub.extraction.rules.career import names_work
from hub.extraction.rules.document import Document, Offer
from hub.extraction.rules.layout import Piece
from hub.extraction.rules.sections import is_heading
from hub.extraction.rules.vocabulary import format_of
from hub.extraction.schemas.fields import Format
from hub.extraction.values.identifiers import find_emails, find_phones, find_urls

_BESIDE, _IN_BLOCK = 0.05, -0.05
_FIRST_ROWS, _MOST_WORDS = 14, 5
_PLACE = re.compile(r"[A-ZÀ-Ž][\w.'’ -]+,\s*[A-ZÀ-Ž][\w.'’ -]+|\d{4,5}\s+[A-ZÀ-Ž][\w'’-]+")
_NAMED = re.compile(r"[A-ZÀ-Ž][^\W\d_'’.]*(?:[ ,/'’-]+[^\W\d_'’.]+\.?){0,4}")
_PARTED = re.compile(r"\s*[|•·▪–—;]\s*|\s{2,}")


def offers(document: Document, name: Piece | None) -> Iterator[Offer]:
    """Offer short names of places that stand in one row or block with a mail address or a telephone number."""
    leaves = [
        leaf
        for leaf in document.meaning("location")
        if format_of(leaf.field) is not Format.ADDRESS and not leaf.parents
    ]
    if not leaves:
        return
    for block in document.blocks:
        pieces = _before_heading(document, block.pieces)
        if pieces and any(_reaches(piece.text) for piece in pieces):
            for piece in pieces:
                for start, end in () if piece is name else _places(document, piece):
                    score = BY_FORM + (_BESIDE if _reaches(piece.text) else _IN_BLOCK)
                    place = (piece.start + start, piece.start + end)
                    yield leaves[0].path, Candidate(piece.text[start:end], (place,), score, "with the contacts")


def _before_heading(document: Document, pieces: tuple[Piece, ...]) -> list[Piece]:
    """The pieces of a block at the top of the document under its own heading, up to the next one."""
    heads = [index for index, piece in enumerate(pieces) if index and is_heading(document, piece)]
    return [piece for piece in pieces[: heads[0] if heads else None] if piece.row < _FIRST_ROWS]


def _places(document: Document, piece: Piece) -> Iterator[tuple[int, int]]:
    at = 0
    for match in [*_PARTED.finditer(piece.text), None]:
        stop = match.start() if match else len(piece.text)
        part = piece.text[at:stop]
        if _is_place(part.strip()) and not document.labels.is_label(piece) and not is_heading(document, piece):
            lead = len(part) - len(part.lstrip())
            yield at + lead, at + len(part.rstrip())
        at = match.end() if match else stop


def _is_place(text: str) -> bool:
    if not text or _reaches(text) or has_legal_form(text) or names_work(text):
        return False
    if _PLACE.fullmatch(text) or is_town(text):
        return True
    return _NAMED.fullmatch(text) is not None and len(text.split()) <= _MOST_WORDS


def _reaches(text: str) -> bool:
    return bool(find_emails(text) or find_phones(text) or find_urls(text))
