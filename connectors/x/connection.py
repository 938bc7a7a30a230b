"""X's two ways to sign in, its requests, and what its refusals mean."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec

from connectors.sdk import Context, CredentialsError, OAuth, Secret, Settings, SettingsError, TemporaryError, field
from connectors.sdk.network.answers import raise_for_status
from connectors.sdk.network.http import Options, Response
from connectors.sdk.network.urls import host_of, require_address
from connectors.sdk.texts import storable

ADDRESS = "https://api.x.com"
SIGN_IN = "https://x.com/i/oauth2/authorize"
_READ_BY_US = (400, 401, 402, 403, 404, 429)
# What X says of a post with 403, although other credentials would not help
_ABOUT_THE_POST = ("duplicate content", "deleted or not visible", "not permitted to", "too long")


class Connection(Settings):
    """An account that reads and posts, or an app that only reads."""

    kind: Annotated[
        Literal["oauth", "app"],
        field("Signs in by", hint="oauth: an account signs in, to read and to post; app: a bearer token, to read."),
    ] = "oauth"
    client_id: Annotated[
        str, field("Client id", hint="Of your app at developer.x.com, under OAuth 2.0.", when={"kind": ("oauth",)})
    ] = ""
    client_secret: Annotated[
        Secret | None,
        field("Client secret", hint="Empty for an app of type Native App.", when={"kind": ("oauth",)}),
    ] = None
    token: Annotated[
        Secret | None,
        field("Bearer token", hint="Of your app, under Keys and tokens.", when={"kind": ("app",)}),
    ] = None
    address: Annotated[
        str, field("Address", hint="Only for a stand-in or a private entrance of the service.", advanced=True)
    ] = ADDRESS

    def __post_init__(self) -> None:
        require_address(self.address)
        if self.kind == "oauth" and not self.client_id:
            raise ValueError("Give the client id of your app.")
        if self.kind == "app" and self.token is None:
            raise ValueError("Give the bearer token of your app.")


class Problem(msgspec.Struct):
    """What X says when it does not do something."""

    detail: str = ""
    title: str = ""
    message: str = ""
    errors: list[Problem] = []

    @property
    def sentence(self) -> str:
        """The most that X says: of a wrong parameter the details stand inside."""
        inner = next((one.message or one.detail for one in self.errors), "")
        return storable(inner or self.detail or self.title).rstrip(".")[:300]


def granted(connection: Connection) -> OAuth | None:
    """Say how an account grants access, and for what."""
    if connection.kind != "oauth":
        return None
    own = connection.address != ADDRESS
    return OAuth(
        authorize_url=f"{connection.address}/i/oauth2/authorize" if own else SIGN_IN,
        token_url=f"{connection.address}/2/oauth2/token",
        client_id=connection.client_id,
        client_secret=connection.client_secret,
        client_in="header" if connection.client_secret else "body",
        scopes={
            "tweet.read": "Read posts.",
            "users.read": "Read who wrote them, and the name of the account.",
            "tweet.write": "Post, and delete what was posted.",
            "offline.access": "Go on without signing in again.",
        },
    )


async def call(
    context: Context[Connection, Any],
    method: str,
    route: str,
    params: Mapping[str, Any] | None = None,
    body: Any = None,
) -> Response:
    """Send a request under the connection's credentials; a token that is refused is renewed once."""
    options = Options(accepts=_READ_BY_US)
    if params:
        options["params"] = {name: str(value) for name, value in params.items()}
    if body is not None:
        options["json"] = body
    url = context.connection.address.rstrip("/") + route
    token = await bearer(context)
    answer = await context.http.request(method, url, **_signed(options, token))
    if answer.status == 401 and context.connection.kind == "oauth":
        token = await context.access_token(refused=token)
        answer = await context.http.request(method, url, **_signed(options, token))
    _judge(context.connection, answer, _signed(options, token))
    return answer


async def bearer(context: Context[Connection, Any]) -> str:
    """Return the token that requests carry."""
    connection = context.connection
    return connection.token.reveal() if connection.token and connection.kind == "app" else await context.access_token()


def refused(problems: list[Problem]) -> SettingsError:
    """Return the error for a good answer that holds nothing but problems."""
    return SettingsError(f"X says: {next((one.sentence for one in problems), 'there is nothing')}.")


def _signed(options: Options, token: str) -> Options:
    return {**options, "headers": {"Authorization": f"Bearer {token}"}}


def _judge(connection: Connection, answer: Response, options: Options) -> None:
    """Raise what a refusal means; X counts requests in windows and says when the next one begins."""
    if answer.status < 400:
        return
    host, sentence = host_of(connection.address), _sentence(answer)
    if answer.status == 429 and "Retry-After" not in answer.headers and (wait := _wait(answer)) is not None:
        raise TemporaryError(
            f"X allows no more requests of this kind for {int(wait)} seconds: its limit is reached.",
            retry_after=wait,
        )
    if answer.status == 401:
        raise CredentialsError("X answered 401: it does not accept the connection's token. Connect again.")
    if answer.status == 402:
        said = f" It says: {sentence}." if sentence else ""
        raise SettingsError(
            f"The credits of your account at X are used up, or its spending limit is reached.{said} Buy credits or "
            "change the limit at console.x.com."
        )
    if answer.status == 400 and sentence:
        raise SettingsError(f"X refused the request: {sentence}.")
    if answer.status == 403 and any(words in sentence for words in _ABOUT_THE_POST):
        raise SettingsError(f"X refused the post: {sentence}.")
    if answer.status == 403 and "Retry-After" not in answer.headers:
        said = f" It says: {sentence}." if sentence else ""
        raise CredentialsError(
            f"X does not allow this to the connection.{said} Check the app's permissions, then connect again."
        )
    raise_for_status(host, answer.status, answer.headers, answer.content, options)


def _sentence(answer: Response) -> str:
    try:
        return msgspec.json.decode(answer.content, type=Problem).sentence
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""


def _wait(answer: Response) -> float | None:
    reset = answer.headers.get("x-rate-limit-reset", "")
    return max(1.0, int(reset) - time.time()) if reset.isdecimal() else None
