"""A key pair: an app that signs for a user itself, and keeps the token it got while it is good."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from connectors.salesforce.connection import Connection, token_url
from connectors.sdk import Context, CredentialsError, TemporaryError
from connectors.sdk.texts import storable

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
# Salesforce takes no assertion that lives longer than some minutes
LASTS = 180
_REFUSALS = (400, 401, 403)


class _Granted(msgspec.Struct, frozen=True):
    access_token: str


class _Refused(msgspec.Struct, frozen=True):
    error: str = ""
    error_description: str = ""


class KeyPair:
    """The token of one connection, shared by all its calls in a process; Salesforce does not say how long it lasts."""

    def __init__(self) -> None:
        self._token = ""
        self._turn = asyncio.Lock()

    def access(self, context: Context[Connection, Any]) -> Callable[[str | None], Awaitable[str]]:
        """Return what gives out a token, another than the one that was refused."""

        async def token(refused: str | None) -> str:
            async with self._turn:
                if not self._token or self._token == refused:
                    self._token = await _ask(context)
                return self._token

        return token

    async def close(self) -> None:
        """Forget the token."""
        self._token = ""


async def opened() -> KeyPair:
    """Return a key pair without a token."""
    return KeyPair()


async def _ask(context: Context[Connection, Any]) -> str:
    """Ask for a token; that Salesforce names another place for requests does not matter."""
    form = {"grant_type": GRANT, "assertion": _signed(context.connection)}
    answer = await context.http.post(token_url(context.connection), form=form, accepts=_REFUSALS)
    if answer.status in _REFUSALS:
        raise _denied(context.connection, answer.content)
    try:
        return msgspec.json.decode(answer.content, type=_Granted).access_token
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise TemporaryError("Salesforce answered without a token that can be used.") from error


def _signed(connection: Connection) -> str:
    import jwt

    claims = {
        "iss": connection.client_id,
        "sub": connection.user,
        "aud": connection.audience,
        "exp": int(time.time()) + LASTS,
    }
    key = connection.private_key.reveal() if connection.private_key else ""
    try:
        return jwt.encode(claims, key, algorithm="RS256")
    except (jwt.InvalidKeyError, ValueError, TypeError) as error:
        raise CredentialsError(
            "This is not a private key for RS256. Paste the whole file, from -----BEGIN to the end, and connect again."
        ) from error


def _denied(connection: Connection, content: bytes) -> CredentialsError:
    try:
        said = msgspec.json.decode(content, type=_Refused)
    except (msgspec.DecodeError, UnicodeDecodeError):
        said = _Refused()
    words = storable(said.error_description or said.error or "it gave no reason").rstrip(".")[:200]
    if "approved" in words:
        return CredentialsError(
            f"Salesforce does not let the app act as {connection.user}: {words}. An administrator must let the user's"
            " profile or permission set use the app, under its policies."
        )
    return CredentialsError(
        f"Salesforce refuses the key pair: {words}. Check the consumer key, the user name and the app's certificate."
    )
