"""The core of extraction: a reading, a schema and an engine in, a result out; it needs no server."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from time import perf_counter
from typing import Any

import msgspec

from hub.errors import Problem
from hub.extraction.assemble import assemble
from hub.extraction.confidence.curves import Calibration, shipped
from hub.extraction.engines import Answer, Engine, Local, LocalEngine
from hub.extraction.reading import Reading
from hub.extraction.results import Extraction, Part, SchemaName, Timing, Usage
from hub.extraction.schemas.fields import Schema
from hub.extraction.splitting import MOST, Piece, piece_of
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
    local: LocalEngine | None = None,
) -> Done:
    """Apply a schema to a reading, to each part of it where it holds several records.

    Confidence follows the shipped curves where no others are given; `local` looks for the parts, in this process when
    there is none.
    """
    start = perf_counter()
    cuts = await (local or Local()).cuts(reading, schema)
    curves = calibration or shipped()
    found = [await _extract_part(piece_of(reading, cut), schema, engine, file, curves) for cut in cuts[:MOST]]
    first = found[0]
    extraction = Extraction(
        id=show("ext", new_id()),
        schema=SchemaName(name=schema.name, version=version),
        file=file,
        record=first.record,
        records=[one.record for one in found],
        fields=first.part.fields,
        problems=[*_of_reading(reading, len(cuts)), *first.part.problems],
        parts=[one.part for one in found] if len(found) > 1 else [],
        layout=first.answer.layout,
        usage=_used([one.answer.usage for one in found]),
        timing_ms=Timing(read=read_ms, extract=round((perf_counter() - start) * 1000)),
    )
    return Done(extraction, "\n\n".join(one.answer.raw for one in found if one.answer.raw is not None) or None)


class _Found(msgspec.Struct, frozen=True):
    """One record with what the engine said of it."""

    answer: Answer
    record: dict[str, Any]
    part: Part


async def _extract_part(piece: Piece, schema: Schema, engine: Engine, file: str, curves: Calibration) -> _Found:
    answer = await engine.find(piece.reading, schema)
    name = "#".join(filter(None, (file, piece.file)))
    # Looking for the places of values in a long document takes seconds.
    outcome = await asyncio.to_thread(assemble, piece.reading, schema, answer.findings, name, curves)
    # What cannot be read of the source itself is told once, by it.
    unread = [Problem("", f"{piece.file}: {message}") for message in piece.reading.problems if piece.file]
    part = Part(
        title=piece.title,
        pages=piece.pages,
        fields=piece.placed(outcome.fields),
        problems=[*unread, *answer.problems, *outcome.problems],
    )
    return _Found(answer, outcome.record, part)


def _used(usages: Sequence[Usage]) -> Usage:
    """What the models took for all records together; who answered last is told."""
    answered = next((usage for usage in reversed(usages) if usage.model), usages[0])
    return msgspec.structs.replace(
        answered,
        input_tokens=sum(usage.input_tokens for usage in usages),
        output_tokens=sum(usage.output_tokens for usage in usages),
        cost_usd=sum(usage.cost_usd for usage in usages),
        notes=tuple(dict.fromkeys(note for usage in usages for note in usage.notes)),
    )


def _of_reading(reading: Reading, records: int) -> list[Problem]:
    problems = [Problem("", message) for message in reading.problems]
    if records > MOST:
        problems.append(Problem("", f"There are {records:,} records; the first {MOST} were taken. Split the source."))
    return problems
