"""HubSpot's two ways to sign in, its requests, and what its refusals mean."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from connectors.sdk import Context, CredentialsError, OAuth, Secret, Settings, TemporaryError, field
from connectors.sdk.network.answers import raise_for_status
from connectors.sdk.network.granted import bearer, send_granted, signed
from connectors.sdk.network.http import Options, Response
from connectors.sdk.network.urls import host_of, require_address

ADDRESS = "https://api.hubapi.com"
SIGN_IN = "https://app.hubspot.com/oauth/authorize"
# HubSpot names versions by their month; v1 of before ends on 16 February 2027
OAUTH_VERSION = "2026-03"
_READ_BY_US = (403, 429)
# HubSpot counts requests in windows of ten seconds, and in days
WINDOW, DAY = 10.0, 3600.0


class Connection(Settings):
    """A service key or private app of your account, or an app of yours to which an account grants access."""

    kind: Annotated[
        Literal["token", "oauth"],
        field(
            "Signs in by",
            hint="token: a service key, or the token of a private app; oauth: an app that an account agrees to.",
        ),
    ] = "token"
    token: Annotated[
        Secret | None,
        field("Access token", hint="Your service key, or the token of your private app.", when={"kind": ("token",)}),
    ] = None
    client_id: Annotated[str, field("Client id", hint="Of your app, under Auth.", when={"kind": ("oauth",)})] = ""
    client_secret: Annotated[
        Secret | None,
        field("Client secret", hint="Under Auth; with a token only for the trigger that HubSpot calls."),
    ] = None
    access: Annotated[
        Literal["read", "write"],
        field("Access", hint="read is enough for triggers and lookups.", when={"kind": ("oauth",)}),
    ] = "read"
    address: Annotated[
        str, field("Address", hint="Only for a stand-in or a private entrance of the service.", advanced=True)
    ] = ADDRESS

    def __post_init__(self) -> None:
        """Refuse a way to sign in that lacks what it needs."""
        require_address(self.address)
        if self.kind == "token" and self.token is None:
            raise ValueError("Give a service key, or the access token of your private app.")
        if self.kind == "oauth" and (not self.client_id or self.client_secret is None):
            raise ValueError("Give the client id and the client secret of your app.")


class Problem(msgspec.Struct, kw_only=True):
    """What HubSpot says when it does not do something."""

    category: str = ""
    policy: str = msgspec.field(default="", name="policyName")


def granted(connection: Connection) -> OAuth | None:
    """Say how an account grants access, and for what."""
    if connection.kind != "oauth":
        return None
    base = connection.address.rstrip("/")
    things = {"contacts": "contacts", "companies": "companies", "deals": "deals"}
    scopes = {"oauth": "Sign in."}
    scopes |= {f"crm.objects.{name}.read": f"Read {words}." for name, words in things.items()}
    if connection.access == "write":
        scopes |= {f"crm.objects.{name}.write": f"Add and change {words}." for name, words in things.items()}
    return OAuth(
        authorize_url=SIGN_IN if connection.address == ADDRESS else f"{base}/oauth/authorize",
        token_url=f"{base}/oauth/{OAUTH_VERSION}/token",
        client_id=connection.client_id,
        client_secret=connection.client_secret,
        scopes=scopes,
    )


async def call(context: Context[Any, Any], method: str, path: str, options: Options | None = None) -> Response:
    """Send one request under the connection's credentials."""
    connection: Connection = context.connection
    url = f"{connection.address.rstrip('/')}/crm/v3/{path}"
    given: Options = options or {}
    given = {**given, "accepts": {*given.get("accepts", ()), *_READ_BY_US}}
    if connection.kind == "token" and connection.token is not None:
        answer = await context.http.request(method, url, **signed(given, bearer(connection.token.reveal())))
    else:
        answer = await send_granted(context, method, url, given)
    _judge(connection, answer)
    return answer


def _judge(connection: Connection, answer: Response) -> None:
    """Raise what a refusal means that HubSpot explains in words of its own."""
    if answer.status not in _READ_BY_US:
        return
    problem = _problem(answer)
    if answer.status == 429 and "Retry-After" not in answer.headers:
        if problem.policy == "DAILY":
            raise TemporaryError("HubSpot allows no more requests today: the daily limit is reached.", retry_after=DAY)
        raise TemporaryError("HubSpot allows no more requests within ten seconds.", retry_after=WINDOW)
    if answer.status == 403 and problem.category == "MISSING_SCOPES":
        raise CredentialsError(
            "HubSpot does not allow this to the connection: a scope is missing. "
            "Add the scopes of the set-up steps to your app, then connect again."
        )
    raise_for_status(host_of(connection.address), answer.status, answer.headers, b"", {})


def _problem(answer: Response) -> Problem:
    try:
        return msgspec.json.decode(answer.content, type=Problem)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Problem()
