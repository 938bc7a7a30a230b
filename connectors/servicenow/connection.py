"""ServiceNow's two ways to sign in, and its requests."""

from __future__ import annotations

import base64
import re
from typing import Annotated, Any, Literal

from connectors.sdk import Context, CredentialsError, OAuth, Secret, Settings, field
from connectors.sdk.network.granted import send_granted, signed
from connectors.sdk.network.http import Options, Response
from connectors.sdk.network.urls import require_address

_INSTANCE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


class Connection(Settings):
    """A user of your instance, by password or by an OAuth client."""

    instance: Annotated[str, field("Instance", hint="What stands before .service-now.com.", example="acme")] = ""
    kind: Annotated[
        Literal["password", "oauth"],
        field("Signs in by", hint="password: a user for programs; oauth: a client that a user agrees to."),
    ] = "password"
    user: Annotated[str, field("User", when={"kind": ("password",)})] = ""
    password: Annotated[Secret | None, field("Password", when={"kind": ("password",)})] = None
    client_id: Annotated[str, field("Client id", when={"kind": ("oauth",)})] = ""
    client_secret: Annotated[Secret | None, field("Client secret", when={"kind": ("oauth",)})] = None
    webhook_secret: Annotated[
        Secret, field("Webhook secret", hint="Only for events that are sent here: a long text that you make up.")
    ] = Secret("")
    address: Annotated[str, field("Address", hint="Only for a stand-in or an address of your own.", advanced=True)] = ""

    def __post_init__(self) -> None:
        """Refuse a way to sign in that lacks what it needs."""
        if self.address:
            require_address(self.address)
        elif not _INSTANCE.fullmatch(self.instance):
            raise ValueError("Give the instance alone, such as acme for acme.service-now.com.")
        if self.kind == "password" and (self.password is None or not self.user or ":" in self.user):
            raise ValueError("Give the user and the password.")
        if self.kind == "oauth" and (not self.client_id or self.client_secret is None):
            raise ValueError("Give the client id and the client secret.")

    @property
    def base(self) -> str:
        """Where requests go."""
        return self.address.rstrip("/") or f"https://{self.instance.lower()}.service-now.com"


def granted(connection: Connection) -> OAuth | None:
    """Say how a user grants access; ServiceNow's clients have no scopes unless one is made for them."""
    if connection.kind != "oauth":
        return None
    return OAuth(
        authorize_url=f"{connection.base}/oauth_auth.do",
        token_url=f"{connection.base}/oauth_token.do",
        client_id=connection.client_id,
        client_secret=connection.client_secret,
    )


async def call(context: Context[Any, Any], method: str, path: str, options: Options | None = None) -> Response:
    """Send one request of the Table API under the connection's credentials."""
    connection: Connection = context.connection
    url = f"{connection.base}/api/now/table/{path}"
    given: Options = options or {}
    given = signed(given, {"Accept": "application/json"})
    if connection.kind == "oauth" or connection.password is None:
        return await send_granted(context, method, url, given)
    pair = base64.b64encode(f"{connection.user}:{connection.password.reveal()}".encode()).decode()
    accepts = {*given.get("accepts", ()), 401}
    sent: Options = {**signed(given, {"Authorization": f"Basic {pair}"}), "accepts": accepts}
    answer = await context.http.request(method, url, **sent)
    if answer.status == 401:
        raise CredentialsError("ServiceNow does not accept the user and password. Check them and connect again.")
    return answer
