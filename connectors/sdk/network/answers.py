"""What a service's refusals mean: HTTP statuses as the three errors, with the service's own words where they help."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, TypeVar

import msgspec
from yarl import URL

from connectors.sdk.errors import ConnectorError, CredentialsError, SettingsError, TemporaryError

T = TypeVar("T")

_LONGEST_EXCERPT = 200
_SHORTEST_SECRET = 6
# What is secret in a body of JSON; the rest may be repeated to whoever wrote it
_SECRET = frozenset({"password", "secret", "client_secret", "token", "refresh_token"})
_TEMPORARY = frozenset({408, 423, 425, 429})
_NOT_SUPPORTED = frozenset({501, 505})
# A gateway gave up on a server that may have done the work
_GATEWAY = frozenset({502, 504})
# Where services put the sentence that says what is wrong
_WORDS = ("detail", "message", "error_description", "error", "title", "msg")


def raise_for_status(
    host: str, status: int, headers: Mapping[str, str], content: bytes, options: Mapping[str, Any]
) -> None:
    """Raise the error that a status stands for; success and redirects pass."""
    if status < 400:
        return
    retry_after = seconds_until(headers.get("Retry-After"))
    sentence = f"{host} answered {status}{_phrase(status)}{_excerpt(content, options)}."
    if status == 401 or (status == 403 and retry_after is None):
        raise CredentialsError(f"{sentence} Check the credentials and connect again.")
    if status in _TEMPORARY or status == 403 or (status >= 500 and status not in _NOT_SUPPORTED):
        raise TemporaryError(sentence, retry_after=retry_after, uncertain=status in _GATEWAY)
    raise SettingsError(sentence)


def not_json(host: str, media_type: str) -> ConnectorError:
    """Return the error for a body that should have been JSON: broken on the way, or something else altogether."""
    if "json" in media_type:
        return TemporaryError(f"{host} sent JSON that cannot be read.")
    return SettingsError(f"{host} answered with {media_type or 'no type'} where JSON was expected. Check the address.")


def refusal(content: bytes, kind: type[T]) -> T:
    """Read why a service refused; what says it in another way than the struct knows is read as an empty one."""
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return kind()


def seconds_until(retry_after: str | None) -> float | None:
    """Read a `Retry-After` header, seconds or a date; None when there is none that makes sense."""
    if not retry_after:
        return None
    if retry_after.strip().isdecimal():
        return float(retry_after)
    try:
        moment = parsedate_to_datetime(retry_after)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _phrase(status: int) -> str:
    return f" {HTTPStatus(status).phrase}" if status in HTTPStatus.__members__.values() else ""


def _excerpt(content: bytes, options: Mapping[str, Any]) -> str:
    words = _words(content)
    if not words:
        return ""
    for secret in _sent(options):
        words = words.replace(secret, "****")
    return f": {' '.join(words.split())[:_LONGEST_EXCERPT].rstrip('.')}"


def _words(content: bytes) -> str:
    """Find the sentence in a JSON error; pages and unknown shapes say nothing a user could use."""
    try:
        answer = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    for _ in range(2):
        if not isinstance(answer, dict):
            break
        answer = next((answer[word] for word in _WORDS if answer.get(word)), "")
    return answer if isinstance(answer, str) else ""


def _sent(options: Mapping[str, Any]) -> list[str]:
    """Everything we sent that may be secret, whole and in words, longest first."""
    headers = options.get("headers") or {}
    parameters = options.get("params") or {}
    pairs = parameters.items() if isinstance(parameters, Mapping) else parameters
    form = options.get("form") or {}
    filled = form.items() if isinstance(form, Mapping) else form
    body = options.get("json")
    told = [value for name, value in body.items() if name in _SECRET] if isinstance(body, Mapping) else []
    values = [*headers.values(), *(value for _, value in (*pairs, *filled)), *map(str, told), *_addressed(options)]
    parts = {
        part
        for value in values
        for part in (value, *value.split(), *_signed_in(value))
        if len(part) >= _SHORTEST_SECRET
    }
    return sorted(parts, key=len, reverse=True)


def _addressed(options: Mapping[str, Any]) -> list[str]:
    """Return what in an address may let somebody in: its path as a whole, and what it asks with."""
    url: URL | None = options.get("url")
    return [] if url is None else [url.path_qs, url.raw_path_qs, url.path, url.raw_path, *url.query.values()]


def _signed_in(header: str) -> list[str]:
    """Return what is secret in a header of Basic sign-in: the pair, and the password.

    Where no word for a password is given, or one that says nothing, the user's name is a key.
    """
    kind, _, packed = header.partition(" ")
    if kind.casefold() != "basic":
        return []
    try:
        pair = base64.b64decode(packed).decode()
    except (binascii.Error, UnicodeDecodeError):
        return []
    user, _, password = pair.partition(":")
    return [pair, password if len(password) >= _SHORTEST_SECRET else user]
