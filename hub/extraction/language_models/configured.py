"""The language models of the operator's config, for where there is no workspace."""

from __future__ import annotations

from hub.config import Config
from hub.extraction.language_models.equipment import Equipment
from hub.extraction.language_models.llm import LanguageModel
from hub.extraction.language_models.settings import ModelSettings
from hub.providers import LocalModel, operators


def model_of(config: Config, settings: ModelSettings | None = None) -> LanguageModel | None:
    """Return the engine for what is configured, None when nothing is."""
    local = LocalModel.configured(config)
    chain = [one for one in (operators(config), local.provider() if local else None) if one is not None]
    return LanguageModel(chain, Equipment(settings=settings or ModelSettings())) if chain else None
