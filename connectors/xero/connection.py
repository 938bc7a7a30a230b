"""Xero's two ways to sign in, the organisations they open, its requests, and what its refusals mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec

from connectors.sdk import Choice, Context, OAuth, Secret, Settings, SettingsError, field
from connectors.sdk.network.granted import send_granted
from connectors.sdk.network.http import Options, Response
from connectors.sdk.network.urls import require_address
from connectors.sdk.texts import storable

ADDRESS = "https://api.xero.com"
SIGN_IN = "https://login.xero.com/identity/connect/authorize"
TOKENS = "https://identity.xero.com/connect/token"


class Connection(Settings):
    """An app of yours to which a user grants access, or a custom connection of one organisation."""

    kind: Annotated[
        Literal["oauth", "custom"],
        field(
            "Signs in by", hint="oauth: a web app that a user agrees to; custom: a custom connection, without a user."
        ),
    ] = "oauth"
    client_id: Annotated[str, field("Client id")]
    client_secret: Annotated[Secret, field("Client secret")]
    access: Annotated[Literal["read", "write"], field("Access", hint="read is enough for triggers and lookups.")] = (
        "read"
    )
    webhooks_key: Annotated[
        Secret, field("Webhooks key", hint="Only for the trigger that Xero calls: the app's, under Webhooks.")
    ] = Secret("")
    address: Annotated[
        str, field("Address", hint="Only for a stand-in or a private entrance of the service.", advanced=True)
    ] = ADDRESS

    def __post_init__(self) -> None:
        """Refuse an address that is none."""
        require_address(self.address)


class _Tenant(msgspec.Struct, kw_only=True):
    id: str = msgspec.field(name="tenantId")
    name: str | None = msgspec.field(default=None, name="tenantName")


class _Told(msgspec.Struct):
    text: str = msgspec.field(default="", name="Message")


class _Element(msgspec.Struct):
    errors: list[_Told] = msgspec.field(default_factory=list, name="ValidationErrors")


class _Problem(msgspec.Struct):
    text: str = msgspec.field(default="", name="Message")
    elements: list[_Element] = msgspec.field(default_factory=list, name="Elements")


def granted(connection: Connection) -> OAuth:
    """Say how the app gets its tokens, and what for."""
    own = connection.address != ADDRESS
    base = connection.address.rstrip("/")
    contacts = "accounting.contacts" if connection.access == "write" else "accounting.contacts.read"
    scopes = {
        contacts: "Read, add and change contacts." if connection.access == "write" else "Read contacts.",
        "accounting.invoices.read": "Read invoices.",
    }
    if connection.kind == "oauth":
        scopes["offline_access"] = "Go on without signing in again."
    sign_in = f"{base}/authorize" if own else SIGN_IN
    return OAuth(
        authorize_url=sign_in if connection.kind == "oauth" else "",
        token_url=f"{base}/token" if own else TOKENS,
        client_id=connection.client_id,
        client_secret=connection.client_secret,
        client_in="header",
        scopes=scopes,
    )


async def organisations(context: Context[Connection, Any]) -> Sequence[Choice]:
    """Return the organisations that the user has opened to the app."""
    answer = await send_granted(context, "GET", f"{context.connection.address.rstrip('/')}/connections", {})
    return [Choice(one.id, one.name or "") for one in answer.read(list[_Tenant])]


async def organisation(context: Context[Connection, Any], chosen: str) -> str:
    """Return the organisation to speak to: the chosen one, else the only one."""
    if chosen:
        return chosen
    found = await organisations(context)
    if len(found) != 1:
        raise SettingsError(f"The connection opens {len(found)} organisations of Xero; choose one.")
    return found[0].value


async def call(
    context: Context[Any, Any], tenant: str, method: str, path: str, options: Options | None = None
) -> Response:
    """Send one request to an organisation."""
    given: Options = options or {}
    headers = {**given.get("headers", {}), "xero-tenant-id": tenant, "Accept": "application/json"}
    url = f"{context.connection.address.rstrip('/')}/api.xro/2.0/{path}"
    accepts = {*given.get("accepts", ()), 400}
    answer = await send_granted(context, method, url, {**given, "headers": headers, "accepts": accepts})
    if answer.status == 400:
        raise SettingsError(f"Xero refused this: {_reasons(answer)}.")
    return answer


def _reasons(answer: Response) -> str:
    try:
        problem = msgspec.json.decode(answer.content, type=_Problem)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return "it says not why"
    told = [one.text for element in problem.elements for one in element.errors if one.text]
    return storable("; ".join(told) or problem.text or "it says not why").rstrip(".")[:300]
