"""The result of an extraction, as REST, MCP, recipes and the command line show it."""

from __future__ import annotations

from typing import Any

import msgspec

from hub.errors import Problem
from hub.extraction.reading import Box


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """Where a value stands: page and box, characters of the text, a place in an embedded file, or seconds of speech.

    `verified` tells whether what stands there, read by itself, gives the value.
    """

    file: str
    page: int | None = None
    box: Box | None = None
    text: str = ""
    characters: tuple[int, int] | None = None
    selector: str | None = None
    seconds: tuple[float, float] | None = None
    verified: bool = False


class FieldResult(msgspec.Struct, frozen=True, kw_only=True):
    """One value with what speaks for it and against it; an absent value is null and has no engine.

    `score` is what the engine says of itself, 0 to 1, moved by what sums and rules say; `confidence` is the share of
    values of that score that proved right. A value a person gave has the engine "person" and confidence 1.
    """

    value: Any = None
    confidence: float = 0.0
    score: float = 0.0
    engine: str | None = None
    evidence: tuple[Evidence, ...] = ()
    problems: tuple[Problem, ...] = ()


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """What language models took; zeros when none was asked.

    `provider` and `model` answered last; `notes` tell who failed before, which pages were shown and what was masked.
    """

    model: str | None = None
    provider: str | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0
    notes: tuple[str, ...] = ()


class Timing(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds spent on reading and on extracting."""

    read: int = 0
    extract: int = 0


class SchemaName(msgspec.Struct, frozen=True, kw_only=True):
    """Which schema was applied; a starter schema or a file has version 1."""

    name: str
    version: int = 1


class Provenance(msgspec.Struct, frozen=True, kw_only=True):
    """The step that extracted for an item of a run; `path` names the element of a loop."""

    run: str
    item: str
    step: str
    path: str = ""


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One of several records in a source: its fields, what is wrong with it, and which part of the source it is."""

    title: str = ""
    pages: tuple[int, int] | None = None
    fields: dict[str, FieldResult] = msgspec.field(default_factory=dict)
    problems: list[Problem] = msgspec.field(default_factory=list)


class Extraction(msgspec.Struct, frozen=True, kw_only=True):
    """One schema applied to one source; `record` is the first of `records`, `origin` is null outside of recipes.

    `fields` and `problems` are those of the first record; a source with several has one of `parts` for each record.
    `reading` is the id of what was read, `layout` that of the learnt layout the document is of, `verdict` what a person
    said of all of it: correct or incorrect.
    """

    id: str
    schema: SchemaName
    file: str = ""
    status: str = "done"
    record: dict[str, Any] = msgspec.field(default_factory=dict)
    records: list[dict[str, Any]] = msgspec.field(default_factory=list)
    fields: dict[str, FieldResult] = msgspec.field(default_factory=dict)
    problems: list[Problem] = msgspec.field(default_factory=list)
    parts: list[Part] = msgspec.field(default_factory=list)
    reading: str | None = None
    layout: str | None = None
    verdict: str | None = None
    usage: Usage = msgspec.field(default_factory=Usage)
    timing_ms: Timing = msgspec.field(default_factory=Timing)
    origin: Provenance | None = None
