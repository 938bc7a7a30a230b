"""The engine for speech: what the operator chose, else what is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.sdk.network.dial import guarded_httpx_client
from connectors.sdk.network.guard import Guard
from hub.config import Config
from hub.extraction.speech.endpoint import EndpointConfig, EndpointTranscriber
from hub.extraction.speech.hearing import Transcriber
from hub.extraction.speech.local_models import LocalEngine, LocalTranscriber
from hub.extraction.speech.service import Speech
from hub.jail import Jail

if TYPE_CHECKING:
    import httpx2

# The operator names the address, often one of this machine; no user and no document can change it.
_ANYWHERE = ("0.0.0.0/0", "::/0")
_USUAL_MODEL = "whisper-1"
MOONSHINE = LocalEngine(
    function="hub.extraction.speech.moonshine:hear", package="moonshine_voice", extra="speech", languages=("en",)
)
WHISPER = LocalEngine(function="hub.extraction.speech.whisper:hear", package="faster_whisper", extra="whisper")


def speech_of(config: Config, jail: Jail) -> Speech:
    """Return what reads recordings with that engine."""
    return Speech(jail, transcriber_of(config))


def transcriber_of(config: Config) -> Transcriber | None:
    """Return the service that is configured, the model whose directory is, the one that is installed, or None."""
    address = config.transcribe_base_url or (config.llm_base_url if config.transcribe_model else None)
    if address:
        key = config.transcribe_api_key if config.transcribe_base_url else config.llm_api_key
        told = EndpointConfig(base_url=address, model=config.transcribe_model or _USUAL_MODEL, api_key=key)
        return EndpointTranscriber(told, _client)
    if config.transcribe_model_dir:
        return LocalTranscriber(WHISPER, config.transcribe_model_dir)
    return LocalTranscriber(MOONSHINE) if MOONSHINE.installed else None


def _client() -> httpx2.AsyncClient:
    return guarded_httpx_client(Guard(_ANYWHERE), follow_redirects=False)
