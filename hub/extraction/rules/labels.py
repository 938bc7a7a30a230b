"""Labels in a layout: which pieces, or parts of them, announce a value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import msgspec

from hub.extraction.rules.blurred import Blurred, blurred, blurred_vocabulary
from hub.extraction.rules.layout import Layout, Piece
from hub.extraction.rules.vocabulary import GENERIC, SMALL, Index, Meaning, tokens

_LONGEST = 7
_COLON = re.compile(
    r"[°º]?(?:[^\S\n]+(?:le|du|on|at|by|am|bis|zum|of|the|is|est|ist)(?=[^\S\n]*:))?[^\S\n]*(?:\([^()]{0,40}\)|\[[^\[\]]{0,40}\]|\*+)?[^\S\n]*[.…_]{0,80}[^\S\n]*[:：=]"
)
_CLOSE = re.compile(r"[°º]?[^\S\n]*[.:：=*?]*[^\S\n]*")
# What may stand before and behind a label without making it a sentence: zzgl. 19 % MwSt., Sales tax (4.75%), Total CHF.
_BEFORE = re.compile(
    r"(?:\d{1,2}[a-z]?[.)]?\s+)?[\W_]*(?:(?:zzgl|zuzüglich|plus|incl|inkl|including|inclusive|enth|enthaltene|darin|"
    r"davon|dont|of which|add|less|your|ihre|votre|our|abzgl)\b\W*)*(?:\d{1,2}(?:[.,]\d{1,3})?\s*%\W*)?",
    re.IGNORECASE,
)
_BEHIND = re.compile(
    r"(?:\W*(?:@|at|à|of|von|mit)?\W*\d{1,2}(?:[.,]\d{1,3})?\s*%\W*)?\W*(?:(?:in )?(?:[A-Z]{3}|"
    r"[€$£¥])(?![^\W\d_]))?[\W_]*"
)
# A word or two in front of what a schema calls a field: Amtl. Kennzeichen, Total gross pay.
_FEW_BEFORE = re.compile(r"(?:[^\W\d_]+\.?\s+){1,2}")
# What the names of sums and numbers end with.
_ENDING = re.compile(r"(?:s|es|en|n)?(?:zahlung|betrag|summe|preis|nummer|nr|datum|bedrag|nummers?)")
_NUMBERED = re.compile(r"\d{1,2}[a-z]?[.)]?\s+")
_SHORT, _LONG, _COMPOUND = 4, 6, 10
_PREFIX, _JOINED = 3, re.compile(r"[-/_]\d")
_BEFORE_TAX = re.compile(
    r"[\s(,:\u2013-]*(?:excl|excluding|exclusive|ex\b|exkl|ohne|hors|before|without|zzgl|netto\b|net\b|HT\b|excl)",
    re.IGNORECASE,
)
_WITH_TAX = re.compile(r"[\s(,:\u2013-]*(?:incl|including|inclusive|inkl|TTC\b|brutto\b|gross\b|toutes)", re.IGNORECASE)


class Hit(msgspec.Struct, frozen=True, gc=False, eq=False):
    """A label: its meanings, where it ends, and whether it begins its piece, fills it, is followed by a colon."""

    piece: Piece
    start: int
    end: int
    meanings: tuple[Meaning, ...]
    leads: bool
    fills: bool
    colon: bool
    length: int

    def meaning(self, concepts: Iterable[str]) -> Meaning | None:
        """Return its meaning among some concepts, the strongest first."""
        wanted = [meaning for meaning in self.meanings if meaning.concept in concepts]
        return min(wanted, key=lambda meaning: meaning.weak, default=None)


class Labels:
    """All labels of a layout, by the piece they stand in."""

    def __init__(self, layout: Layout, indexes: Sequence[Index]) -> None:
        self.by_piece: dict[Piece, list[Hit]] = {}
        blurs = [blurred(indexes[0]), blurred_vocabulary()] if layout.scanned else []
        for piece in layout.pieces:
            hits = _hits(piece, indexes, blurs)
            if hits:
                self.by_piece[piece] = hits
        self.all = [hit for hits in self.by_piece.values() for hit in hits]

    def of(self, piece: Piece) -> list[Hit]:
        """Return the labels in a piece, from left to right."""
        return self.by_piece.get(piece, [])

    def is_label(self, piece: Piece) -> bool:
        """Tell whether a piece begins with a label and cannot be a value by itself."""
        hits = self.of(piece)
        return bool(hits) and hits[0].leads and (hits[0].fills or hits[0].colon)


def _hits(piece: Piece, indexes: Sequence[Index], blurs: Sequence[Blurred]) -> list[Hit]:
    words = tokens(piece.text)
    hits: list[Hit] = []
    at = 0
    while at < len(words):
        found = _longest(words, at, indexes) or _otherwise(words, at, indexes[0], blurs)
        if found and found[0] == 1 and at <= 1:
            joined = _compound(words[at][2], indexes[0])
            found = (1, (*found[1], *joined[1])) if joined else found
        if found is None or _reaches_beyond(words, at, found[0], indexes[0]):
            at += 1
            continue
        taken, meanings = found
        hit = _hit(piece, words, at, taken, meanings)
        if hit:
            hits.append(hit)
            at += taken
        else:
            at += 1
    return hits


def _otherwise(
    words: Sequence[tuple[int, int, str]], at: int, own: Index, blurs: Sequence[Blurred]
) -> tuple[int, tuple[Meaning, ...]] | None:
    """Look up what is no label as it stands: blurred in a scan, or the end of a longer word."""
    best: tuple[int, tuple[Meaning, ...]] | None = None
    joined = ""
    for taken, (_, _, word) in enumerate(words[at : at + _LONGEST] if blurs else (), start=1):
        joined += word
        meanings = tuple(meaning for blur in blurs for meaning in blur.get(joined))
        if meanings:
            best = taken, meanings
    return best or (_compound(words[at][2], own) if at <= 1 else None)


def _compound(word: str, own: Index) -> tuple[int, tuple[Meaning, ...]] | None:
    """German and Dutch join words: Versicherungsbeginn is a beginning, an Abschlagszahlung an Abschlag."""
    if len(word) < _COMPOUND:
        return None
    telling = [label for label in own if len(label) >= _LONG and label not in GENERIC]
    ends = [
        one for one in telling if word.endswith(one) or (word.startswith(one) and _ENDING.fullmatch(word, len(one)))
    ]
    longest = max(ends, key=len, default="")
    return (1, tuple(Meaning(one.concept, weak=True) for one in own[longest])) if longest else None


def _reaches_beyond(words: Sequence[tuple[int, int, str]], at: int, taken: int, own: Index) -> bool:
    """Tell whether what the schema calls a field begins within a label and ends behind it: Total gross pay."""
    inner = ((begin, _longest(words, begin, [own])) for begin in range(at + 1, at + taken))
    return any(found is not None and begin + found[0] > at + taken for begin, found in inner)


def _longest(
    words: Sequence[tuple[int, int, str]], at: int, indexes: Sequence[Index]
) -> tuple[int, tuple[Meaning, ...]] | None:
    best: tuple[int, tuple[Meaning, ...]] | None = None
    joined = bare = ""
    for taken, (_, _, word) in enumerate(words[at : at + _LONGEST], start=1):
        joined += word
        bare += word if word not in SMALL else ""
        meanings = tuple(meaning for index in indexes for meaning in index.get(joined, ()))
        if bare != joined and word not in SMALL and words[at][2] not in SMALL:
            meanings += indexes[0].get(bare, ())
        if meanings:
            best = taken, meanings
    return best


def _hit(
    piece: Piece, words: Sequence[tuple[int, int, str]], at: int, taken: int, meanings: tuple[Meaning, ...]
) -> Hit | None:
    start, end = words[at][0], words[at + taken - 1][1]
    if end - start <= _PREFIX and _JOINED.match(piece.text, end):
        return None  # PO-1441 is a number, not a label with one
    colon = _COLON.match(piece.text, end)
    leads = _BEFORE.fullmatch(piece.text, 0, start) is not None
    after = colon.end() if colon else _end_of_label(piece.text, end)
    meanings = _qualified(piece.text, end, meanings)
    length = sum(len(word) for _, _, word in words[at : at + taken])
    if not leads and not colon and length >= _LONG and _FEW_BEFORE.fullmatch(piece.text, 0, start):
        own = tuple(Meaning(meaning.concept, weak=True) for meaning in meanings if meaning.concept.startswith("field:"))
        leads, meanings = bool(own) and _BEHIND.fullmatch(piece.text, after) is not None, own or meanings
    ends = _BEHIND.fullmatch(piece.text, after) or _is_numbered(piece.text, start, after, meanings)
    fills = leads and bool(ends)
    if not leads and not colon and (length < _SHORT or all(meaning.weak for meaning in meanings)):
        return None
    if leads and not fills and not colon and length == 1:
        return None
    return Hit(piece, start, after, meanings, leads, fills, colon is not None, length)


def _is_numbered(text: str, start: int, after: int, meanings: tuple[Meaning, ...]) -> bool:
    """A numbered line of a form is a label to its end: 2 Business name, if different from above."""
    own = any(meaning.concept.startswith("field:") for meaning in meanings)
    return own and _NUMBERED.fullmatch(text, 0, start) is not None and not re.search(r"\d", text[after:])


def _qualified(text: str, end: int, meanings: tuple[Meaning, ...]) -> tuple[Meaning, ...]:
    """A total before tax is the net sum, a subtotal with tax the total."""
    before, with_tax = _BEFORE_TAX.match(text, end), _WITH_TAX.match(text, end)
    if not before and not with_tax:
        return meanings
    turned = {"total": "net"} if before else {"net": "total"}
    return tuple(Meaning(turned.get(one.concept, one.concept), one.weak) for one in meanings)


def _end_of_label(text: str, end: int) -> int:
    """A bracket after a label belongs to it: Total (EUR)."""
    bracket = re.compile(r"[^\S\n]*\([^()\d]{0,30}\)").match(text, end)
    close = _CLOSE.match(text, bracket.end() if bracket else end)
    return close.end() if close else end
