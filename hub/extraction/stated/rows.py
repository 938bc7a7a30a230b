"""The row of a sheet that is a record: its cells are the fields that the names of the columns mean."""

from __future__ import annotations

from hub.extraction.findings import Finding
from hub.extraction.reading import Reading
from hub.extraction.schemas.fields import Schema, leaves
from hub.extraction.stated.as_typed import Typing

ENGINE, CONFIDENCE = "embedded", 0.97


def find(reading: Reading, schema: Schema) -> dict[str, Finding]:
    """What the cells say, taken for the types of their fields."""
    values = {value.path: value for file in reading.embedded if file.kind == "row" for value in file.values}
    if not values:
        return {}
    typing = Typing(reading.text)
    found: dict[str, Finding] = {}
    for leaf in leaves(schema.spec.fields):
        stated = values.get(leaf.path)
        value = typing.value(leaf.field, stated.value) if stated else None
        if stated and value is not None:
            found[leaf.path] = Finding(
                value=value,
                confidence=CONFIDENCE,
                engine=ENGINE,
                places=(stated.characters,) if stated.characters else (),
                selector=stated.selector,
                written=stated.text,
            )
    return found
