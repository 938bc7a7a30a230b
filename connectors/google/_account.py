"""A service account: signs for itself, and keeps the tokens it got while they are good."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import msgspec

from connectors.google._connection import Connection, Service, token_url
from connectors.sdk import Context, CredentialsError, TemporaryError
from connectors.sdk.network.answers import raise_for_status
from connectors.sdk.network.urls import host_of

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LASTS = 3600
# A token that ends sooner is not used any more
MARGIN = 120.0


class Key(msgspec.Struct, frozen=True):
    """What matters of a service account's key file; the address in it is not asked, Google's own is."""

    client_email: str
    private_key: str
    private_key_id: str = ""


class _Granted(msgspec.Struct, frozen=True):
    access_token: str
    expires_in: int = LASTS


class _Refused(msgspec.Struct, frozen=True):
    error: str = ""
    error_description: str = ""


class ServiceAccount:
    """The tokens of one service account, one for each service, shared by all calls of a process."""

    def __init__(self) -> None:
        self._tokens: dict[str, tuple[str, float]] = {}
        self._turn = asyncio.Lock()

    async def token(self, context: Context[Connection, Any], service: Service, refused: str | None) -> str:
        """Return a token for one service, another than the one it has refused."""
        async with self._turn:
            token, ends = self._tokens.get(service.name, ("", 0.0))
            if token and token != refused and ends - MARGIN > time.monotonic():
                return token
            granted = await _ask(context, service)
            self._tokens[service.name] = granted.access_token, time.monotonic() + granted.expires_in
            return granted.access_token

    async def close(self) -> None:
        """Forget the tokens."""
        self._tokens.clear()


async def opened() -> ServiceAccount:
    """Return an account without tokens."""
    return ServiceAccount()


async def _ask(context: Context[Connection, Any], service: Service) -> _Granted:
    url = token_url(context.connection)
    form = {"grant_type": GRANT, "assertion": _signed(context.connection, service, url)}
    answer = await context.http.post(url, form=form, accepts=range(400, 600))
    if answer.status in {400, 401, 403}:
        raise _denied(context.connection, answer.content)
    raise_for_status(host_of(url), answer.status, answer.headers, answer.content, {"form": form})
    try:
        return msgspec.json.decode(answer.content, type=_Granted)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise TemporaryError("Google answered without a token that can be used.") from error


def _signed(connection: Connection, service: Service, audience: str) -> str:
    import jwt

    key = _key(connection)
    now = int(time.time())
    claims = {
        "iss": key.client_email,
        "scope": " ".join(service.scopes(connection.access)),
        "aud": audience,
        "iat": now,
        "exp": now + LASTS,
    }
    if connection.act_as:
        claims["sub"] = connection.act_as
    try:
        return jwt.encode(claims, key.private_key, algorithm="RS256", headers={"kid": key.private_key_id})
    except (jwt.InvalidKeyError, ValueError, TypeError) as error:
        raise _unusable() from error


def _key(connection: Connection) -> Key:
    try:
        return msgspec.json.decode(connection.key.reveal() if connection.key else "", type=Key)
    except (msgspec.DecodeError, UnicodeEncodeError):
        raise _unusable() from None


def _unusable() -> CredentialsError:
    return CredentialsError(
        "This is not the key of a service account. Paste the whole JSON file that Google Cloud gave you, and connect"
        " again."
    )


def _denied(connection: Connection, content: bytes) -> CredentialsError:
    try:
        said = msgspec.json.decode(content, type=_Refused)
    except (msgspec.DecodeError, UnicodeDecodeError):
        said = _Refused()
    words = (said.error_description or said.error or "it gave no reason").rstrip(".")[:200]
    if said.error == "unauthorized_client" and connection.act_as:
        return CredentialsError(
            f"Google does not let this service account act as {connection.act_as}: {words}. An administrator of the"
            " domain must allow its client id and scopes under API controls, Domain-wide delegation."
        )
    return CredentialsError(f"Google refuses the service account's key: {words}. Check that the key still exists.")
