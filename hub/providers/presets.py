"""Presets: where each service's OpenAI-compatible interface is, how it takes its key, and what it can do."""

from __future__ import annotations

import msgspec


class Supports(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a service can do over this interface; a model's own words may say otherwise."""

    json_schema: bool = True
    vision: bool = False
    audio: bool = False
    fine_tuning: bool = False


class Preset(msgspec.Struct, frozen=True, kw_only=True):
    """One service: `key_header` takes the key where it is not sent as a bearer token.

    `limit_name` is what the service calls the most tokens of an answer, `key_url` where people get a key.
    """

    name: str
    title: str
    base_url: str
    needs_key: bool = True
    key_header: str | None = None
    key_url: str = ""
    limit_name: str = "max_tokens"
    supports: Supports = Supports()
    hint: str = ""


_ALL = (
    Preset(
        name="openai",
        title="OpenAI",
        base_url="https://api.openai.com/v1",
        key_url="https://platform.openai.com/api-keys",
        limit_name="max_completion_tokens",
        supports=Supports(vision=True, audio=True, fine_tuning=True),
    ),
    Preset(
        name="azure_openai",
        title="Azure OpenAI",
        base_url="https://RESOURCE.openai.azure.com/openai/v1",
        key_header="api-key",
        key_url="https://portal.azure.com",
        limit_name="max_completion_tokens",
        supports=Supports(vision=True, audio=True, fine_tuning=True),
        hint="Put your resource's name into the address; models are named by their deployments.",
    ),
    Preset(
        name="anthropic",
        title="Anthropic",
        base_url="https://api.anthropic.com/v1",
        key_url="https://console.anthropic.com/settings/keys",
        supports=Supports(json_schema=False, vision=True),
        hint="This interface takes no JSON Schema, so the schema is told in words and the answer is checked here.",
    ),
    Preset(
        name="gemini",
        title="Google Gemini",
        base_url="https://generativelanguage.googleapis.com/v1beta/openai",
        key_url="https://aistudio.google.com/apikey",
        supports=Supports(vision=True),
    ),
    Preset(
        name="mistral",
        title="Mistral",
        base_url="https://api.mistral.ai/v1",
        key_url="https://console.mistral.ai/api-keys",
        supports=Supports(vision=True, audio=True),
    ),
    Preset(
        name="openrouter",
        title="OpenRouter",
        base_url="https://openrouter.ai/api/v1",
        key_url="https://openrouter.ai/settings/keys",
        supports=Supports(vision=True),
        hint="What a model can do depends on the model.",
    ),
    Preset(
        name="ollama",
        title="Ollama",
        base_url="http://127.0.0.1:11434/v1",
        needs_key=False,
        hint="Give Ollama a context of 8,192 tokens or more, or it cuts long documents off without a word.",
    ),
    Preset(name="vllm", title="vLLM", base_url="http://127.0.0.1:8000/v1", needs_key=False),
    Preset(name="llama_cpp", title="llama.cpp", base_url="http://127.0.0.1:8081/v1", needs_key=False),
    Preset(
        name="other",
        title="Another OpenAI-compatible service",
        base_url="",
        needs_key=False,
        hint="Anything that answers chat completions as OpenAI's interface does.",
    ),
)
PRESETS = {preset.name: preset for preset in _ALL}


def preset_for(base_url: str) -> Preset:
    """Return the preset whose address this is, else the one for any other service."""
    plain = base_url.rstrip("/")
    if ".openai.azure.com/" in plain:
        return PRESETS["azure_openai"]
    return next((one for one in _ALL if one.base_url == plain), PRESETS["other"])
