"""The core of extraction: a reading, a schema and an engine in, a result out; it needs no server."""

from __future__ import annotations

from time import perf_counter

import msgspec

from hub.errors import Problem
from hub.extraction.assemble import assemble
from hub.extraction.confidence.curves import Calibration, shipped
from hub.extraction.engines import Engine
from hub.extraction.reading import Reading
from hub.extraction.results import Extraction, SchemaName, Timing
from hub.extraction.schemas.fields import Schema
from hub.ids import new_id, show


class Done(msgspec.Struct, frozen=True):
    """A result, and what the model answered word for word."""

    extraction: Extraction
    raw: str | None = None


async def extract_reading(  # noqa: PLR0913  # what is told besides is kept with the result
    reading: Reading,
    schema: Schema,
    engine: Engine,
    *,
    file: str = "",
    version: int = 1,
    read_ms: int = 0,
    calibration: Calibration | None = None,
) -> Done:
    """Apply a schema to a reading; confidence follows the shipped curves where no others are given."""
    start = perf_counter()
    answer = await engine.find(reading, schema)
    outcome = assemble(reading, schema, answer.findings, file, calibration or shipped())
    extraction = Extraction(
        id=show("ext", new_id()),
        schema=SchemaName(name=schema.name, version=version),
        file=file,
        record=outcome.record,
        records=[outcome.record],
        fields=outcome.fields,
        problems=[*_of_reading(reading), *answer.problems, *outcome.problems],
        layout=answer.layout,
        usage=answer.usage,
        timing_ms=Timing(read=read_ms, extract=round((perf_counter() - start) * 1000)),
    )
    return Done(extraction, answer.raw)


def _of_reading(reading: Reading) -> list[Problem]:
    return [Problem("", message) for message in reading.problems]
