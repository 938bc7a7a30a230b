"""Extractions of a workspace: made, stored with their readings, listed, and made for recipes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from hub.config import Config
from hub.database import transaction
from hub.errors import InvalidError, Problem
from hub.extraction import store
from hub.extraction.confined import Confined
from hub.extraction.engines import Auto, Engine, EngineName, engine_named
from hub.extraction.extract import extract_reading
from hub.extraction.language_models.configured import model_of
from hub.extraction.language_models.llm import LanguageModel
from hub.extraction.readers import Readers
from hub.extraction.readings import Readings
from hub.extraction.results import Extraction, Usage
from hub.extraction.schemas.workspace import Resolved, Schemas
from hub.extraction.sources import Given, best_first, sources_of
from hub.extraction.store import Circumstances, ExtractionPage, Origin
from hub.files import Files
from hub.jail import Jail
from hub.members import Member, Verb
from hub.sealing import Vault
from hub.usage import Usage as Meter
from hub.usage import Used

__all__ = ["Extractions"]


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """Who extracts: an engine and, where it is one, which model of the operator's service."""

    engine: EngineName = "auto"
    model: str | None = None


AUTO = Choice()


class Extractions:
    """Applies schemas to files and texts; every result is stored with what was read."""

    def __init__(self, *, files: Files, schemas: Schemas, vault: Vault, usage: Meter, config: Config) -> None:
        self._files = files
        self._schemas = schemas
        self._usage = usage
        self._jail = Jail()
        self._readings = Readings(files=files, readers=Readers(self._jail), vault=vault, usage=usage)
        self._local: Engine = Confined(self._jail)
        self._model: LanguageModel | None = model_of(config)

    def close(self) -> None:
        """End the child processes in which documents are read."""
        self._jail.close()

    async def extract_file(self, member: Member, file: str, schema: str, choice: Choice = AUTO) -> Extraction:
        """Apply a schema to a stored file."""
        resolved = await self._schemas.resolve_for(member, schema)
        described = await self._files.describe(member, file)
        given = Given(name=described.name, file=file)
        return await self._make(member.workspace, resolved, choice, given, Origin(member=member.user))

    async def extract_upload(
        self, member: Member, name: str, media_type: str, content: bytes, schema: str, choice: Choice = AUTO
    ) -> Extraction:
        """Store a file and apply a schema to it."""
        member.authorize(Verb.EXTRACT)
        await self._schemas.resolve_for(member, schema)
        stored = await self._files.store(member, name, media_type, content)
        return await self.extract_file(member, stored.id, schema, choice)

    async def extract_text(self, member: Member, text: str, schema: str, choice: Choice = AUTO) -> Extraction:
        """Apply a schema to a text."""
        resolved = await self._schemas.resolve_for(member, schema)
        given = Given(name="text.txt", text=text)
        return await self._make(member.workspace, resolved, choice, given, Origin(member=member.user))

    async def list(
        self, member: Member, *, limit: int = 50, cursor: str | None = None, schema: str | None = None
    ) -> ExtractionPage:
        """Return extractions, newest first."""
        member.authorize(Verb.READ)
        return await store.page(member.workspace, limit=limit, cursor=cursor, schema=schema)

    async def find(self, member: Member, reference: str) -> Extraction:
        """Return one extraction with its evidence."""
        member.authorize(Verb.READ)
        return await store.find(member.workspace, reference)

    async def extract_for_item(
        self, workspace: UUID, item: UUID, run: UUID, step: str, path: str, settings: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Extract for a step of a recipe: the record's fields, and under `extraction` where they come from.

        What was stored for the same step of the same run is given again, so that a model is asked once.
        """
        made = await store.made_for(workspace, item, run, step, path)
        if not made:
            resolved = await self._schemas.resolve(workspace, str(settings["schema"]))
            choice = Choice(engine=settings.get("engine") or "auto", model=settings.get("model"))
            given = sources_of(settings.get("source"))
            origin = Origin(item=item, run=run, step=step, path=path)
            made = list(await self._make_all(workspace, resolved, choice, given, origin))
        first, *_ = made = best_first(made)
        about = {
            "id": first.id,
            "ids": [one.id for one in made],
            "schema": msgspec.to_builtins(first.schema),
            "confidence": _confidence(first),
            "problems": [msgspec.to_builtins(problem) for one in made for problem in one.problems],
            "records": [record for one in made for record in one.records],
        }
        return {**first.record, "extraction": about}

    async def _make_all(
        self, workspace: UUID, schema: Resolved, choice: Choice, given: Sequence[Given], origin: Origin
    ) -> Sequence[Extraction]:
        """Extract from every source; those that cannot be read are left out unless none can."""
        made = []
        refused = []
        for one in given:
            try:
                made.append(await self._make(workspace, schema, choice, one, origin, strict=True))
            except InvalidError as error:
                refused.append(error)
        if not made:
            if refused:
                raise refused[0]
            message = "There is nothing to extract from: the source is empty."
            raise InvalidError(message, errors=[Problem("source", message)])
        return made

    async def _make(
        self,
        workspace: UUID,
        schema: Resolved,
        choice: Choice,
        given: Given,
        origin: Origin,
        *,
        strict: bool = False,
    ) -> Extraction:
        read = await self._readings.read(workspace, given)
        model = self._model.using(choice.model) if self._model else None
        chosen = engine_named(choice.engine, self._local, model)
        if isinstance(chosen, Auto):
            chosen = chosen if strict else chosen.forgiving()
        done = await extract_reading(
            read.reading,
            schema.schema,
            chosen,
            file=given.file or given.name,
            version=schema.version,
            read_ms=read.took_ms,
        )
        made = Circumstances(schema=schema, engine=choice.engine, reading=read.id, file=given.file, origin=origin)
        async with transaction():
            await store.keep(workspace, done, made)
            await self._usage.record(workspace, _used(done.extraction.usage))
        return done.extraction


def _used(usage: Usage) -> list[Used]:
    used = [Used(kind="extractions", quantity=1, unit="extractions")]
    if usage.model:
        tokens = usage.input_tokens + usage.output_tokens
        detail = {"model": usage.model, "input": usage.input_tokens, "output": usage.output_tokens}
        cost = Decimal(str(usage.cost_usd))
        used.append(Used(kind="tokens", quantity=tokens, unit="tokens", cost_usd=cost, detail=detail))
    return used


def _confidence(extraction: Extraction) -> float:
    """Return the lowest confidence among the values outside tables, 0 when there are none."""
    known = [one.confidence for path, one in extraction.fields.items() if one.value is not None and "[" not in path]
    return min(known, default=0.0)
