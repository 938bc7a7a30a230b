"""A site of Jira Cloud: two ways to sign in, its requests, and what its refusals mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec

from connectors.sdk import Context, CredentialsError, OAuth, Secret, Settings, SettingsError, field
from connectors.sdk.network.answers import raise_for_status, refusal
from connectors.sdk.network.http import Options, Response
from connectors.sdk.network.urls import host_of, require_address
from connectors.sdk.texts import storable

GATEWAY = "https://api.atlassian.com"
SIGN_IN = "https://auth.atlassian.com"
UNAUTHORIZED, _ABSENT = 401, 404
_READ_BY_US = (400, UNAUTHORIZED, _ABSENT, 409, 422)
_TOKEN: Mapping[str, tuple[str, ...]] = {"kind": ("token",)}
_OAUTH: Mapping[str, tuple[str, ...]] = {"kind": ("oauth",)}


class Connection(Settings):
    """An account at a site of Jira Cloud, also of Jira Service Management."""

    site: Annotated[str, field("Site", hint="Where you use Jira.", example="https://example.atlassian.net")]
    kind: Annotated[
        Literal["token", "oauth"],
        field("Signs in by", hint="token: your address and an API token; oauth: a person signs in through your app."),
    ] = "token"
    email: Annotated[str, field("E-mail", hint="Of the account that the token is of.", when=_TOKEN)] = ""
    token: Annotated[Secret, field("API token", hint="From id.atlassian.com.", when=_TOKEN)] = Secret("")
    client_id: Annotated[str, field("Client id", hint="In the app's settings.", when=_OAUTH)] = ""
    client_secret: Annotated[Secret, field("Client secret", hint="In the app's settings.", when=_OAUTH)] = Secret("")
    webhook_secret: Annotated[
        Secret, field("Webhook secret", hint="Only for the trigger that Jira calls; you make it up.", advanced=True)
    ] = Secret("")
    address: Annotated[
        str, field("Address", hint="Only for a stand-in of Atlassian's gateway.", when=_OAUTH, advanced=True)
    ] = GATEWAY
    sign_in: Annotated[
        str, field("Sign-in address", hint="Only for a stand-in of the service.", when=_OAUTH, advanced=True)
    ] = SIGN_IN

    def __post_init__(self) -> None:
        """Refuse addresses that are none, and ways to sign in that lack something."""
        for address in (self.site, self.address, self.sign_in):
            require_address(address)
        if self.kind == "oauth" and not self.client_id:
            raise ValueError("Give the client id of the app.")
        if self.kind == "token" and not self.email:
            raise ValueError("Give the e-mail address of the account that the token is of.")

    @property
    def root(self) -> str:
        """The site's address without what people copy with it."""
        return self.site.rstrip("/").removesuffix("/jira")


class Problem(msgspec.Struct):
    """What Jira says when it does not do something."""

    errorMessages: list[str] = []  # noqa: N815  # Jira's name
    errors: dict[str, Any] = {}

    @property
    def sentence(self) -> str:
        """What is wrong, with the fields that it is about."""
        fields = [f"{name}: {text}" for name, text in self.errors.items()]
        return storable("; ".join(one.rstrip(".") for one in [*self.errorMessages, *fields]))[:300]


def granted(connection: Connection) -> OAuth | None:
    """Say how a person grants access, and for what."""
    if connection.kind != "oauth":
        return None
    return OAuth(
        authorize_url=f"{connection.sign_in.rstrip('/')}/authorize",
        token_url=f"{connection.sign_in.rstrip('/')}/oauth/token",
        client_id=connection.client_id,
        client_secret=connection.client_secret,
        scopes={
            "read:jira-work": "Reads issues and projects.",
            "write:jira-work": "Opens, changes and comments on issues.",
            "read:jira-user": "Reads the account's time zone, without which no time can be asked for.",
            "offline_access": "Goes on without signing in again.",
        },
        parameters={"audience": "api.atlassian.com", "prompt": "consent"},
    )


def reachable(connection: Connection) -> list[str]:
    """Name the host that is called: the site, or for apps Atlassian's gateway to it."""
    return [host_of(connection.address if connection.kind == "oauth" else connection.site)]


async def call(
    context: Context[Connection, Any],
    method: str,
    path: str,
    params: Mapping[str, str] | None = None,
    body: Any = None,
    *,
    absent: bool = False,
) -> Response:
    """Send a request for a path below rest/api/3; a granted token that is refused is renewed once.

    `absent`: what is asked for need not be there, and 404 comes back like any other answer.
    """
    options = Options(accepts=_READ_BY_US)
    if params:
        options["params"] = params
    if body is not None:
        options["json"] = body
    if context.connection.kind == "token":
        url = f"{context.connection.root}/rest/api/3/{path}"
        answer = await context.http.request(method, url, **_signed(options, _basic(context)))
    else:
        gateway: _Gateway = await context.pool(lambda: _gateway(context))
        answer = await _granted(context, method, f"{gateway.base}/rest/api/3/{path}", options)
    if not (absent and answer.status == _ABSENT):
        _judge(context.connection, answer, options)
    return answer


class _Gateway:
    """Where the gateway has the site; kept as long as the connection is used."""

    def __init__(self, base: str) -> None:
        self.base = base

    async def close(self) -> None:
        """There is nothing open."""


class _Resource(msgspec.Struct):
    id: str
    url: str = ""


async def _gateway(context: Context[Connection, Any]) -> _Gateway:
    """Ask the gateway which of the sites that the person chose is the connection's."""
    address = context.connection.address.rstrip("/")
    answer = await _granted(context, "GET", f"{address}/oauth/token/accessible-resources", Options(accepts=_READ_BY_US))
    _judge(context.connection, answer, Options())
    found = next((one for one in answer.read(list[_Resource]) if one.url.rstrip("/") == context.connection.root), None)
    if found is None:
        raise CredentialsError(
            f"The app was not allowed to use {context.connection.root}. Connect again and choose it."
        )
    return _Gateway(f"{address}/ex/jira/{found.id}")


async def _granted(context: Context[Connection, Any], method: str, url: str, options: Options) -> Response:
    token = await context.access_token()
    answer = await context.http.request(method, url, **_signed(options, f"Bearer {token}"))
    if answer.status != UNAUTHORIZED:
        return answer
    renewed = await context.access_token(refused=token)
    return await context.http.request(method, url, **_signed(options, f"Bearer {renewed}"))


def _basic(context: Context[Connection, Any]) -> str:
    import base64

    connection = context.connection
    if not connection.token.reveal():
        raise CredentialsError("The connection holds no API token. Put one in.")
    return "Basic " + base64.b64encode(f"{connection.email}:{connection.token.reveal()}".encode()).decode()


def _signed(options: Options, proof: str) -> Options:
    return {**options, "headers": {"Authorization": proof, "Accept": "application/json"}}


def _judge(connection: Connection, answer: Response, options: Options) -> None:
    """Raise what a refusal means, in Jira's own words where it says what is wrong."""
    if answer.status < 400:
        return
    if answer.status == UNAUTHORIZED:
        # What it says is left out: it may repeat the credentials, of which only their encoded form is known to be sent
        raise CredentialsError("Jira answered 401: it does not accept the connection's credentials. Connect again.")
    if answer.status in _READ_BY_US:
        said = refusal(answer.content, Problem).sentence or f"it answered {answer.status} and does not say why"
        raise SettingsError(f"Jira refused the request: {said}.")
    raise_for_status(host_of(connection.site), answer.status, answer.headers, answer.content, options)
