"""The engine for language models: any endpoint that speaks OpenAI's chat completions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import msgspec

from hub.errors import Problem
from hub.extraction.engines import Answer
from hub.extraction.language_models.budget import Budget
from hub.extraction.language_models.dialogue import Dialogue
from hub.extraction.language_models.equipment import Equipment, told
from hub.extraction.language_models.settings import Example
from hub.extraction.reading import Reading
from hub.extraction.schemas.fields import Schema
from hub.providers import OpenProvider

Choose = Callable[[], Awaitable[Sequence[Example]]]


class LanguageModel:
    """Asks models for the fields of a schema and keeps only what the document really says."""

    def __init__(
        self, chain: Sequence[OpenProvider], equipment: Equipment | None = None, choose: Choose | None = None
    ) -> None:
        self._chain = tuple(chain)
        # Examples are chosen when something is asked: often the rules have found everything.
        self._choose = choose
        self._equipment = equipment or Equipment()
        # A source with several records is one extraction: they share its budget.
        settings = self._equipment.settings
        self._budget = Budget(settings.max_tokens, settings.max_cost_usd)

    async def find(self, reading: Reading, schema: Schema) -> Answer:
        """Return the models' values that stand in the document; what went wrong is told in problems."""
        has_pictures = self._equipment.settings.vision and self._equipment.pictures is not None and reading.pages
        if not reading.text.strip() and not has_pictures:
            return Answer({}, problems=(Problem("", "There is no text to show to the language model."),))
        if self._choose is not None:
            examples = told(await self._choose())
            self._equipment, self._choose = msgspec.structs.replace(self._equipment, examples=examples), None
        return await Dialogue(self._chain, self._equipment, self._budget, reading, schema).run()
