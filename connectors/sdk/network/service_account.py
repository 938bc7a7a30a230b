"""Service accounts of Google Cloud: they sign for themselves (RFC 7523), and keep their tokens while these are good."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import msgspec

from connectors.sdk.context import Context
from connectors.sdk.errors import CredentialsError, TemporaryError
from connectors.sdk.network.answers import raise_for_status, refusal
from connectors.sdk.network.urls import host_of
from connectors.sdk.settings import Secret

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LASTS = 3600
# A token that ends sooner is not used any more
MARGIN = 120.0


class Key(msgspec.Struct, frozen=True):
    """What matters of a service account's key file; the address in it is not asked, Google's own is."""

    client_email: str
    private_key: str
    private_key_id: str = ""
    project_id: str = ""


class Purpose(msgspec.Struct, frozen=True, kw_only=True):
    """What a token is for: where it comes from, what it allows, and in whose name."""

    url: str
    scopes: tuple[str, ...]
    act_as: str = ""


class _Granted(msgspec.Struct, frozen=True):
    access_token: str
    expires_in: int = LASTS


class _Refused(msgspec.Struct, frozen=True):
    error: str = ""
    error_description: str = ""


class ServiceAccount:
    """The tokens of one service account, one for each purpose, shared by all calls of a process."""

    def __init__(self) -> None:
        self._tokens: dict[Purpose, tuple[str, float]] = {}
        self._turn = asyncio.Lock()

    async def token(self, context: Context[Any, Any], key: Secret | None, purpose: Purpose, refused: str | None) -> str:
        """Return a token that is good, another than the refused one."""
        async with self._turn:
            token, ends = self._tokens.get(purpose, ("", 0.0))
            if token and token != refused and ends - MARGIN > time.monotonic():
                return token
            granted = await _ask(context, key_in(key), purpose)
            self._tokens[purpose] = granted.access_token, time.monotonic() + granted.expires_in
            return granted.access_token

    async def close(self) -> None:
        """Forget the tokens."""
        self._tokens.clear()


async def opened() -> ServiceAccount:
    """Return an account without tokens."""
    return ServiceAccount()


def key_in(file: Secret | None) -> Key:
    """Read a service account's key file."""
    try:
        return msgspec.json.decode(file.reveal() if file else "", type=Key)
    except (msgspec.DecodeError, UnicodeEncodeError):
        raise _unusable() from None


async def _ask(context: Context[Any, Any], key: Key, purpose: Purpose) -> _Granted:
    form = {"grant_type": GRANT, "assertion": _signed(key, purpose)}
    answer = await context.http.post(purpose.url, form=form, accepts=range(400, 600))
    if answer.status in {400, 401, 403}:
        raise _denied(refusal(answer.content, _Refused), purpose.act_as)
    raise_for_status(host_of(purpose.url), answer.status, answer.headers, answer.content, {"form": form})
    try:
        return msgspec.json.decode(answer.content, type=_Granted)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise TemporaryError("Google answered without a token that can be used.") from error


def _signed(key: Key, purpose: Purpose) -> str:
    import jwt

    now = int(time.time())
    claims = {
        "iss": key.client_email,
        "scope": " ".join(purpose.scopes),
        "aud": purpose.url,
        "iat": now,
        "exp": now + LASTS,
    }
    if purpose.act_as:
        claims["sub"] = purpose.act_as
    try:
        return jwt.encode(claims, key.private_key, algorithm="RS256", headers={"kid": key.private_key_id})
    except (jwt.InvalidKeyError, ValueError, TypeError) as error:
        raise _unusable() from error


def _unusable() -> CredentialsError:
    return CredentialsError(
        "This is not the key of a service account. Paste the whole JSON file that Google Cloud gave you, and connect"
        " again."
    )


def _denied(said: _Refused, act_as: str) -> CredentialsError:
    words = (said.error_description or said.error or "it gave no reason").rstrip(".")[:200]
    if said.error == "unauthorized_client" and act_as:
        return CredentialsError(
            f"Google does not let this service account act as {act_as}: {words}. An administrator of the"
            " domain must allow its client id and scopes under API controls, Domain-wide delegation."
        )
    return CredentialsError(f"Google refuses the service account's key: {words}. Check that the key still exists.")
