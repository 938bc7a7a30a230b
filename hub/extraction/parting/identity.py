"""Which field names a document among others, and the labels of a schema that stand in a reading."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from hub.extraction.evidence import squashed
from hub.extraction.reading import Reading
from hub.extraction.rules.candidates import labelled
from hub.extraction.rules.document import Document
from hub.extraction.rules.vocabulary import concepts_of, format_of
from hub.extraction.schemas.fields import FieldType, Format, Leaf, Schema, leaves
from hub.extraction.stated import embedded

# What numbers documents are known by.
NUMBERS = frozenset(
    [
        *("invoice_number", "order_number", "purchase_order", "receipt_number", "contract_number"),
        *("quote_number", "delivery_note"),
    ]
)
# How sure a number must be the one that a label announces.
SURE = 0.8


class Sighting(msgspec.Struct, frozen=True):
    """A number of a document as it is written, bare of all but letters and digits, and where it stands."""

    written: str
    bare: str
    start: int
    top: float


def identifying(schema: Schema) -> Leaf | None:
    """The field that names a document: its number, else its first identifier, None when there is none."""
    single = [leaf for leaf in leaves(schema.spec.fields) if not leaf.parents and leaf.field.type is FieldType.STRING]
    numbers = [leaf for leaf in single if concepts_of(leaf, schema.name) & NUMBERS]
    others = [leaf for leaf in single if format_of(leaf.field) is Format.IDENTIFIER]
    return next(iter([*numbers, *others]), None)


def sightings(document: Document, leaf: Leaf) -> Iterator[Sighting]:
    """The numbers that labels of the field announce, in the order of the text."""
    field = msgspec.structs.replace(leaf.field, format=format_of(leaf.field) or Format.IDENTIFIER)
    tops = {piece.start: piece.top for piece in document.layout.pieces}
    starts = sorted(tops)
    found = [one for one in labelled(document.search, field, document.labels_of(leaf)) if one.score >= SURE]
    for candidate in sorted(found, key=lambda one: one.places[0]):
        start = candidate.places[0][0]
        piece = next((at for at in reversed(starts) if at <= start), None)
        written = str(candidate.value)
        yield Sighting(written, squashed(written), start, tops[piece] if piece is not None else 0.0)


def fields_told(reading: Reading, schema: Schema) -> set[str]:
    """The fields whose label stands in the reading, or which a file inside it states."""
    document = Document(reading, schema)
    told = {path.partition("[")[0] for path, one in embedded.find(reading, schema).items() if one.file != "header"}
    said = frozenset[str]().union(*announced(document).values())
    return told | {leaf.path for leaf in document.leaves if document.labels_of(leaf) & said}


def announced(document: Document) -> dict[int, set[str]]:
    """What the labels on each page surely announce."""
    pages: dict[int, set[str]] = {}
    for hit in document.labels.all:
        concepts = {meaning.concept for meaning in hit.meanings if not meaning.weak}
        pages.setdefault(hit.piece.page, set()).update(concepts)
    return pages
