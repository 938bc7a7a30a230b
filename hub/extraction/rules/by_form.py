"""Values that need no label: accounts, mail addresses, currencies, the date of a document with one date."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from hub.extraction.rules.candidates import BY_FORM, Candidate
from hub.extraction.rules.document import Document, Offer
from hub.extraction.rules.layout import Piece
from hub.extraction.rules.vocabulary import format_of
from hub.extraction.schemas.fields import Field, FieldType, Format, Leaf
from hub.extraction.values.currencies import find_currencies
from hub.extraction.values.dates import find_times
from hub.extraction.values.identifiers import find_ibans
from hub.extraction.values.months import plain
from hub.extraction.values.typed import scan

_BEGUN = re.compile(r"(?<![A-Z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{1,4}){2,7}$")
_CHECKSUM, _LONE = 0.9, 0.6
_SELF_EVIDENT = {Format.IBAN: _CHECKSUM, Format.EMAIL: BY_FORM + 0.1, Format.URL: BY_FORM, Format.PHONE: BY_FORM}
_OTHER_DATES = {
    "due_date",
    "delivery_date",
    "service_date",
    "service_period",
    "order_date",
    "end_date",
    "effective_date",
}
_SAYS_DATE = re.compile(r"(?<!\w)(?:dat[aeou]?\w{0,2}|dated|fecha|dag|tarih|paiva\w*|kelt\w*|дата|ημερομηνια)(?!\w)")
_DATED = {"issue_date", "order_date", "date", "published"}


def offers(document: Document) -> Iterator[Offer]:
    """Offer what is known by its form alone, in the order of the document."""
    for leaf in document.leaves:
        form = format_of(leaf.field)
        if form in _SELF_EVIDENT and leaf.field.type is FieldType.STRING and not leaf.parents:
            yield from _all(document, leaf, form, _SELF_EVIDENT[form])
            yield from _broken_accounts(document, leaf) if form is Format.IBAN else ()


def _all(document: Document, leaf: Leaf, form: Format, score: float) -> Iterator[Offer]:
    field = Field(name=leaf.field.name, format=form)
    for index, piece in enumerate(document.layout.pieces):
        for found in scan(field, piece.text, document.conventions):
            place = (piece.start + found.start, piece.start + found.end)
            yield leaf.path, Candidate(found.value, (place,), score - min(index, 300) * 0.0001, "by its form")


def _broken_accounts(document: Document, leaf: Leaf) -> Iterator[Offer]:
    """An account may break in a narrow column; its checksum proves that the row below goes on with it."""
    for piece in document.layout.pieces:
        begun = _BEGUN.search(piece.text)
        if begun is None or find_ibans(piece.text):
            continue
        for below in document.layout.below(piece, 1.5)[:2]:
            for found in find_ibans(f"{begun[0]} {below.text}"):
                taken = found.end - len(begun[0]) - 1
                places = ((piece.start + begun.start(), piece.end), (below.start, below.start + taken))
                yield leaf.path, Candidate(found.value, places, _CHECKSUM - 0.02, "by its checksum")


def fallbacks(document: Document, chosen: Mapping[str, Candidate]) -> dict[str, Candidate]:
    """Fill what depends on what was chosen: the currency of the sums, a lone date, a time of day."""
    found: dict[str, Candidate] = {}
    for leaf in document.leaves:
        if leaf.path in chosen:
            continue
        candidate = _fallback(document, leaf, chosen)
        if candidate:
            found[leaf.path] = candidate
    return found


def _fallback(document: Document, leaf: Leaf, chosen: Mapping[str, Candidate]) -> Candidate | None:
    form = format_of(leaf.field)
    if form is Format.CURRENCY:
        return _currency(document, chosen)
    if form is Format.TIME and "time" in document.concepts[leaf.path]:
        return _time(document)
    if leaf.field.type is FieldType.DATE and document.concepts[leaf.path] & _DATED:
        return _first_date(document, leaf, chosen)
    return None


def _currency(document: Document, chosen: Mapping[str, Candidate]) -> Candidate | None:
    """The currency written beside the sums that were chosen, else the one written most."""
    sums = [leaf.path for leaf in document.leaves if leaf.field.type is FieldType.MONEY and leaf.path in chosen]
    rows = {_row_of(document, chosen[path]) for path in sums}
    home = document.conventions.home_currency
    everywhere: list[tuple[str, tuple[int, int], bool]] = []
    for piece in document.layout.pieces:
        for one in find_currencies(piece.text, home):
            place = (piece.start + one.start, piece.start + one.end)
            everywhere.append((one.value, place, piece.row in rows))
    near = [entry for entry in everywhere if entry[2]] or everywhere
    if not near:
        return None
    code, count = Counter(value for value, _, _ in near).most_common(1)[0]
    place = next(place for value, place, _ in near if value == code)
    return Candidate(code, (place,), 0.93 if count == len(near) else 0.8, "beside the sums")


def _row_of(document: Document, candidate: Candidate) -> int:
    start = candidate.places[0][0]
    return next((piece.row for piece in document.layout.pieces if piece.start <= start < piece.end), -1)


def _time(document: Document) -> Candidate | None:
    for piece in document.layout.pieces:
        for one in find_times(piece.text):
            place = (piece.start + one.start, piece.start + one.end)
            written = one.value.isoformat("seconds" if one.value.second else "minutes")
            return Candidate(written, (place,), BY_FORM, "by its form")
    return None


def _names_another(document: Document, piece: Piece) -> bool:
    """Tell whether a label in the piece says that its date is another one."""
    meanings = [{meaning.concept for meaning in hit.meanings} for hit in document.labels.of(piece)]
    return any(concepts & _OTHER_DATES and not concepts & _DATED for concepts in meanings)


def _is_announced(document: Document, piece: Piece, start: int) -> bool:
    """Tell whether words with a colon, or a label beside it, say of a date what it is, and not that it is the date."""
    row = document.layout.rows[piece.row]
    before = next((other for other in reversed(row) if other.right <= piece.left), None)
    inline = piece.text[: start - piece.start].rstrip()
    words = inline if inline.endswith(":") else before.text if before and not inline else ""
    holder = piece if inline else before
    hits = document.labels.of(holder) if words and holder else []
    told = words.rstrip().endswith(":") or any(hit.fills for hit in hits)
    dated = any(hit.meaning(_DATED) for hit in hits) or _SAYS_DATE.search(plain(words)) is not None
    return told and not dated


def _first_date(document: Document, leaf: Leaf, chosen: Mapping[str, Candidate]) -> Candidate | None:
    used = {place for candidate in chosen.values() for place in candidate.places}
    for piece in document.layout.pieces:
        if piece in document.taken:
            continue
        for one in scan(leaf.field, piece.text, document.conventions):
            place = (piece.start + one.start, piece.start + one.end)
            announced = _names_another(document, piece) or _is_announced(document, piece, place[0])
            if place not in used and not announced:
                return Candidate(one.value, (place,), _LONE, "the first date")
    return None
