"""A Slack app in a workspace: its token or how one is granted, and calls of the Web API under it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

import msgspec

from connectors.sdk import Context, CredentialsError, OAuth, Secret, Settings, TemporaryError, field
from connectors.sdk.network.http import Options, Response
from connectors.sdk.network.urls import host_of, require_address
from connectors.slack.refusals import STALE, refusal

T = TypeVar("T")
Use = Literal["read", "post", "files", "reactions", "people"]
_TOKEN: Mapping[str, tuple[str, ...]] = {"kind": ("token",)}
_OAUTH: Mapping[str, tuple[str, ...]] = {"kind": ("oauth",)}
FILE_SECONDS = 120.0

SCOPES: Mapping[Use, Mapping[str, str]] = {
    "read": {
        "channels:read": "Lists the public channels to choose from.",
        "groups:read": "Lists the private channels that the app was invited to.",
        "channels:history": "Reads messages of public channels that the app was invited to.",
        "groups:history": "Reads messages of private channels that the app was invited to.",
    },
    "post": {
        "chat:write": "Posts, changes and deletes messages of its own.",
        "channels:read": "Lists the public channels to choose from.",
        "channels:history": "Finds out after a crash whether a message was posted.",
    },
    "files": {"files:read": "Fetches files that are shared.", "files:write": "Uploads files and takes them back."},
    "reactions": {"reactions:read": "Sees reactions to messages.", "reactions:write": "Adds and removes its own."},
    "people": {
        "users:read": "Lists the people to choose from.",
        "users:read.email": "Finds people by their address.",
        "im:write": "Opens a conversation with a person that is written to.",
        "im:history": "Finds out after a crash whether a person was written to.",
    },
}


class Connection(Settings):
    """A Slack app of your own, installed in your Slack workspace."""

    kind: Annotated[
        Literal["token", "oauth"],
        field(
            "Signs in by",
            hint="token: the bot token from the app's page; oauth: a person installs the app from here, "
            "which needs this hub to be reachable by https.",
        ),
    ] = "token"
    token: Annotated[
        Secret, field("Bot token", hint="Begins with xoxb-, under OAuth & Permissions of the app.", when=_TOKEN)
    ] = Secret("")
    client_id: Annotated[str, field("Client id", hint="Under Basic Information of the app.", when=_OAUTH)] = ""
    client_secret: Annotated[
        Secret, field("Client secret", hint="Under Basic Information of the app.", when=_OAUTH)
    ] = Secret("")
    uses: Annotated[
        list[Use],
        field("Asks for", hint="What the app may do: only the scopes for this are asked for.", when=_OAUTH),
    ] = msgspec.field(default_factory=lambda: list(SCOPES))
    signing_secret: Annotated[
        Secret,
        field("Signing secret", hint="Only for events that Slack sends. Under Basic Information of the app."),
    ] = Secret("")
    address: Annotated[
        str, field("Address", hint="Only for a stand-in or a private entrance of the service.", advanced=True)
    ] = "https://slack.com"

    def __post_init__(self) -> None:
        require_address(self.address)
        if self.kind == "oauth" and not self.client_id:
            raise ValueError("Give the client id of the Slack app.")


class Envelope(msgspec.Struct):
    """What every answer of Slack's begins with."""

    ok: bool
    error: str = ""
    needed: str = ""
    response_metadata: Metadata | None = None


class Metadata(msgspec.Struct):
    """Where the next page is, and what Slack has to say about a call."""

    next_cursor: str = ""
    messages: list[str] = []


def access(connection: Connection) -> OAuth | None:
    """Say how a bot token is granted, with the scopes for what the connection is used for."""
    if connection.kind != "oauth":
        return None
    address = connection.address.rstrip("/")
    scopes: dict[str, str] = {}
    for use in connection.uses:
        scopes = {**SCOPES[use], **scopes}
    return OAuth(
        token_url=f"{address}/api/oauth.v2.access",
        authorize_url=f"{address}/oauth/v2/authorize",
        client_id=connection.client_id,
        client_secret=connection.client_secret,
        scopes=scopes,
    )


def reachable(connection: Connection) -> list[str]:
    """Name the hosts that see the token: the API's and the one that keeps files."""
    host = host_of(connection.address)
    return [host, f"files.{host}"]


async def ask(context: Context[Any, Any], method: str, kind: type[T], **arguments: Any) -> T:
    """Call a method that reads."""
    params = {name: _text(value) for name, value in arguments.items() if value not in (None, "")}
    return await _call(context, "GET", method, kind, Options(params=params))


async def tell(context: Context[Any, Any], method: str, kind: type[T], **arguments: Any) -> T:
    """Call a method that does something; a message goes as JSON, the rest as Slack's SDK sends it, as a form."""
    given = {name: value for name, value in arguments.items() if value not in (None, "")}
    if method in {"chat.postMessage", "chat.update"}:
        return await _call(context, "POST", method, kind, Options(json=given))
    return await _call(
        context, "POST", method, kind, Options(form={name: _text(value) for name, value in given.items()})
    )


async def download(context: Context[Any, Any], url: str) -> Response:
    """Fetch a file; Slack answers with a page to sign in at where the token may not have it."""
    headers = {"Authorization": f"Bearer {await _token(context)}"}
    return await context.http.get(url, headers=headers, timeout=FILE_SECONDS)


async def _call(context: Context[Any, Any], verb: str, method: str, kind: type[T], options: Options) -> T:
    token = await _token(context)
    try:
        return await _once(context, verb, method, kind, options, token)
    except _StaleError as stale:
        if context.connection.kind != "oauth":
            raise refusal(stale.code) from stale
    renewed = await context.access_token(refused=token)
    try:
        return await _once(context, verb, method, kind, options, renewed)
    except _StaleError as stale:
        raise refusal(stale.code) from stale


async def _once(context: Context[Any, Any], verb: str, method: str, kind: type[T], options: Options, token: str) -> T:
    url = f"{context.connection.address.rstrip('/')}/api/{method}"
    options["headers"] = {"Authorization": f"Bearer {token}"}
    response = await context.http.request(verb, url, **options)
    answer = response.json()
    envelope = _shaped(answer, Envelope)
    if envelope.ok:
        return _shaped(answer, kind)
    if envelope.error in STALE:
        raise _StaleError(envelope.error)
    said = envelope.response_metadata.messages if envelope.response_metadata else []
    raise refusal(envelope.error, envelope.needed, "; ".join(said)[:300])


class _StaleError(Exception):
    """Slack does not accept the token; another may do."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


async def _token(context: Context[Any, Any]) -> str:
    connection: Connection = context.connection
    if connection.kind == "oauth":
        return await context.access_token()
    if not connection.token.reveal():
        raise CredentialsError("The connection holds no bot token. Put it in; it begins with xoxb-.")
    return connection.token.reveal()


def _shaped(answer: Any, kind: type[T]) -> T:
    try:
        return msgspec.convert(answer, kind)
    except msgspec.ValidationError as error:
        raise TemporaryError("Slack sent an answer that is not as it documents them.") from error


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
