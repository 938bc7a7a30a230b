"""Zendesk's two ways to sign in, its requests, and what its refusals mean."""

from __future__ import annotations

import base64
import re
from typing import Annotated, Any, Literal

import msgspec

from connectors.sdk import Context, CredentialsError, OAuth, Secret, Settings, SettingsError, field
from connectors.sdk.network.granted import send_granted, signed
from connectors.sdk.network.http import Options, Response
from connectors.sdk.network.urls import require_address
from connectors.sdk.texts import storable

_SUBDOMAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


class Connection(Settings):
    """An API token of an agent, or an OAuth client of your Zendesk."""

    subdomain: Annotated[str, field("Subdomain", hint="What stands before .zendesk.com.", example="acme")] = ""
    kind: Annotated[
        Literal["token", "oauth"],
        field(
            "Signs in by", hint="token: an API token and an agent's address; oauth: a client that an agent agrees to."
        ),
    ] = "token"
    email: Annotated[str, field("E-mail address", hint="Of the agent who acts.", when={"kind": ("token",)})] = ""
    token: Annotated[Secret | None, field("API token", when={"kind": ("token",)})] = None
    client_id: Annotated[str, field("Unique identifier", hint="Of the OAuth client.", when={"kind": ("oauth",)})] = ""
    client_secret: Annotated[Secret | None, field("Secret", when={"kind": ("oauth",)})] = None
    access: Annotated[
        Literal["read", "write"],
        field("Access", hint="read is enough for triggers and lookups.", when={"kind": ("oauth",)}),
    ] = "read"
    webhook_secret: Annotated[
        Secret | None,
        field("Webhook secret", hint="Only for the trigger that Zendesk calls: its signing secret.", advanced=True),
    ] = None
    address: Annotated[str, field("Address", hint="Only for a stand-in or an address of your own.", advanced=True)] = ""

    def __post_init__(self) -> None:
        """Refuse a way to sign in that lacks what it needs."""
        if self.address:
            require_address(self.address)
        elif not _SUBDOMAIN.fullmatch(self.subdomain):
            raise ValueError("Give the subdomain alone, such as acme for acme.zendesk.com.")
        if self.kind == "token" and (self.token is None or "@" not in self.email):
            raise ValueError("Give the e-mail address of an agent, and the API token.")
        if self.kind == "oauth" and (not self.client_id or self.client_secret is None):
            raise ValueError("Give the unique identifier and the secret of the OAuth client.")

    @property
    def base(self) -> str:
        """Where requests go."""
        return self.address.rstrip("/") or f"https://{self.subdomain.lower()}.zendesk.com"


class _Detail(msgspec.Struct):
    description: str = ""


class _Problem(msgspec.Struct):
    description: str = ""
    details: dict[str, list[_Detail]] = {}


def granted(connection: Connection) -> OAuth | None:
    """Say how an agent grants access, and for what."""
    if connection.kind != "oauth":
        return None
    scopes = {"read": "Read and search tickets."}
    if connection.access == "write":
        scopes["tickets:write"] = "Add, change and delete tickets."
    return OAuth(
        authorize_url=f"{connection.base}/oauth/authorizations/new",
        token_url=f"{connection.base}/oauth/tokens",
        client_id=connection.client_id,
        client_secret=connection.client_secret,
        scopes=scopes,
    )


async def call(context: Context[Any, Any], method: str, path: str, options: Options | None = None) -> Response:
    """Send one request under the connection's credentials."""
    connection: Connection = context.connection
    url = f"{connection.base}/api/v2/{path}"
    given: Options = options or {}
    given = {**given, "accepts": {*given.get("accepts", ()), 401, 422}}
    if connection.kind == "token" and connection.token is not None:
        pair = f"{connection.email}/token:{connection.token.reveal()}"
        headers = {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
        answer = await context.http.request(method, url, **signed(given, headers))
    else:
        answer = await send_granted(context, method, url, given)
    if answer.status == 401:
        raise CredentialsError("Zendesk does not accept the connection's credentials. Check them and connect again.")
    if answer.status == 422:
        raise SettingsError(f"Zendesk refused the ticket: {_reasons(answer)}.")
    return answer


def _reasons(answer: Response) -> str:
    try:
        problem = msgspec.json.decode(answer.content, type=_Problem)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return "it says not why"
    told = [one.description for many in problem.details.values() for one in many if one.description]
    return storable("; ".join(told) or problem.description or "it says not why").rstrip(".")[:300]
