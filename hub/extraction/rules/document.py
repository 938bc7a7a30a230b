"""One document under the rules: its layout, labels and conventions, and what the schema asks of it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from hub.extraction.reading import Reading
from hub.extraction.rules.blocks import Block, blocks
from hub.extraction.rules.candidates import Candidate, Search
from hub.extraction.rules.labels import Labels
from hub.extraction.rules.layout import Layout, Piece, lay_out
from hub.extraction.rules.vocabulary import Index, Meaning, concepts_of, own_labels, vocabulary
from hub.extraction.schemas.fields import Leaf, Schema, leaves
from hub.extraction.values.conventions import Conventions, conventions_of

Offer = tuple[str, Candidate]


class Document:
    """What all rules look at; `taken` are the pieces of tables, which announce no other fields."""

    def __init__(self, reading: Reading, schema: Schema) -> None:
        self.reading = reading
        self.schema = schema
        self.leaves = list(leaves(schema.spec.fields))
        self.concepts = {leaf.path: concepts_of(leaf, schema.name) for leaf in self.leaves}
        self.layout: Layout = lay_out(reading)
        self.conventions: Conventions = conventions_of(reading.text)
        self.labels = Labels(self.layout, [self._own_labels(), vocabulary()])
        self.taken: set[Piece] = set()

    @property
    def search(self) -> Search:
        """What searches for values need."""
        return Search(self.layout, self.labels, self.conventions)

    @cached_property
    def blocks(self) -> list[Block]:
        """Pieces that stand under each other."""
        return blocks(self.layout)

    def meaning(self, *concepts: str) -> Iterator[Leaf]:
        """Return the fields that mean one of some concepts."""
        for leaf in self.leaves:
            if self.concepts[leaf.path] & set(concepts):
                yield leaf

    def labels_of(self, leaf: Leaf) -> frozenset[str]:
        """Return what a label must mean to announce a field."""
        return self.concepts[leaf.path] | {f"field:{leaf.path}"}

    def _own_labels(self) -> Index:
        index: dict[str, tuple[Meaning, ...]] = {}
        for leaf in self.leaves:
            for label, weak in own_labels(leaf.field).items():
                if not leaf.parents or weak is False:
                    meaning = Meaning(f"field:{leaf.path}", weak or bool(leaf.parents))
                    index[label] = (*index.get(label, ()), meaning)
        return index
