"""Pipedrive's two ways to sign in, its requests, and what its limits mean."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from connectors.sdk import Context, OAuth, Secret, Settings, TemporaryError, field
from connectors.sdk.network.answers import raise_for_status
from connectors.sdk.network.granted import send_granted, signed
from connectors.sdk.network.http import Options, Response
from connectors.sdk.network.urls import host_of, require_address

ADDRESS = "https://api.pipedrive.com"
SIGN_IN = "https://oauth.pipedrive.com/oauth"


class Connection(Settings):
    """Your own API token, or an app of yours to which a user grants access."""

    kind: Annotated[
        Literal["token", "oauth"],
        field("Signs in by", hint="token: a user's API token; oauth: an app that a user agrees to."),
    ] = "token"
    token: Annotated[
        Secret | None,
        field("API token", hint="Under Personal preferences, API.", when={"kind": ("token",)}),
    ] = None
    client_id: Annotated[str, field("Client id", when={"kind": ("oauth",)})] = ""
    client_secret: Annotated[Secret | None, field("Client secret", when={"kind": ("oauth",)})] = None
    access: Annotated[
        Literal["read", "write"],
        field("Access", hint="read is enough for triggers and lookups.", when={"kind": ("oauth",)}),
    ] = "read"
    webhook_password: Annotated[
        Secret, field("Webhook password", hint="Only for the trigger that Pipedrive calls; you make it up.")
    ] = Secret("")
    address: Annotated[
        str, field("Address", hint="Only for a stand-in or a private entrance of the service.", advanced=True)
    ] = ADDRESS

    def __post_init__(self) -> None:
        """Refuse a way to sign in that lacks what it needs."""
        require_address(self.address)
        if self.kind == "token" and self.token is None:
            raise ValueError("Give the API token.")
        if self.kind == "oauth" and (not self.client_id or self.client_secret is None):
            raise ValueError("Give the client id and the client secret of your app.")


def granted(connection: Connection) -> OAuth | None:
    """Say how a user grants access, and for what."""
    if connection.kind != "oauth":
        return None
    server = SIGN_IN if connection.address == ADDRESS else f"{connection.address.rstrip('/')}/oauth"
    level, word = ("full", "Read, add and change") if connection.access == "write" else ("read", "Read")
    return OAuth(
        authorize_url=f"{server}/authorize",
        token_url=f"{server}/token",
        client_id=connection.client_id,
        client_secret=connection.client_secret,
        client_in="header",
        scopes={f"deals:{level}": f"{word} deals.", f"contacts:{level}": f"{word} persons and organizations."},
    )


async def call(context: Context[Any, Any], method: str, path: str, options: Options | None = None) -> Response:
    """Send one request under the connection's credentials."""
    connection: Connection = context.connection
    url = f"{connection.address.rstrip('/')}/api/v2/{path}"
    given: Options = options or {}
    given = {**given, "accepts": {*given.get("accepts", ()), 429}}
    if connection.kind == "token" and connection.token is not None:
        headers = {"x-api-token": connection.token.reveal()}
        answer = await context.http.request(method, url, **signed(given, headers))
    else:
        answer = await send_granted(context, method, url, given)
    if answer.status == 429:
        reset = answer.headers.get("x-ratelimit-reset", "")
        if "Retry-After" not in answer.headers and reset.isdecimal():
            raise TemporaryError(f"Pipedrive allows no more requests for {reset} seconds.", retry_after=float(reset))
        raise_for_status(host_of(connection.address), answer.status, answer.headers, b"", {})
    return answer
