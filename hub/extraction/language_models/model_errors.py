"""What an endpoint's refusals mean for the person who asked."""

from __future__ import annotations

from collections.abc import Mapping

from hub.errors import HubError, InvalidError, UnavailableError

_LONGEST_WAIT = 3600.0


class ModelRefusedError(Exception):
    """The endpoint does not take a JSON Schema for its output."""


def refused_by_endpoint(status: int, message: str, headers: Mapping[str, str]) -> HubError:
    """Turn a status into an error with what to do next."""
    told = message[:200].rstrip(".")
    if status == 429:
        message = "The language model is over its limit of requests. Try again later."
        return UnavailableError(message, retry_after=_wait(headers))
    if status >= 500 or status == 408:
        return UnavailableError(f"The language model failed with status {status}: {told}.", retry_after=_wait(headers))
    if status in {401, 403}:
        return InvalidError(f"The language model refused the key: {told}. Check PATCHDECK_LLM_API_KEY.")
    if status == 404:
        return InvalidError(f"The language model was not found: {told}. Check PATCHDECK_LLM_MODEL and the address.")
    return InvalidError(f"The language model refused the request: {told}.")


def takes_no_schema(message: str) -> bool:
    """Tell whether a refusal is about the format of the output, which older endpoints do not know."""
    lower = message.lower()
    return any(word in lower for word in ("response_format", "json_schema", "structured output"))


def _wait(headers: Mapping[str, str]) -> float:
    try:
        return min(float(headers.get("retry-after", "")), _LONGEST_WAIT)
    except ValueError:
        return 30.0
