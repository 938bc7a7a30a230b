"""Values beside, behind and below their labels, each with how far it can be trusted."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

import msgspec

from hub.extraction.rules.blocks import is_town
from hub.extraction.rules.labels import Hit, Labels
from hub.extraction.rules.layout import Layout, Piece, shares_width
from hub.extraction.rules.picking import pick
from hub.extraction.rules.vocabulary import SMALL, tokens
from hub.extraction.schemas.fields import Field, FieldType, Format
from hub.extraction.values.conventions import Conventions
from hub.extraction.values.currencies import find_currencies
from hub.extraction.values.found import Found
from hub.extraction.values.typed import Value, scan

Places = tuple[tuple[int, int], ...]

# How far a value is trusted by the way it was found; docs/extraction.md tells them to people.
BEHIND_COLON, BEHIND, BESIDE, BELOW, IN_PROSE, BY_FORM = 0.95, 0.9, 0.93, 0.88, 0.8, 0.7
SHORT = 0.75
_ADDRESS = 80
# From how many words on a row is a sentence, and of how many rows a paragraph may be.
_SENTENCE_WORDS, _LONGEST_PARAGRAPH = 5, 60
_WEAK = 0.85
# How long a label must be to announce words without a colon, and what these look like.
_TELLING = 8
_ANSWER = re.compile(r"[A-Z0-9À-Ž][\w./&'-]*(?:\s[A-Z0-9À-Ž(][\w./&'()-]*){0,2}")
_NUMERIC = {FieldType.MONEY, FieldType.NUMBER, FieldType.INTEGER}
_LINK = re.compile(
    r"[\s:.=#\u2013-]*(?:(?:is|are|on|by|of|to|at|was|the|am|zum|den|der|vom|von|ist|beträgt|bis|le|du|de|est|la|au|el|il)\b[\s:]*){0,3}"
    r"(?:[^\W\d_]{2,10},?\s+)?(?:[$€£¥]|[A-Z]{3})?\s*"
)
# In front of the name of another document: for invoice 57439, zur Rechnung 12.
_REFERS = re.compile(
    r"\b(?:for|of|to|against|on|from|zu|zur|auf|der|sur|pour|de la|à la|de|del|alla|della|per la|op|van|bij|da|do|"
    r"referente à|dla|do)\s*(?:the|our|your|la|le|de|el)?\s*$",
    re.IGNORECASE,
)
_REFERRED = 0.15
# What a sum's label may say besides: its tax, its currency, when it is to be paid.
_ABOUT_SUMS = re.compile(
    r"(?i)(?<!\w)(?:incl\w*|excl\w*|inkl\w*|exkl\w*|before|without|with|inclusive|exclusive|toutes?|taxes?|comprises?|"
    r"brutto|netto|gesamt|amount|value|total\w*|betrag|summe|sum|due|payable|mwst|steuer|ust|payer|payez|zahlen|"
    r"euros?|dollars?|pounds?|invoice|rechnung|facture|factura|fattura|factuur|fatura|faktury|order|bestellung|"
    r"this|diese\w*|month|period|auf|sur|from|impuestos|incluidos|inclusa|esclusa|compresa|podat\w*)(?!\w)"
)
# Words behind a sum begin what is said of another one.
_OTHER = re.compile(r"[^\W\d_]{4,}")
_CENTS = re.compile(r"[.,]\d{2}(?!\d)")


class Candidate(msgspec.Struct, frozen=True):
    """A possible value of a field, the characters that say so, and a score up to 1."""

    value: Value
    places: Places
    score: float
    way: str


class Search(msgspec.Struct, frozen=True):
    """What a search for values needs to know of the document."""

    layout: Layout
    labels: Labels
    conventions: Conventions


def labelled(
    search: Search, field: Field, concepts: Collection[str], skip: Collection[Piece] = ()
) -> Iterator[Candidate]:
    """Find the values that labels of some concepts announce; pieces to skip belong to tables of lines."""
    for hit in search.labels.all:
        meaning = hit.meaning(concepts)
        if meaning is None or hit.piece in skip:
            continue
        factor = _WEAK if meaning.weak else 1.0
        for candidate in _near(search, field, hit, skip):
            yield msgspec.structs.replace(candidate, score=candidate.score * factor)


def _near(search: Search, field: Field, hit: Hit, skip: Collection[Piece]) -> Iterator[Candidate]:
    inline = _inline(search, field, hit)
    if inline:
        yield inline
        return
    if not hit.leads and hit.colon:
        yield from _wrapped(search, field, hit)
    if not hit.fills and not (hit.leads and field.type in _NUMERIC):
        return
    beside = _beside(search, field, hit, skip)
    below = _below(search, field, hit, skip) if hit.fills else None
    if beside and below and _heads_column(search, hit):
        beside = None
    yield from (one for one in (beside, below) if one)


def _inline(search: Search, field: Field, hit: Hit) -> Candidate | None:
    text, offset, colon = _rest(search, hit)
    if not text.strip():
        return None
    found = pick(field, text, search.conventions)
    if found is None:
        return None
    if not colon and not _follows(field, text, found, own=_is_own(hit)):
        return _short_answer(field, hit, found, offset)
    prose = not hit.leads and not colon
    if prose and field.type is FieldType.STRING and field.format is None:
        return None
    score = BEHIND_COLON if colon else BEHIND
    if prose:
        score = IN_PROSE - (_REFERRED if _REFERS.search(hit.piece.text[: hit.start]) else 0)
    place = (offset + found.start, offset + found.end)
    return Candidate(found.value, (place,), score, "in prose" if prose else "behind its label")


def _short_answer(field: Field, hit: Hit, found: Found[Value], offset: int) -> Candidate | None:
    """Few words behind what the schema calls a field, in one line of a form: Payment method BACS."""
    plain = field.type is FieldType.STRING and field.format in {None, Format.TEXT, Format.NAME}
    named = any(one.concept.startswith("field:") and not one.weak for one in hit.meanings)
    if named and plain and hit.leads and hit.length >= _TELLING and _ANSWER.fullmatch(str(found.value)):
        return Candidate(found.value, ((offset + found.start, offset + found.end),), SHORT, "behind its label")
    return None


def _is_own(hit: Hit) -> bool:
    """Tell whether a label is what the schema calls a field, and nothing that documents generally say."""
    return all(one.concept.startswith("field:") and not one.weak for one in hit.meanings)


def _wrapped(search: Search, field: Field, hit: Hit) -> Iterator[Candidate]:
    """A sentence may break behind its colon; the value begins the next row."""
    row = hit.piece.row + 1
    if hit.piece.text[hit.end :].strip() or row >= len(search.layout.rows):
        return
    piece = search.layout.rows[row][0]
    found = pick(field, piece.text, search.conventions)
    if found and found.start <= 2 and piece.page == hit.piece.page:
        yield Candidate(
            found.value, ((piece.start + found.start, piece.start + found.end),), IN_PROSE, "in the next row"
        )


def _rest(search: Search, hit: Hit) -> tuple[str, int, bool]:
    """Return what follows a label in its piece up to the next label, and whether a colon announces it.

    Small words join two labels to one: Validité du devis : 3 mois.
    """
    piece, start, colon = hit.piece, hit.end, hit.colon
    for other in search.labels.of(piece):
        between = piece.text[start : other.start]
        if other.start < start or not (other.colon or not colon):
            continue
        if colon or not other.colon or not between.strip() or any(word not in SMALL for _, _, word in tokens(between)):
            return between, piece.start + start, colon
        start, colon = other.end, True
    return piece.text[start:], piece.start + start, colon


def _follows(field: Field, text: str, found: Found[Value], *, own: bool) -> bool:
    """Without a colon a value stands right behind its label, and plain words are none."""
    if field.type in _NUMERIC:
        return own or _is_sum(text, found) or not _OTHER.search(_ABOUT_SUMS.sub("", text[: found.start]))
    if field.type is FieldType.STRING and field.format in {None, Format.TEXT, Format.NAME, Format.ADDRESS}:
        return False
    return _LINK.fullmatch(text[: found.start]) is not None


def _is_sum(text: str, found: Found[Value]) -> bool:
    """A number with cents or a currency is a sum; one without may count anything: Total packages 2,160."""
    return bool(_CENTS.search(text[found.start : found.end]) or find_currencies(text))


def _beside(search: Search, field: Field, hit: Hit, skip: Collection[Piece]) -> Candidate | None:
    best: Candidate | None = None
    before = hit.piece
    for piece in search.layout.right_of(hit.piece):
        if piece in skip or (search.labels.is_label(piece) and not _answers(search, field, piece)):
            break
        if field.type in _NUMERIC and len(piece.text) <= _ADDRESS and is_town(piece.text):
            break
        if field.type not in _NUMERIC and piece.left - before.right > 30 * before.height:
            break
        found = pick(field, piece.text, search.conventions)
        if found and not best and not _counts_for(field, hit, piece, found):
            break
        if best and not found and _OTHER.search(piece.text):
            break
        if found:
            best = Candidate(
                found.value, ((piece.start + found.start, piece.start + found.end),), BESIDE, "beside its label"
            )
            if field.type is not FieldType.MONEY:
                return best
        before = piece
    return best


def _counts_for(field: Field, hit: Hit, piece: Piece, found: Found[Value]) -> bool:
    """Beside a label that goes on in other words stands a sum or nothing: Gross profit 2,711."""
    if field.type not in _NUMERIC or hit.fills or _is_own(hit) or _is_sum(piece.text, found):
        return True
    return not _OTHER.search(_ABOUT_SUMS.sub("", hit.piece.text[hit.end :]))


def _answers(search: Search, field: Field, piece: Piece) -> bool:
    """A word that is a label elsewhere may be the answer asked for: No, Invoice."""
    if field.type not in {FieldType.BOOLEAN, FieldType.ENUM}:
        return False
    found = scan(field, piece.text, search.conventions)
    return len(found) == 1 and found[0].end - found[0].start >= len(piece.text.strip(" .:"))


def _below(search: Search, field: Field, hit: Hit, skip: Collection[Piece]) -> Candidate | None:
    for piece in search.layout.below(hit.piece):
        if piece in skip:
            continue
        if search.labels.is_label(piece):
            return None
        found = pick(field, piece.text, search.conventions)
        if found is None:
            return None
        place = (piece.start + found.start, piece.start + found.end)
        if field.format is Format.TEXT and len(piece.words) >= _SENTENCE_WORDS:
            return _paragraph(search, piece)
        return Candidate(found.value, (place,), BELOW, "below its label")
    return None


def _paragraph(search: Search, first: Piece) -> Candidate:
    """Sentences go on in the rows below, as far as these begin at the same height of the line and are no labels."""
    pieces = [first]
    while len(pieces) < _LONGEST_PARAGRAPH:
        below = [one for one in search.layout.below(pieces[-1], 0.9) if abs(one.left - first.left) < first.height]
        if not below or search.labels.is_label(below[0]) or len(search.layout.rows[below[0].row]) > 1:
            break
        if pieces[-1].text.rstrip().endswith((".", "!", "?")) and len(below[0].words) < _SENTENCE_WORDS:
            break
        pieces.append(below[0])
    value = " ".join(" ".join(piece.text.split()) for piece in pieces)
    return Candidate(value, tuple((piece.start, piece.end) for piece in pieces), BELOW, "below its label")


def _heads_column(search: Search, hit: Hit) -> bool:
    """In a row of labels the values stand below, and what stands beside is another's."""
    row = search.layout.rows[hit.piece.row]
    if len(row) < 2 or not all(search.labels.is_label(piece) for piece in row):
        return False
    return all(any(shares_width(piece, other) for other in search.layout.below(piece)) for piece in row)
