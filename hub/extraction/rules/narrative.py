"""Documents that are read rather than filled in: headings, sections, bylines, the text of an article."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from hub.extraction.evidence import squashed
from hub.extraction.findings import Finding
from hub.extraction.rules import career, contacts, prose
from hub.extraction.rules.candidates import BEHIND_COLON, Candidate
from hub.extraction.rules.document import Document, Offer
from hub.extraction.rules.layout import Piece
from hub.extraction.rules.sections import Section, sections
from hub.extraction.rules.vocabulary import key
from hub.extraction.schemas.fields import FieldType, Leaf
from hub.extraction.values.dates import find_dates

ENGINE = "layout"
_IN_SECTION, _HEADING, _STATED = 0.9, 0.75, 0.9
_PARTS = re.compile(r"\s*(?:[,;|•▪◦·∙]|\s[-\u2013\u2014]\s)\s*")
_LEAD = re.compile(r"[^:,]{2,30}:\s+")
_BULLET = re.compile(r"^\s*[•▪◦*\u2023·»–-]\s+")
_BYLINE = re.compile(
    r"^(?:by|von|par|text:?|autor:?|author:?|written by|words by|"
    r"auteur:?)\s+(?P<name>[A-ZÀ-Ý][\w.'’-]+(?:\s+(?:[A-ZÀ-Ý][\w.'’-]+|de|von|van|der|la|le)){1,4})",
    re.IGNORECASE,
)
_DOCUMENT_TITLE = re.compile(r"(?:curriculum vitae|résumé|resume|cv|lebenslauf|bewerbung)", re.IGNORECASE)
_LONGEST = 1_000_000
# Fields that the heading of a document fills; what a subject is called must be said.
_HEADLINES = {"title", "titel", "titre", "titulo", "titolo", "tytul", "headline", "heading", "name"}
_ABOUT = {"author", "published", "updated", "site", "date", "language"}
# How a sentence ends, and how many words a row without one has that only leads elsewhere: Newsletter.
_ENDED, _FEW = re.compile(r"[.!?…:;”»\"')]$"), 4
# What programs write as the author when nobody told them.
_NOBODY = {"anonymous", "(anonymous)", "unknown", "untitled", "user", "admin", "administrator", "owner"}
_FOOT = re.compile(r"\s*(?:©|\(c\)|copyright\b)", re.IGNORECASE)


def offers(document: Document) -> Iterator[Offer]:
    """Offer what headings, sections and sentences hold."""
    cut = sections(document, [f"field:{leaf.path}" for leaf in document.leaves if _heads(leaf)])
    for leaf in document.leaves:
        mine = [section for section in cut if section.concepts & document.labels_of(leaf)]
        if leaf.field.type is FieldType.LIST:
            yield from _list(document, leaf, mine)
        elif leaf.field.type is FieldType.TABLE and mine and career.is_career(leaf):
            yield from career.offers(document, leaf, mine[0])
        elif prose.is_parties(leaf):
            yield from prose.parties(document, leaf)
        elif mine and leaf.field.type is FieldType.STRING:
            yield from _paragraph(document, leaf, mine[0])
    yield from prose.offers(document)
    yield from _headings(document)
    yield from _byline(document)
    yield from contacts.offers(document, _tallest(document))
    yield from _body(document)


def _heads(leaf: Leaf) -> bool:
    return leaf.field.type in {FieldType.LIST, FieldType.TABLE}


def stated(document: Document, found: Collection[str]) -> dict[str, Finding]:
    """Return what the source says about itself in its metadata, for the fields that ask for it.

    Web pages are trusted before their text; in other files metadata is often a program's and only fills gaps.
    """
    metadata = document.reading.metadata
    trusted = document.reading.media_type == "text/html"
    about = {
        "author": ("author", metadata.author or metadata.properties.get("article:author")),
        "site": ("og:site_name", metadata.properties.get("og:site_name")),
        "language": ("language", (metadata.language or "")[:2].lower() or None),
        "title": ("title", metadata.properties.get("og:title")),
        "published": ("article:published_time", _day(metadata.properties.get("article:published_time"))),
    }
    if not about["language"][1]:
        about["language"] = ("words", document.conventions.language)
    findings: dict[str, Finding] = {}
    for concept, (name, value) in about.items():
        for leaf in document.meaning(concept):
            wanted = document.schema.name == "article" and (trusted or leaf.path not in found)
            if value and wanted and value.lower() not in _NOBODY:
                findings[leaf.path] = Finding(
                    value=value, confidence=_STATED, engine="embedded", selector=f"metadata:{name}", written=value
                )
    return findings


def _day(stamp: str | None) -> str | None:
    """Return the day of a moment in ISO 8601."""
    found = find_dates(stamp[:10]) if stamp else []
    return found[0].value.isoformat() if found else None


def _list(document: Document, leaf: Leaf, mine: Sequence[Section]) -> Iterator[Offer]:
    entries = [entry for section in mine[:1] for entry in _entries(document, section)]
    if not entries:
        for hit in document.labels.all:
            if hit.meaning(document.labels_of(leaf)) and hit.colon and hit.leads:
                entries = _split(document.layout.text, hit.piece.start + hit.end, hit.piece.end)
                break
    for index, (start, end) in enumerate(entries):
        value = " ".join(document.layout.text[start:end].split())
        yield f"{leaf.path}[{index}]", Candidate(value, ((start, end),), _IN_SECTION, "in its section")


def _entries(document: Document, section: Section) -> list[tuple[int, int]]:
    """Items are parted by commas, bullets or rows; a row of plain words is one item."""
    entries: list[tuple[int, int]] = []
    if section.inline:
        entries += _split(document.layout.text, *section.inline)
    for row in section.rows:
        if section.inline and _LEAD.match(row[0].text):
            # Behind a label with its own values stands the next label.
            break
        for piece in row:
            lead = _LEAD.match(piece.text)
            entries += _split(document.layout.text, piece.start + (lead.end() if lead else 0), piece.end)
    return entries


def _split(text: str, start: int, end: int) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    bullet = _BULLET.match(text[start:end])
    at = start + (bullet.end() if bullet else 0)
    for match in [*_PARTS.finditer(text, at, end), None]:
        stop = match.start() if match else end
        part = text[at:stop]
        kept = part.strip(" .\n\t")
        if any(letter.isalnum() for letter in kept):
            begin = at + part.index(kept)
            found.append((begin, begin + len(kept)))
        at = match.end() if match else end
    return found


def _paragraph(document: Document, leaf: Leaf, section: Section) -> Iterator[Offer]:
    pieces = [piece for row in section.rows for piece in row]
    places = ([section.inline] if section.inline else []) + [(piece.start, piece.end) for piece in pieces]
    value = " ".join(" ".join(document.layout.text[start:end].split()) for start, end in places)
    if value:
        yield leaf.path, Candidate(value, tuple(places), _IN_SECTION, "in its section")


def _headings(document: Document) -> Iterator[Offer]:
    """The tallest of the first rows is the title of a text, and the name on a CV."""
    heading = _tallest(document)
    if heading is None:
        return
    for leaf in document.leaves:
        concepts = document.concepts[leaf.path]
        titled = ("title" in concepts and key(leaf.field.name) in _HEADLINES) or (
            leaf.field.name == "name" and document.schema.name == "cv"
        )
        if titled and leaf.field.type is FieldType.STRING:
            start = heading.start + len(heading.text) - len(heading.text.lstrip("# "))
            value = " ".join(document.layout.text[start : heading.end].split())
            yield leaf.path, Candidate(value, ((start, heading.end),), _HEADING, "the heading")


def _tallest(document: Document) -> Piece | None:
    """The row that the page's own title begins with, else the tallest of the first rows."""
    title = squashed(document.reading.metadata.title or "")
    for piece in document.layout.pieces[:80] if document.reading.media_type == "text/html" else ():
        if len(squashed(piece.text)) >= 6 and title.startswith(squashed(piece.text)):
            return piece
    first = [
        piece for row in document.layout.rows[:10] for piece in row if piece.page == document.layout.rows[0][0].page
    ]
    named = [
        piece
        for piece in first
        if any(letter.isalpha() for letter in piece.text) and not _DOCUMENT_TITLE.fullmatch(piece.text.strip("# "))
    ]
    tallest = max((piece.height for piece in named), default=0.0)
    return next((piece for piece in named if piece.height >= tallest * 0.97), None)


def _byline(document: Document) -> Iterator[Offer]:
    leaves = list(document.meaning("author"))
    if not leaves:
        return
    for row in document.layout.rows[:15]:
        for piece in row:
            match = _BYLINE.match(piece.text)
            if match:
                place = (piece.start + match.start("name"), piece.start + match.end("name"))
                yield leaves[0].path, Candidate(match["name"], (place,), BEHIND_COLON - 0.05, "in the byline")


def _body(document: Document) -> Iterator[Offer]:
    """The text of an article begins behind its title, byline and date."""
    leaves = [leaf for leaf in document.meaning("text") if document.schema.name == "article"]
    heading = _tallest(document)
    if not leaves or heading is None:
        return
    rows = [row for row in document.layout.rows if row[0].start >= heading.end]
    while rows and _is_about(document, rows[0]):
        rows = rows[1:]
    sentences = any(_ENDED.search(row[-1].text) for row in rows)
    while rows and (_FOOT.match(rows[-1][0].text) or (sentences and _leads_elsewhere(rows[-1]))):
        rows = rows[:-1]
    if rows:
        start, end = rows[0][0].start, min(rows[-1][-1].end, rows[0][0].start + _LONGEST)
        yield leaves[0].path, Candidate(document.layout.text[start:end], ((start, end),), _HEADING, "below the heading")


def _leads_elsewhere(row: Sequence[Piece]) -> bool:
    """Tell whether a row is a few words that make no sentence, as links around an article are."""
    return not _ENDED.search(row[-1].text) and sum(len(piece.words) for piece in row) <= _FEW


def _is_about(document: Document, row: Sequence[Piece]) -> bool:
    """Tell whether a row speaks of the article: who wrote it, when, where."""
    text = " ".join(piece.text for piece in row)
    hit = next((hit for hit in document.labels.of(row[0])[:1] if hit.leads), None)
    labelled = hit is not None and (hit.colon or hit.fills) and hit.meaning(_ABOUT) is not None
    return len(text) < 120 and (labelled or bool(_BYLINE.match(text)) or _is_date(document, text))


def _is_date(document: Document, text: str) -> bool:
    return bool(find_dates(text, document.conventions.day_order)) and len(text) < 60
