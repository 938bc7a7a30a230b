"""Signing in at Bluesky with an app password, and asking in the name of the account."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import msgspec

from connectors.sdk import Context, CredentialsError, Secret, Settings, field
from connectors.sdk.network.answers import raise_for_status
from connectors.sdk.network.http import Options, Response
from connectors.sdk.network.urls import host_of, require_address

ADDRESS = "https://bsky.social"
_SIGN_IN = "com.atproto.server.createSession"
# A token that has run out is told with 400
_EXPIRED = (400, 401)


class Connection(Settings):
    """An account with an app password, at Bluesky or at a server of one's own."""

    handle: Annotated[str, field("Handle", hint="Or the mail address of the account.", example="example.bsky.social")]
    password: Annotated[Secret, field("App password", hint="Made under Settings, Privacy and security.")]
    address: Annotated[
        str, field("Server", hint="Another one than Bluesky's, when the account lives there.", advanced=True)
    ] = ADDRESS

    def __post_init__(self) -> None:
        require_address(self.address)


class _Signed(msgspec.Struct):
    did: str
    accessJwt: str  # noqa: N815  # the service's name


class _Refusal(msgspec.Struct):
    error: str = ""


class Session:
    """The account's id and its token, shared by all calls with a connection: signing in is counted by the day."""

    def __init__(self) -> None:
        self.did = ""
        self._token = ""
        self._turn = asyncio.Lock()

    async def token(self, context: Context[Connection, Any], refused: str | None = None) -> str:
        """Return a token, another than the one that was refused."""
        async with self._turn:
            if not self._token or self._token == refused:
                signed = await _sign_in(context)
                self.did, self._token = signed.did, signed.accessJwt
            return self._token

    async def close(self) -> None:
        """Forget the token."""
        self._token = ""


async def session(context: Context[Connection, Any]) -> Session:
    """Return the connection's session."""

    async def opened() -> Session:
        return Session()

    return await context.pool(opened)


async def own_did(context: Context[Connection, Any]) -> str:
    """Return the account's id."""
    held = await session(context)
    await held.token(context)
    return held.did


async def call(context: Context[Connection, Any], verb: str, method: str, options: Options | None = None) -> Response:
    """Call a method in the name of the account; signs in again once when the token has run out."""
    held, asked = await session(context), options or Options()
    token = await held.token(context)
    answer = await _send(context, verb, method, asked, token)
    if answer.status in _EXPIRED and (answer.status == 401 or _error(answer) == "ExpiredToken"):
        token = await held.token(context, refused=token)
        answer = await _send(context, verb, method, asked, token)
    if answer.status not in asked.get("accepts", ()):
        _judge(context.connection, answer, token)
    return answer


async def _send(context: Context[Connection, Any], verb: str, method: str, options: Options, token: str) -> Response:
    sent = Options(**options)
    sent["headers"] = {"Authorization": f"Bearer {token}"}
    sent["accepts"] = (*_EXPIRED, *options.get("accepts", ()))
    return await context.http.request(verb, _url(context.connection, method), **sent)


async def _sign_in(context: Context[Connection, Any]) -> _Signed:
    connection = context.connection
    said = {"identifier": connection.handle.strip().removeprefix("@"), "password": connection.password.reveal()}
    answer = await context.http.post(_url(connection, _SIGN_IN), json=said, accepts=_EXPIRED)
    if answer.status in _EXPIRED:
        raise CredentialsError(
            f"{host_of(connection.address)} answered {answer.status}: it does not know this handle with this app "
            "password. Make a new app password and connect again."
        )
    return answer.read(_Signed)


def _judge(connection: Connection, answer: Response, token: str) -> None:
    options = {"headers": {"Authorization": f"Bearer {token}"}}
    raise_for_status(host_of(connection.address), answer.status, answer.headers, answer.content, options)


def _error(answer: Response) -> str:
    try:
        return msgspec.json.decode(answer.content, type=_Refusal).error
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""


def _url(connection: Connection, method: str) -> str:
    return f"{connection.address.rstrip('/')}/xrpc/{method}"
