"""Engines behind one protocol, and the order in which they are asked, cheapest proof first.

Values that embedded files state come first, then what was learnt of the layout, then the rules, then a model for what
is left; each field is filled by the first that knows it, the rows of a table all by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

import msgspec

from hub.errors import HubError, InvalidError, Problem
from hub.extraction.findings import Findings
from hub.extraction.learning.apply import apply
from hub.extraction.learning.learnt import LearntLayout
from hub.extraction.parting.cuts import Cut
from hub.extraction.reading import Reading
from hub.extraction.results import Usage
from hub.extraction.rules import find as rules
from hub.extraction.schemas.fields import FieldType, Schema, leaves
from hub.extraction.splitting import cuts
from hub.extraction.stated import embedded

NO_MODEL = (
    "No language model is set up. Add a provider to the workspace, or set PATCHDECK_LLM_BASE_URL and "
    "PATCHDECK_LLM_MODEL."
)
EngineName = Literal["auto", "local", "llm"]


class Answer(msgspec.Struct, frozen=True):
    """What an engine found, what it took, and what went wrong; `layout` is the learnt one the document is of."""

    findings: Findings
    usage: Usage = msgspec.field(default_factory=Usage)
    problems: tuple[Problem, ...] = ()
    raw: str | None = None
    layout: str | None = None


class Engine(Protocol):
    """Finds values of a schema in a reading."""

    async def find(self, reading: Reading, schema: Schema) -> Answer:
        """Return what is there; absent values are absent, nothing is invented."""


class LocalEngine(Engine, Protocol):
    """An engine without model and network, to which layouts may be shown that people taught."""

    def knowing(self, layouts: Sequence[LearntLayout]) -> Engine:
        """Return an engine that knows some layouts."""

    async def cuts(self, reading: Reading, schema: Schema) -> list[Cut]:
        """Return where a source that holds several records is split, one cut for a source that holds one."""


class Local:
    """Embedded values first, then learnt layouts, then the rules; no model, no network."""

    def __init__(self, layouts: Sequence[LearntLayout] = ()) -> None:
        self._layouts = layouts

    def knowing(self, layouts: Sequence[LearntLayout]) -> Engine:
        """Return an engine that knows some layouts."""
        return Local(layouts)

    async def find(self, reading: Reading, schema: Schema) -> Answer:
        """Return what needs no model."""
        return find_locally(reading, schema, self._layouts)

    async def cuts(self, reading: Reading, schema: Schema) -> list[Cut]:
        """Return where to split."""
        return cuts(reading, schema)


class Auto:
    """The local engine, then a language model for what is left when there is one.

    A model that fails fails the extraction, so that it is tried again; a forgiving one tells it as a problem.
    """

    def __init__(self, local: Engine, model: Engine | None, *, forgives: bool = False) -> None:
        self._local = local
        self._model = model
        self._forgives = forgives

    def forgiving(self) -> Auto:
        """Return an engine whose local findings survive a failure of the model."""
        return Auto(self._local, self._model, forgives=True)

    async def find(self, reading: Reading, schema: Schema) -> Answer:
        """Return the local findings and, for fields they do not fill, the model's."""
        answer = await self._local.find(reading, schema)
        rest = unfilled(schema, answer.findings)
        if rest is None or self._model is None:
            return answer
        try:
            asked = await self._model.find(reading, rest)
        except HubError as error:
            if not self._forgives:
                raise
            problems = (*answer.problems, Problem("", error.message))
            return msgspec.structs.replace(answer, problems=problems)
        findings = {**asked.findings, **answer.findings}
        return Answer(findings, asked.usage, (*answer.problems, *asked.problems), asked.raw, answer.layout)


def engine_named(name: EngineName, local: Engine, model: Engine | None) -> Engine:
    """Return the engine for a choice; `llm` without a configured model is refused."""
    if name == "local":
        return local
    if name == "llm":
        if model is None:
            raise InvalidError(NO_MODEL, errors=[Problem("engine", NO_MODEL)])
        return model
    return Auto(local, model)


def find_locally(reading: Reading, schema: Schema, layouts: Sequence[LearntLayout] = ()) -> Answer:
    """Join embedded values, learnt ones and rules; rows of a table come from one of them, never from several."""
    stated = embedded.find(reading, schema)
    learnt = apply(reading, schema, layouts)
    tables = {path.partition("[")[0] for path in stated if "[" in path}
    found = learnt.over(rules.find(reading, schema))
    found = {path: one for path, one in found.items() if path.partition("[")[0] not in tables}
    return Answer({**found, **stated}, layout=learnt.layout)


def unfilled(schema: Schema, findings: Findings) -> Schema | None:
    """Return the schema reduced to fields without a value, None when all are filled."""
    filled = {path.split("[")[0] for path in findings}
    missing = {leaf.path for leaf in leaves(schema.spec.fields)} - filled
    if not missing:
        return None
    fields = []
    for field in schema.spec.fields:
        if field.type is FieldType.OBJECT:
            inner = tuple(one for one in field.fields if f"{field.name}.{one.name}" in missing or one.fields)
            if inner:
                fields.append(msgspec.structs.replace(field, fields=inner))
        elif field.name in missing:
            fields.append(field)
    spec = msgspec.structs.replace(schema.spec, fields=tuple(fields), sums=(), orders=())
    return msgspec.structs.replace(schema, spec=spec) if fields else None
