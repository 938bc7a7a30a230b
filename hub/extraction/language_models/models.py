"""The language models of a workspace, opened for one extraction each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

import msgspec

from hub.extraction.choice import Choice
from hub.extraction.language_models.equipment import Equipment, Meter
from hub.extraction.language_models.llm import LanguageModel
from hub.extraction.language_models.memory import Memory
from hub.extraction.language_models.pictures import FilePictures
from hub.extraction.language_models.proposing import ProposedField, propose
from hub.extraction.language_models.settings import Example, ModelSettings, Screens
from hub.extraction.reading import Reading
from hub.extraction.schemas.fields import Schema
from hub.extraction.sources import Given
from hub.files import Files
from hub.jail import Jail
from hub.providers import Providers
from hub.sealing import Vault


class Examples(Protocol):
    """Chooses corrected documents of a schema to show with a document."""

    async def for_prompt(
        self, workspace: UUID, schema: Schema, reading: Reading, limit: int = 3
    ) -> tuple[Example, ...]:
        """Return up to so many, none of them the document itself."""


class About(msgspec.Struct, frozen=True):
    """What is extracted: a source, as it was read, by a schema."""

    given: Given
    reading: Reading
    schema: Schema


class LanguageModels:
    """Puts together who is asked, what may leave, what is remembered and what it may cost."""

    def __init__(  # all that asking stands on, by name
        self, *, providers: Providers, screens: Screens, examples: Examples, files: Files, vault: Vault, jail: Jail
    ) -> None:
        self._providers = providers
        self._screens = screens
        self._examples = examples
        self._files = files
        self._vault = vault
        self._jail = jail

    async def propose(self, workspace: UUID, readings: Sequence[Reading]) -> tuple[ProposedField, ...]:
        """Return fields that a model proposes for documents of one kind; none when there is no model to ask."""
        chain = await self._providers.chain.open(workspace)
        if not chain:
            return ()
        screen = await self._screens.screen(workspace, self._jail)
        equipment = Equipment(screen=screen, meter=Meter(self._providers.spending, workspace))
        return await propose(chain, equipment, readings)

    async def open(self, workspace: UUID, choice: Choice, about: About) -> LanguageModel | None:
        """Return the engine for one extraction, None when the workspace has no model to ask.

        InvalidError when the choice names a model or a provider that is not there.
        """
        if choice.engine == "local":
            return None
        chain = await self._providers.chain.open(workspace, model=choice.model, provider=choice.provider)
        if not chain:
            return None
        settings = ModelSettings(
            temperature=choice.temperature,
            max_tokens=choice.max_tokens,
            max_cost_usd=choice.max_cost_usd,
            vision=choice.vision,
            fresh=choice.fresh,
        )
        equipment = Equipment(
            settings=settings,
            screen=await self._screens.screen(workspace, self._jail),
            memory=Memory(self._vault, workspace),
            meter=Meter(self._providers.spending, workspace),
            pictures=FilePictures(self._files, self._jail, workspace, about.given) if choice.vision else None,
        )

        async def choose() -> Sequence[Example]:
            return await self._examples.for_prompt(workspace, about.schema, about.reading)

        return LanguageModel(chain, equipment, choose)
