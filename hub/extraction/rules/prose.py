"""What sentences say: who agrees with whom, from when until when, under which law."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from hub.extraction.rules.candidates import IN_PROSE, Candidate
from hub.extraction.rules.document import Document, Offer
from hub.extraction.rules.phrases import (
    BETWEEN,
    BRACKETS,
    CONJUNCTION,
    FIRST_OPENING,
    LAW,
    LEADS,
    LEGAL_TAIL,
    NAME_ENDS,
    NO_ROLES,
    OPENS,
    ROLE,
    TERM,
)
from hub.extraction.rules.vocabulary import concepts_named, key, vocabulary
from hub.extraction.schemas.fields import FieldType, Leaf
from hub.extraction.values.typed import scan

_REACH = 70


def offers(document: Document) -> Iterator[Offer]:
    """Offer what sentences announce, for the fields that mean it."""
    text = document.reading.text.replace("\n", " ")
    for leaf in document.leaves:
        for concept in document.concepts[leaf.path] & LEADS.keys():
            yield from _behind(document, leaf, text, LEADS[concept])
    for leaf in document.meaning("term"):
        for match in TERM.finditer(text):
            yield leaf.path, Candidate(" ".join(match["term"].split()), (match.span("term"),), IN_PROSE, "in prose")
    for leaf in document.meaning("governing_law"):
        for match in LAW.finditer(text):
            group = next(name for name, value in match.groupdict().items() if value)
            value = " ".join(match[group].split())
            yield leaf.path, Candidate(value, (match.span(group),), IN_PROSE, "in prose")


def _behind(document: Document, leaf: Leaf, text: str, lead: re.Pattern[str]) -> Iterator[Offer]:
    for match in lead.finditer(text):
        reach = text[match.end() : match.end() + _REACH]
        found = [one for one in scan(leaf.field, reach, document.conventions) if _fits(leaf, reach, one.start, one.end)]
        if found:
            place = (match.end() + found[0].start, match.end() + found[0].end)
            nearness = 0.04 * (1 - found[0].start / _REACH) - min(match.start() / max(len(text), 1), 1) * 0.02
            yield leaf.path, Candidate(found[0].value, (place,), IN_PROSE + nearness, "in prose")


def _fits(leaf: Leaf, reach: str, start: int, end: int) -> bool:
    """A sum of money in prose has a currency beside it; a date stands in the same sentence."""
    if leaf.field.type is FieldType.MONEY:
        around = reach[max(0, start - 5) : end + 12]
        return bool(re.search(r"[€$£¥]|(?<![A-Z])[A-Z]{3}(?![A-Z])|euro|franken|francs|dollars|pounds", around))
    return not re.search(r"[.;]\s+[A-Z]", reach[:start])


class Member(msgspec.Struct, frozen=True):
    """A party of an agreement with the characters of its name and role."""

    name: tuple[int, int]
    role: tuple[int, int] | None


def parties(document: Document, leaf: Leaf) -> Iterator[Offer]:
    """Fill a table of parties from the opening of an agreement: A Ltd ("Client") and B GmbH ("Contractor")."""
    columns = {part: column.name for column in leaf.field.fields for part in _parts(column.name)}
    if "name" not in columns:
        return
    text = document.reading.text[:6000]
    members = list(_with_roles(text)) or list(_labelled(document)) or list(_between(text))
    for index, member in enumerate(members):
        for part, place in (("name", member.name), ("role", member.role)):
            if place and part in columns:
                value = " ".join(text[place[0] : place[1]].split())
                yield f"{leaf.path}[{index}].{columns[part]}", Candidate(value, (place,), IN_PROSE, "in the opening")


def is_parties(leaf: Leaf) -> bool:
    """Tell whether a table holds the parties of an agreement."""
    return leaf.field.type is FieldType.TABLE and "party" in concepts_named(leaf.field.name)


def _parts(name: str) -> list[str]:
    if name in {"role", "rolle", "function", "capacity"}:
        return ["role"]
    return ["name"] if name in {"name", "party", "company"} or "name" in concepts_named(name) else []


def _with_roles(text: str) -> Iterator[Member]:
    at = 0
    for match in sorted([*ROLE.finditer(text), *_bracketed(text)], key=lambda found: found.start()):
        if match.start() < at:
            continue
        opening = None
        for candidate in OPENS.finditer(text, at, match.start()):
            opening = candidate
            if FIRST_OPENING.match(candidate[0].strip()):
                break
        begin = opening.end() if opening else at
        name = _name(text, begin, match.start())
        at = match.end()
        if name and match["role"].lower() not in NO_ROLES:
            yield Member(name, match.span("role"))


def _bracketed(text: str) -> Iterator[re.Match[str]]:
    """A role in brackets without quotes is one when it is a word for a party: Nova GmbH (Arbeitgeber)."""
    for match in BRACKETS.finditer(text):
        if any(meaning.concept == "party_role" for meaning in vocabulary().get(key(match["role"]), ())):
            yield match


def _labelled(document: Document) -> Iterator[Member]:
    """Forms write the role as a label: Landlord: Petra Novak."""
    for hit in document.labels.all:
        if hit.meaning({"party_role"}) is None or not hit.leads or not (hit.colon or hit.fills):
            continue
        word = hit.piece.text[hit.start : hit.end].rstrip(" .:=*")
        role = (hit.piece.start + hit.start, hit.piece.start + hit.start + len(word))
        if hit.fills:
            beside = next(iter(document.layout.right_of(hit.piece)), None)
            start, end = (beside.start, beside.end) if beside else (hit.piece.end, hit.piece.end)
        else:
            start, end = hit.piece.start + hit.end, hit.piece.end
        name = _name(document.layout.text, start, end)
        if name:
            yield Member(name, role)


def _between(text: str) -> Iterator[Member]:
    match = BETWEEN.search(text)
    if match:
        for group in ("one", "two"):
            name = _name(text, match.start(group), match.end(group))
            if name:
                yield Member(name, None)


def _name(text: str, start: int, end: int) -> tuple[int, int] | None:
    chunk = text[start:end]
    lead = CONJUNCTION.match(chunk)
    begin = lead.end() if lead else len(chunk) - len(chunk.lstrip())
    stop = NAME_ENDS.search(chunk, begin + 1)
    name_end = stop.start() if stop else len(chunk)
    tail = LEGAL_TAIL.match(chunk, name_end)
    name_end = tail.end() if tail else name_end
    name = chunk[begin:name_end].rstrip(" ,(-\u2013")
    if not 2 < len(name) <= 90 or not name[0].isupper():
        return None
    return start + begin, start + begin + len(name)
