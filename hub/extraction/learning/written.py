"""The value in a line of text: where to look was learnt, and what it must look like."""

from __future__ import annotations

import re
from collections.abc import Sequence

from hub.extraction.learning.frame import Frame, Spot, words_in
from hub.extraction.learning.learnt import Shape, Way
from hub.extraction.rules.vocabulary import format_of, tokens, vocabulary
from hub.extraction.schemas.fields import Field, FieldType, Format
from hub.extraction.values.conventions import Conventions
from hub.extraction.values.found import Found
from hub.extraction.values.typed import Value, scan

NUMERIC = frozenset({FieldType.MONEY, FieldType.NUMBER, FieldType.INTEGER})
_FREE = frozenset({None, Format.TEXT, Format.NAME, Format.ADDRESS})
_DECIMALS = re.compile(r"\d[.,]\d{2}(?!\d)")
_TOKEN = re.compile(r"[^\W_]+")
_EDGES = " :.,;|=*\u00b7\u2022\u2013-"
_LONGEST = 300
_LONGEST_LABEL, _SHORTEST_LABEL = 7, 4


def is_free(field: Field) -> bool:
    """Tell whether any words may be the field's value, so that only their place tells them."""
    return field.type is FieldType.STRING and format_of(field) in _FREE


def shape_of(text: str, lines: int = 1) -> Shape:
    """Return how a value is written."""
    return Shape(
        digits=any(letter.isdigit() for letter in text),
        letters=any(letter.isalpha() for letter in text),
        decimals=_DECIMALS.search(text) is not None,
        lines=lines,
    )


def fits(field: Field, shape: Shape, text: str) -> bool:
    """Tell whether a value is written as the learnt one was: numbers with digits, sums with cents."""
    if not text.strip() or len(text) > _LONGEST:
        return False
    seen = shape_of(text)
    if is_free(field):
        return (seen.letters or not shape.letters) and not announces(text)
    if field.type is FieldType.STRING:
        return seen.digits == shape.digits or (seen.digits and not shape.digits and seen.letters)
    return not shape.decimals or seen.decimals or field.type is FieldType.INTEGER


def announces(text: str) -> bool:
    """Tell whether a text is a label known to the rules, or begins with one and a colon: it is no name then."""
    words = tokens(text[:100])[:_LONGEST_LABEL]
    joined = ""
    for index, (_, end, word) in enumerate(words):
        joined += word
        is_whole = index + 1 == len(words) or text[end:].lstrip()[:1] in {":", ","}
        if is_whole and len(joined) >= _SHORTEST_LABEL and joined in vocabulary():
            return True
    return False


def around(spot: Spot, start: int, end: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the words of a line before and behind a value, numbers left out."""
    words = [term for term in spot.terms if not _has_digit(spot.text[term.start - spot.start : term.end - spot.start])]
    before = tuple(term.word for term in words if term.end <= start)
    behind = tuple(term.word for term in words if term.start >= end)
    return before, behind


def rank(field: Field, frame: Frame, spot: Spot, start: int, conventions: Conventions) -> int:
    """Return which of the values in a line, counted from its beginning, begins at a character."""
    found = scanned(field, frame.text[spot.start : spot.end], conventions)
    return next((index for index, one in enumerate(found) if spot.start + one.end > start), 0)


def scanned(field: Field, text: str, conventions: Conventions) -> list[Found[Value]]:
    """Return the values of a field's type in a line."""
    flat = text.replace("\n", " ").replace("\t", " ")[:2000]
    return scan(_plain_field(field), flat, conventions)


def value_in(
    field: Field, frame: Frame, place: tuple[int, int], way: Way, conventions: Conventions
) -> Found[Value] | None:
    """Return the value that a way leads to in some characters, with its own characters."""
    start, end = _without(frame, place, way) if is_free(field) else place
    text = frame.text[start:end]
    found = scanned(field, text, conventions)
    if is_free(field):
        return _trimmed(text, start)
    if not found:
        return None
    chosen = found[way.nth] if way.nth < len(found) else found[-1]
    return Found(start + chosen.start, start + chosen.end, chosen.value)


def _plain_field(field: Field) -> Field:
    from msgspec.structs import replace

    kind = field.of if field.type is FieldType.LIST else field.type
    return replace(field, type=kind, format=format_of(field))


def _trimmed(text: str, offset: int) -> Found[Value] | None:
    lead = len(text) - len(text.lstrip(_EDGES + "\n\t"))
    value = text.strip(_EDGES + "\n\t")
    if not value:
        return None
    return Found(offset + lead, offset + lead + len(value), " ".join(value.split()))


def _without(frame: Frame, place: tuple[int, int], way: Way) -> tuple[int, int]:
    """Leave out the words that stood around the learnt value in its line."""
    start, end = place
    tokens = list(_TOKEN.finditer(frame.text[start:end]))
    first = _matched(tokens, way.before)
    last = _matched(tokens[::-1], way.behind[::-1])
    if first + last >= len(tokens):
        return place
    return (start + tokens[first - 1].end() if first else start, start + tokens[-last].start() if last else end)


def _matched(tokens: Sequence[re.Match[str]], wanted: Sequence[str]) -> int:
    """Return how many tokens it takes to say all that is wanted, numbers between them aside; 0 when they do not."""
    said = 0
    for index, token in enumerate(tokens):
        if said == len(wanted):
            return index if said else 0
        if words_in(token[0])[0] == wanted[said]:
            said += 1
        elif not _has_digit(token[0]):
            return 0
    return len(tokens) if said and said == len(wanted) else 0


def _has_digit(word: str) -> bool:
    return any(letter.isdigit() for letter in word)
