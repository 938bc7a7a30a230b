"""One source, one schema, one result: read, ask the engines, keep what came out and what it took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

import msgspec

from hub.database import transaction
from hub.errors import InvalidError, Problem
from hub.extraction import store
from hub.extraction.capturing.pages import Wanted
from hub.extraction.choice import AUTO, Choice
from hub.extraction.confidence.calibrations import Calibrations
from hub.extraction.engines import Auto, Engine, LocalEngine, engine_named
from hub.extraction.extract import Done, extract_reading
from hub.extraction.language_models.models import About, LanguageModels
from hub.extraction.learning.layouts import Layouts
from hub.extraction.readers.options import Options
from hub.extraction.reading import Reading
from hub.extraction.readings import Readings, StoredReading
from hub.extraction.results import Extraction
from hub.extraction.schemas.workspace import Resolved, Schemas
from hub.extraction.sources import Capture, Given, best_first, sources_of
from hub.extraction.store import Circumstances, Origin
from hub.extraction.stored_readings import PREFIX as READING
from hub.ids import show
from hub.usage import Usage as Meter
from hub.usage import Used


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What to extract, from what, how, and for whom; a strict one fails when its model does."""

    workspace: UUID
    schema: Resolved
    given: Given
    choice: Choice = AUTO
    origin: Origin = Origin()
    strict: bool = False
    # Kept as a preview, which is forgotten unless somebody saves it.
    preview: bool = False
    tags: tuple[str, ...] = ()


class Capturing(Protocol):
    """What takes pages of the web."""

    async def take(self, workspace: UUID, wanted: Wanted) -> Given:
        """Capture a page and return it as the source to read."""


class Extractor:
    """Makes extractions for members, batches and recipes alike."""

    def __init__(  # noqa: PLR0913  # all that extracting stands on, by name
        self,
        *,
        schemas: Schemas,
        readings: Readings,
        layouts: Layouts,
        local: LocalEngine,
        calibrations: Calibrations,
        models: LanguageModels,
        usage: Meter,
    ) -> None:
        self._schemas = schemas
        self._readings = readings
        self._layouts = layouts
        self._local = local
        self._calibrations = calibrations
        self._models = models
        self._usage = usage
        self._captures: Capturing | None = None

    async def extract(self, asked: Asked) -> Extraction:
        """Make one extraction and store it with what was read."""
        given = await self._located(asked)
        read = await self._readings.read(asked.workspace, given)
        given = msgspec.structs.replace(given, file=given.file or read.file)
        done = await self.apply(asked, given, read)
        known = msgspec.structs.replace(done.extraction, reading=show(READING, read.id))
        done = msgspec.structs.replace(done, extraction=known)
        kept = Circumstances(
            schema=asked.schema,
            choice=asked.choice,
            reading=read.id,
            file=given.file,
            origin=asked.origin,
            confidence=lowest_confidence(done.extraction),
            preview=asked.preview,
            tags=asked.tags,
        )
        async with transaction():
            await store.keep(asked.workspace, done, kept)
            # What a model took was written down when it answered.
            await self._usage.record(asked.workspace, [Used(kind="extractions", quantity=1, unit="extractions")])
        return done.extraction

    def capture_with(self, captures: Capturing) -> None:
        """Take pages of the web by these from now on."""
        self._captures = captures

    async def apply(self, asked: Asked, given: Given, read: StoredReading) -> Done:
        """Ask the engines for the fields of a reading; nothing is stored."""
        schema = asked.schema.schema
        return await extract_reading(
            read.reading,
            schema,
            await self._engine(asked, given, read.reading),
            file=given.file or given.name,
            version=asked.schema.version,
            read_ms=read.took_ms,
            calibration=await self._calibrations.curves(asked.workspace, schema.name),
            local=self._local,
        )

    async def extract_for_item(
        self, workspace: UUID, item: UUID, run: UUID, step: str, path: str, settings: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Extract for a step of a recipe: the record's fields, and under `extraction` where they come from.

        What was stored for the same step of the same run is given again, so that a model is asked once.
        """
        made = await store.made_for(workspace, item, run, step, path)
        if not made:
            asked = Asked(
                workspace=workspace,
                schema=await self._schemas.resolve(workspace, str(settings["schema"])),
                given=Given(name=""),
                choice=_choice_of(settings),
                origin=Origin(item=item, run=run, step=step, path=path),
                strict=True,
            )
            made = await self._extract_all(asked, _sources(settings))
        first, *_ = made = best_first(made)
        about = {
            "id": first.id,
            "ids": [one.id for one in made],
            "schema": msgspec.to_builtins(first.schema),
            "confidence": lowest_confidence(first),
            "problems": [msgspec.to_builtins(problem) for one in made for problem in one.problems],
            "records": [record for one in made for record in one.records],
        }
        return {**first.record, "extraction": about}

    async def _extract_all(self, asked: Asked, sources: Sequence[Given]) -> list[Extraction]:
        """Extract from every source; those that cannot be read are left out unless none can."""
        made: list[Extraction] = []
        refused: list[InvalidError] = []
        for given in sources:
            try:
                made.append(await self.extract(msgspec.structs.replace(asked, given=given)))
            except InvalidError as error:
                refused.append(error)
        if not made:
            if refused:
                raise refused[0]
            message = "There is nothing to extract from: the source is empty."
            raise InvalidError(message, errors=[Problem("source", message)])
        return made

    async def _located(self, asked: Asked) -> Given:
        """Return the source as it is to be read, a page of the web captured first."""
        given, options = asked.given, asked.choice.reading
        if given.page is not None and self._captures is not None:
            given = await self._captures.take(asked.workspace, given.page)
            options = msgspec.structs.replace(options, selector=options.selector or given.options.selector)
        return msgspec.structs.replace(given, options=options)

    async def _engine(self, asked: Asked, given: Given, reading: Reading) -> Engine:
        """Return the engine that was asked for, knowing the layouts that are like the document's."""
        known = await self._layouts.for_reading(asked.workspace, asked.schema.schema.name, reading)
        about = About(given, reading, asked.schema.schema)
        model = await self._models.open(asked.workspace, asked.choice, about)
        chosen = engine_named(asked.choice.engine, self._local.knowing(known), model)
        return chosen.forgiving() if isinstance(chosen, Auto) and not asked.strict else chosen


def lowest_confidence(extraction: Extraction) -> float:
    """Return the lowest confidence among the values outside tables, 0 when there are none."""
    known = [one.confidence for path, one in extraction.fields.items() if one.value is not None and "[" not in path]
    return min(known, default=0.0)


def _sources(settings: Mapping[str, Any]) -> list[Given]:
    capture = Capture(
        hosts=settings.get("hosts") or (),
        rendered=bool(settings.get("rendered")),
        selectors=settings.get("selectors") or (),
    )
    return sources_of(settings.get("source"), capture)


def _choice_of(settings: Mapping[str, Any]) -> Choice:
    known = {name: settings[name] for name in Choice.__struct_fields__ if settings.get(name) is not None}
    return Choice(**known, reading=Options(language=settings.get("language") or ()))
