"""The language model an operator has configured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.sdk.dial import guarded_httpx_client
from connectors.sdk.guard import Guard
from hub.config import Config
from hub.extraction.language_models.llm import LanguageModel, ModelConfig

if TYPE_CHECKING:
    import httpx2

# The operator names the address, often one of this machine or its network; no user and no document can change it, and
# the client follows no redirect, so this one way out may lead anywhere.
_ANYWHERE = ("0.0.0.0/0", "::/0")


def model_of(config: Config) -> LanguageModel | None:
    """Return the configured model, None when there is none."""
    if not config.llm_base_url or not config.llm_model:
        return None
    told = ModelConfig(
        base_url=config.llm_base_url,
        model=config.llm_model,
        api_key=config.llm_api_key,
        input_price=config.llm_input_price,
        output_price=config.llm_output_price,
    )
    guard = Guard(_ANYWHERE)

    def client() -> httpx2.AsyncClient:
        return guarded_httpx_client(guard, follow_redirects=False)

    return LanguageModel(told, client)
