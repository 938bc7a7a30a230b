"""Lines of a party told apart: which is the name, which are the address."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from hub.extraction.rules.blocks import (
    comma_parts,
    has_legal_form,
    has_street_word,
    is_address,
    is_bare_legal_form,
    is_country,
    is_legal_form,
    is_street,
    is_town,
)
from hub.extraction.rules.candidates import Candidate
from hub.extraction.rules.layout import Piece

_NAME_LENGTH = 90
_LEADS_TO = re.compile(r"(?:für|for|pour|para|per|voor|dla|an|to)\s+(?=[A-ZÀ-Ž])")
# A name that ends so goes on in the next line.
_GOES_ON = re.compile(r"(?:&|\+|-|\b(?:and|und|et|y|e|i|en|of|for|für|de|di))$", re.IGNORECASE)


class Line(msgspec.Struct, frozen=True):
    """A line of a party's block, or a part of one, with its characters."""

    text: str
    start: int
    end: int


class Party(msgspec.Struct, frozen=True):
    """What was found of a company, and the pieces it was found in."""

    name: Candidate | None = None
    address: Candidate | None = None
    pieces: tuple[Piece, ...] = ()


def party_of(lines: Sequence[Line], pieces: tuple[Piece, ...], score: float) -> Party:
    """Tell name and address apart: the name comes first, the address ends with a town or a country."""
    lines = [part for line in lines for part in _by_commas(line)]
    if not lines:
        return Party()
    first = next((index for index, line in enumerate(lines) if _names(line.text)), None)
    if first is None:
        return Party()
    named = next(
        (i for i, line in enumerate(lines[: first + 4]) if has_legal_form(line.text) and _names(line.text)), first
    )
    lines[named] = _without_preposition(lines[named])
    broken = _broken_name(lines, named)
    places = tuple((line.start, line.end) for line in broken)
    name = Candidate(" ".join(line.text for line in broken), places, score, "in its block")
    address = address_in(lines[lines.index(broken[-1]) + 1 :], score)
    end = max(last for _, last in (*name.places, *(address.places if address else ())))
    return Party(name, address, tuple(piece for piece in pieces if piece.start < end))


def _by_commas(line: Line) -> Iterator[Line]:
    """Part a line that holds name and address: Acme Ltd, 5 High Street, London."""
    pieces = [Line(line.text[start:end], line.start + start, line.start + end) for start, end in comma_parts(line.text)]
    if (
        len(pieces) > 2
        and _names(pieces[0].text)
        and any(is_street(piece.text) or is_town(piece.text) for piece in pieces[1:])
    ):
        if has_legal_form(pieces[0].text + ", " + pieces[1].text[:8]) and len(pieces[1].text) <= 8:
            yield Line(f"{pieces[0].text}, {pieces[1].text}", pieces[0].start, pieces[1].end)
            yield from pieces[2:]
        else:
            yield from pieces
    else:
        yield line


def _names(text: str) -> bool:
    if len(text) > _NAME_LENGTH or is_town(text) or is_country(text) or not text[0].isalnum():
        return False
    if is_legal_form(text):
        return False
    return has_legal_form(text) or not (is_street(text) and any(letter.isdigit() for letter in text))


def _without_preposition(line: Line) -> Line:
    """The name begins behind the word that leads to it: für Familie Sauer."""
    lead = _LEADS_TO.match(line.text)
    return Line(line.text[lead.end() :], line.start + lead.end(), line.end) if lead else line


def _broken_name(lines: Sequence[Line], named: int) -> Sequence[Line]:
    """Return the lines of a name: its legal form may stand below it, or its first words above it."""
    first, last = named, named
    if named + 1 < len(lines) and is_bare_legal_form(lines[named + 1].text):
        last += 1
    if named and _GOES_ON.search(lines[named - 1].text) and _names(lines[named - 1].text):
        first -= 1
    return lines[first : last + 1]


def address_in(lines: Sequence[Line], score: float) -> Candidate | None:
    """Take the lines from the first that looks like an address up to the town, and the country behind it."""
    first = next((index for index, line in enumerate(lines[:4]) if is_address(line.text)), None)
    if first is None:
        return None
    if first > 0 and is_town(lines[first].text) and not has_street_word(lines[first].text):
        first -= 1  # a building without a number
    taken: list[Line] = []
    for index, line in enumerate(lines[first : first + 6], start=first):
        before_town = index + 1 < len(lines) and is_town(lines[index + 1].text)
        if any(is_town(other.text) for other in taken) and not is_country(line.text):
            break
        if not is_address(line.text) and not before_town and taken:
            break
        taken.append(line)
    if not any(is_town(line.text) or is_street(line.text) for line in taken):
        return None
    value = ", ".join(line.text.strip(" ,") for line in taken)
    return Candidate(value, tuple((line.start, line.end) for line in taken), score, "in its block")
