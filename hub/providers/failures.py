"""What a provider's refusals mean for the person who asked, and where they can be mended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from hub.errors import HubError, InvalidError, UnavailableError
from hub.providers.structs import LOCAL, OPERATOR, OpenProvider

if TYPE_CHECKING:
    from openai import APIStatusError

_LONGEST_WAIT = 3600.0
_USUAL_WAIT = 30.0
# What is shorter is a word that servers without keys are given.
_A_KEY = 8


class Refused(msgspec.Struct, frozen=True):
    """A status with the endpoint's own words and headers."""

    status: int
    message: str
    headers: Mapping[str, str]


def refusal_of(error: APIStatusError) -> Refused:
    """Take what a service says out of the SDK's error; services nest their sentence in different ways."""
    body: object = error.body
    for _ in range(3):
        if isinstance(body, list) and body:
            body = body[0]
        if isinstance(body, dict):
            body = next((body[name] for name in ("error", "message", "detail") if body.get(name)), "")
    words = body if isinstance(body, str) and body else error.message
    return Refused(error.status_code, " ".join(words.split()), error.response.headers)


def refused(provider: OpenProvider, told: Refused) -> HubError:
    """Turn a status into an error with what to do next."""
    name, words = _name(provider), _without_key(provider, told.message)[:200].rstrip(".")
    if told.status == 429:
        message = f"{name} is over its limit of requests. Try again later."
        return UnavailableError(message, retry_after=_wait(told.headers))
    if told.status >= 500 or told.status == 408:
        message = f"{name} failed with status {told.status}: {words}."
        return UnavailableError(message, retry_after=_wait(told.headers))
    if told.status in {401, 403}:
        return InvalidError(f"{name} refused the key: {words}. Check {_at(provider, 'API_KEY', 'its key')}.")
    if told.status == 402:
        return InvalidError(f"{name} has no credit left: {words}. Top it up there.")
    if told.status == 404:
        return InvalidError(
            f"{name} was not found: {words}. Check {_at(provider, 'MODEL', 'the model')} and the address."
        )
    return InvalidError(f"{name} refused the request: {words}.")


def unreachable(provider: OpenProvider, error: Exception) -> HubError:
    """Say that nothing answers; what the guard or the model on this machine said is passed on."""
    if provider.id in {OPERATOR, LOCAL}:
        cause = _cause(error) if provider.id == LOCAL else ""
        setting = _at(provider, "BASE_URL", "PATCHDECK_LOCAL_MODEL")
        message = cause or f"{_name(provider)} cannot be reached. Check {setting} and that it is running."
        return UnavailableError(message, retry_after=_USUAL_WAIT)
    cause = _cause(error)
    told = f": {cause.rstrip('.')}" if cause else ""
    message = f"{_name(provider)} cannot be reached{told}. Check its address and that it is running."
    return UnavailableError(message, retry_after=_USUAL_WAIT)


def wrong_service(provider: OpenProvider) -> HubError:
    """Say that something else answers at the address."""
    where = _at(provider, "BASE_URL", f"the address of {provider.name}")
    return InvalidError(f"What answers at {where} does not speak OpenAI's chat completions. Check the address.")


def _name(provider: OpenProvider) -> str:
    return "The language model" if provider.id == OPERATOR else provider.name


def _without_key(provider: OpenProvider, words: str) -> str:
    """Some services repeat the key that they refuse; everybody in the workspace reads the sentence."""
    return words.replace(str(provider.key), "…") if provider.key and len(provider.key) >= _A_KEY else words


def _at(provider: OpenProvider, setting: str, words: str) -> str:
    return f"PATCHDECK_LLM_{setting}" if provider.id == OPERATOR else words


def _cause(error: BaseException) -> str:
    """Find the sentence at the bottom of a chain of errors, when it is one of ours."""
    deepest: BaseException = error
    while deepest.__cause__ is not None:
        deepest = deepest.__cause__
    return str(deepest)[:300] if str(deepest).endswith(".") else ""


def _wait(headers: Mapping[str, str]) -> float:
    try:
        return min(max(0.0, float(headers.get("retry-after", ""))), _LONGEST_WAIT)
    except ValueError:
        return _USUAL_WAIT
