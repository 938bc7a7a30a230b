"""Signing in at a Mastodon server, and asking it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from connectors.sdk import Context, OAuth, Secret, Settings, field
from connectors.sdk.network.granted import bearer, send_granted, signed
from connectors.sdk.network.http import Options, Response
from connectors.sdk.network.urls import require_address


class Connection(Settings):
    """An account at any Mastodon server, or at another that speaks as Mastodon does."""

    address: Annotated[str, field("Server", hint="Where the account lives.", example="https://mastodon.social")]
    kind: Annotated[
        Literal["token", "oauth"],
        field(
            "Signs in by", hint="token: made under Preferences, Development; oauth: the account agrees in a browser."
        ),
    ] = "token"
    token: Annotated[Secret | None, field("Access token", when={"kind": ("token",)})] = None
    client_id: Annotated[str, field("Client key", hint="Of your application.", when={"kind": ("oauth",)})] = ""
    client_secret: Annotated[Secret | None, field("Client secret", when={"kind": ("oauth",)})] = None

    def __post_init__(self) -> None:
        require_address(self.address)
        if self.kind == "token" and self.token is None:
            raise ValueError("Give the access token of your application.")
        if self.kind == "oauth" and not self.client_id:
            raise ValueError("Give the client key of your application.")


def granted(connection: Connection) -> OAuth | None:
    """Say how an account grants access, and for what."""
    if connection.kind != "oauth":
        return None
    server = connection.address.rstrip("/")
    return OAuth(
        authorize_url=f"{server}/oauth/authorize",
        token_url=f"{server}/oauth/token",
        client_id=connection.client_id,
        client_secret=connection.client_secret,
        scopes={
            "read:accounts": "Read the name of the account, and look up others.",
            "read:statuses": "Read posts.",
            "read:notifications": "Read mentions.",
            "write:statuses": "Post, change and delete posts.",
        },
    )


async def call(context: Context[Connection, Any], method: str, path: str, options: Options | None = None) -> Response:
    """Send a request in the name of the account; a granted token that is refused is renewed once."""
    connection, url = context.connection, context.connection.address.rstrip("/") + path
    asked = options or Options()
    if connection.kind == "token" and connection.token is not None:
        return await context.http.request(method, url, **signed(asked, bearer(connection.token.reveal())))
    return await send_granted(context, method, url, asked)
