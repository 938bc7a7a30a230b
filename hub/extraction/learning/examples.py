"""Examples for prompts: documents of the same schema that people put right or confirmed, the nearest layout first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from hub.database import fetch, struct_from_jsonb
from hub.extraction.assemble import record_of
from hub.extraction.language_models.settings import Example
from hub.extraction.learning.layouts import Layouts
from hub.extraction.reading import Reading
from hub.extraction.results import Extraction, FieldResult
from hub.extraction.schemas.fields import Schema, leaves
from hub.extraction.stored_readings import StoredReadings
from hub.sealing import Vault

# Of a long document its beginning is shown, with the values that stand there.
LONGEST = 6000


class Examples:
    """Chooses what a model is shown of earlier documents."""

    def __init__(self, *, vault: Vault, layouts: Layouts) -> None:
        self._readings = StoredReadings(vault)
        self._layouts = layouts

    async def for_prompt(
        self, workspace: UUID, schema: Schema, reading: Reading, limit: int = 3
    ) -> tuple[Example, ...]:
        """Return up to some examples of a schema, none of them the document itself."""
        near = [layout.id for layout in await self._layouts.for_reading(workspace, schema.name, reading)]
        source = bytes.fromhex(reading.source) if reading.source else b""
        rows = await fetch(_CHOOSE, workspace, schema.name, near, source, limit)
        examples = []
        for row in rows:
            made = struct_from_jsonb(row["result"], Extraction)
            if kept := await self._readings.still(workspace, row["reading"]):
                examples.append(example_of(schema, kept.reading.text, made.fields))
        return tuple(examples)


def example_of(schema: Schema, text: str, fields: Mapping[str, FieldResult]) -> Example:
    """Make an example of a document that people put right: its beginning, and the values that stand there."""
    known = {leaf.path for leaf in leaves(schema.spec.fields)}
    shown = {path: field for path, field in fields.items() if path.partition("[")[0] in known}
    values = {path: _written(field, text) for path, field in shown.items() if _is_shown(field)}
    return Example(text=text[:LONGEST], record=record_of(schema, _without_gaps(values)))


def _is_shown(field: FieldResult) -> bool:
    """Tell whether the part of the document that is shown says the value."""
    ends = [one.characters[1] for one in field.evidence if one.characters]
    return field.value is not None and max(ends, default=0) <= LONGEST


def _written(field: FieldResult, text: str) -> Any:
    """Return a value as the document writes it, where that is known."""
    places = [one.characters for one in field.evidence if one.characters]
    if not places or isinstance(field.value, bool):
        return field.value
    return " ".join(" ".join(text[start:end].split()) for start, end in places)


def _without_gaps(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Leave out rows behind one that is not shown, so that no empty row is left between."""
    rows: dict[str, set[int]] = {}
    for path in values:
        root, _, rest = path.partition("[")
        if rest:
            rows.setdefault(root, set()).add(int(rest.partition("]")[0]))
    whole = {root: _first_missing(found) for root, found in rows.items()}
    return {path: value for path, value in values.items() if _row(path) < whole.get(path.partition("[")[0], 1)}


def _first_missing(rows: set[int]) -> int:
    return next(number for number in range(len(rows) + 1) if number not in rows)


def _row(path: str) -> int:
    rest = path.partition("[")[2]
    return int(rest.partition("]")[0]) if rest else 0


_CHOOSE = (
    "select e.result, e.reading from extractions e "
    "join readings r on r.workspace = e.workspace and r.id = e.reading and r.sha256 <> $4 "
    "where e.workspace = $1 and lower(e.schema_name) = lower($2) and e.verdict is distinct from 'incorrect' "
    "and json_array_length(e.result->'records') <= 1 and (e.verdict = 'correct' or exists ("
    "select 1 from corrections c where c.workspace = e.workspace and c.extraction = e.id and c.undone_at is null)) "
    "order by array_position($3::text[], e.layout) nulls last, (e.verdict = 'correct') desc nulls last, e.id desc "
    "limit $5"
)
