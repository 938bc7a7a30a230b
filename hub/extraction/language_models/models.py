"""The language models of a workspace, opened for one extraction each."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from hub.extraction.choice import Choice
from hub.extraction.language_models.equipment import Equipment, Meter, told
from hub.extraction.language_models.llm import LanguageModel
from hub.extraction.language_models.memory import Memory
from hub.extraction.language_models.settings import Example, ModelSettings, Pictures, Screens
from hub.jail import Jail
from hub.providers import Providers
from hub.sealing import Vault


class LanguageModels:
    """Puts together who is asked, what may leave, what is remembered and what it may cost."""

    def __init__(self, *, providers: Providers, screens: Screens, vault: Vault, jail: Jail) -> None:
        self._providers = providers
        self._screens = screens
        self._vault = vault
        self._jail = jail

    async def open(
        self,
        workspace: UUID,
        choice: Choice,
        *,
        examples: Sequence[Example] = (),
        pictures: Pictures | None = None,
        fresh: bool = False,
    ) -> LanguageModel | None:
        """Return the engine for one extraction, None when the workspace has no model to ask.

        `fresh` asks again even when an answer to the same question was kept. InvalidError when the choice names a
        model or a provider that is not there.
        """
        chain = await self._providers.chain.open(workspace, model=choice.model, provider=choice.provider)
        if not chain:
            return None
        settings = ModelSettings(
            temperature=choice.temperature,
            max_tokens=choice.max_tokens,
            max_cost_usd=choice.max_cost_usd,
            vision=choice.vision,
            fresh=fresh,
        )
        equipment = Equipment(
            settings=settings,
            screen=await self._screens.screen(workspace, self._jail),
            memory=Memory(self._vault, workspace),
            meter=Meter(self._providers.spending, workspace),
            examples=told(examples),
            pictures=pictures,
        )
        return LanguageModel(chain, equipment)
