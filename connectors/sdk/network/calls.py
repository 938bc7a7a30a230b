"""Calls that services make to the hub: proven by a signature, read once, and looked into by dotted paths."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from typing import Any, Literal, TypeVar

import msgspec

from connectors.sdk.errors import CredentialsError, SettingsError
from connectors.sdk.items import WebhookRequest
from connectors.sdk.settings import Secret
from connectors.sdk.texts import storable_json

T = TypeVar("T")


def prove(  # the last two by name
    service: str,
    secret: Secret,
    given: Iterable[str],
    signed: bytes,
    *,
    written: Literal["hex", "base64"] = "hex",
    called: str = "webhook secret",
) -> None:
    """Raise CredentialsError unless one of the signatures given is the HMAC-SHA256 of what was signed.

    While a secret is being exchanged a connection holds both, one a line; `called` is what the service calls it.
    """
    keys = _keys(service, secret, called)
    digests = [hmac.new(key, signed, hashlib.sha256).digest() for key in keys]
    expected = [one.hex().encode() if written == "hex" else base64.b64encode(one) for one in digests]
    offered = [one.encode(errors="replace") for one in given]
    if not any(hmac.compare_digest(one, other) for one in expected for other in offered):
        raise CredentialsError(f"The call is not signed with this connection's {called}.")


def require_secret(service: str, secret: Secret, given: Iterable[str], *, called: str = "webhook secret") -> None:
    """Raise CredentialsError unless one of the texts given is the secret itself, for services that sign nothing.

    While a secret is being exchanged a connection holds both, one a line; `called` is what the service calls it.
    """
    keys = _keys(service, secret, called)
    offered = [one.strip().encode(errors="replace") for one in given]
    if not any(hmac.compare_digest(key, other) for key in keys for other in offered):
        raise CredentialsError(f"The call does not bring this connection's {called}.")


def password_of(request: WebhookRequest) -> str:
    """Return the password of a Basic sign-in, where services that send no headers of one's own put a secret."""
    kind, _, packed = request.headers.get("authorization", "").partition(" ")
    try:
        pair = base64.b64decode(packed.strip()).decode() if kind.casefold() == "basic" else ""
    except ValueError:
        return ""
    return pair.partition(":")[2]


def read(request: WebhookRequest, kind: type[T], service: str) -> T:
    """Return the body of a call as a struct; raise SettingsError where it is not what the service sends."""
    try:
        return msgspec.json.decode(storable_json(request.body), type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SettingsError(f"The call is no event of {service}'s.") from error


def first(event: Mapping[str, Any], places: str) -> Any:
    """Return the first value that is there and not empty, of several dotted paths with spaces between."""
    return next((found for place in places.split() if (found := at(event, place)) not in (None, "")), None)


def at(value: Any, path: str) -> Any:
    """Return what stands at a dotted path, None where nothing does."""
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _keys(service: str, secret: Secret, called: str) -> list[bytes]:
    """Return the secrets of a connection; CredentialsError when it has none."""
    keys = [line.strip().encode() for line in secret.reveal().splitlines() if line.strip()]
    if not keys:
        raise CredentialsError(f"The connection has no {called}, so nobody can tell that {service} is calling.")
    return keys
