"""Fields of a form for fields of a schema: by the name in the file, or by what people see beside it."""

from __future__ import annotations

from collections.abc import Iterator

from hub.extraction.findings import Finding
from hub.extraction.reading import EmbeddedValue, Reading
from hub.extraction.rules.vocabulary import concepts_named, concepts_of, key, own_labels
from hub.extraction.schemas.fields import FieldType, Leaf, Schema, leaves
from hub.extraction.stated.as_typed import Typing

ENGINE, CONFIDENCE = "embedded", 0.97
NO_VALUES = frozenset({FieldType.TABLE, FieldType.LIST})


def find(reading: Reading, schema: Schema) -> dict[str, Finding]:
    """What was filled in, where a field of the form is called as one of the schema."""
    values = [value for file in reading.embedded if file.kind == "form" for value in file.values]
    if not values:
        return {}
    typing = Typing(reading.text)
    found: dict[str, Finding] = {}
    taken: set[str] = set()
    for leaf in leaves(schema.spec.fields):
        for value in _matching(values, leaf, schema) if leaf.field.type not in NO_VALUES else ():
            typed = typing.value(leaf.field, value.value)
            if typed is not None and value.selector not in taken:
                found[leaf.path] = _finding(value, typed)
                taken.add(value.selector)
                break
    return found


def _matching(values: list[EmbeddedValue], leaf: Leaf, schema: Schema) -> Iterator[EmbeddedValue]:
    """Fields called exactly so, then those whose name means the same."""
    place = key(leaf.path.replace(".", " "))
    wanted = {place, *(label for label, weak in own_labels(leaf.field).items() if not weak and not leaf.parents)}
    concepts = concepts_of(leaf, schema.name)
    yield from (value for value in values if {key(name) for name in _names(value)} & wanted)
    yield from (value for value in values if any(concepts_named(name) & concepts for name in _names(value)))


def _names(value: EmbeddedValue) -> list[str]:
    """What the field is called: its path in the file, the last part of it, its label."""
    own = value.path.rpartition(".")[2].partition("[")[0]
    return [name for name in (value.path.replace(".", " "), own, value.label) if name]


def _finding(value: EmbeddedValue, typed: str | float | bool) -> Finding:
    return Finding(
        value=typed,
        confidence=CONFIDENCE,
        engine=ENGINE,
        places=(value.characters,) if value.characters else (),
        selector=value.selector,
        written=value.text,
    )
