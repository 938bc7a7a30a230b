"""The engine for language models: any endpoint that speaks OpenAI's chat completions."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from hub.errors import Problem
from hub.extraction.engines import Answer
from hub.extraction.language_models.dialogue import Dialogue
from hub.extraction.language_models.equipment import Equipment
from hub.extraction.reading import Reading
from hub.extraction.schemas.fields import Schema
from hub.providers import OpenProvider


class LanguageModel:
    """Asks models for the fields of a schema and keeps only what the document really says."""

    def __init__(self, chain: Sequence[OpenProvider], equipment: Equipment | None = None) -> None:
        self._chain = tuple(chain)
        self._equipment = equipment or Equipment()

    def using(self, model: str | None) -> LanguageModel:
        """Return the engine for another model of the same service."""
        if model is None:
            return self
        first = self._chain[0]
        other = msgspec.structs.replace(first, model=msgspec.structs.replace(first.model, name=model))
        return LanguageModel([other], self._equipment)

    async def find(self, reading: Reading, schema: Schema) -> Answer:
        """Return the models' values that stand in the document; what went wrong is told in problems."""
        has_pictures = self._equipment.settings.vision and self._equipment.pictures is not None and reading.pages
        if not reading.text.strip() and not has_pictures:
            return Answer({}, problems=(Problem("", "There is no text to show to the language model."),))
        return await Dialogue(self._chain, self._equipment, reading, schema).run()
