"""The corrected documents of a schema, as far as they can teach: their text, their record, their layout."""

from __future__ import annotations

from uuid import UUID

import msgspec

from hub.database import fetch, struct_from_jsonb
from hub.extraction.language_models.settings import Example
from hub.extraction.learning.examples import example_of
from hub.extraction.results import Extraction
from hub.extraction.schemas.fields import Schema
from hub.extraction.stored_readings import StoredReadings
from hub.sealing import Vault

# Providers take more, but corrections of so many documents are read into memory at once.
MOST = 2_000


class Corrected(msgspec.Struct, frozen=True):
    """A document that people confirmed or put right; `layout` is '' where its layout is not known."""

    example: Example
    language: str = ""
    layout: str = ""


async def corrected(vault: Vault, workspace: UUID, schema: Schema) -> list[Corrected]:
    """Return the documents of a schema that people put right or confirmed, the newest extraction of each."""
    readings = StoredReadings(vault)
    found = []
    for row in await fetch(_CORRECTED, workspace, schema.name, MOST):
        kept = await readings.still(workspace, row["reading"])
        made = struct_from_jsonb(row["result"], Extraction)
        if kept and kept.reading.text.strip():
            example = example_of(schema, kept.reading.text, made.fields)
            found.append(Corrected(example, kept.reading.language, row["layout"] or ""))
    return found


_CORRECTED = (
    "select * from (select distinct on (r.sha256) e.id, e.result, e.reading, e.layout from extractions e "
    "join readings r on r.workspace = e.workspace and r.id = e.reading "
    "where e.workspace = $1 and lower(e.schema_name) = lower($2) and e.verdict is distinct from 'incorrect' "
    "and json_array_length(e.result->'records') <= 1 and (e.verdict = 'correct' or exists ("
    "select 1 from corrections c where c.workspace = e.workspace and c.extraction = e.id and c.undone_at is null)) "
    "order by r.sha256, e.id desc) newest order by id desc limit $3"
)
