"""The language models of the operator's config, for where there is no workspace."""

from __future__ import annotations

from hub.config import Config
from hub.extraction.language_models.llm import LanguageModel
from hub.providers import LocalModel, operators


def model_of(config: Config) -> LanguageModel | None:
    """Return the engine for what is configured, None when nothing is."""
    local = LocalModel.configured(config)
    chain = [one for one in (operators(config), local.provider() if local else None) if one is not None]
    return LanguageModel(chain) if chain else None
