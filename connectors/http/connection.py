"""What a connection adds to a request: credentials, and a signature where the receiver wants one."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import time
from typing import Annotated, Any, Literal

from yarl import URL

from connectors.sdk import Context, OAuth, Secret, Settings, field
from connectors.sdk.network.http import Options, Response

# Another token may help; who is known and may not (403) would only be refused again.
UNAUTHORIZED = 401
_GRANTED = ("oauth", "client_credentials")


class Connection(Settings):
    """Credentials for a web service, sent to the hosts named here and to no other."""

    hosts: Annotated[
        list[str],
        field("Hosts", hint="The only hosts that calls with this connection may reach.", example=["api.example.com"]),
    ]
    kind: Annotated[
        Literal["bearer", "basic", "header", "query", "signature", "oauth", "client_credentials"],
        field(
            "Signs in by",
            hint="bearer: a token; basic: user name and password; header or query: a key under a name; "
            "signature: requests signed as the Standard Webhooks specification says; oauth: a person signs in at the "
            "service and agrees; client_credentials: tokens for a client id and secret, without a person.",
        ),
    ] = "bearer"
    secret: Annotated[Secret, field("Token, password, key or client secret")]
    username: Annotated[str, field("User name", when={"kind": ("basic",)})] = ""
    name: Annotated[
        str, field("Name", hint="The name of the header or parameter.", when={"kind": ("header", "query")})
    ] = "X-API-Key"
    client_id: Annotated[
        str, field("Client id", hint="From the service's page for developers.", when={"kind": _GRANTED})
    ] = ""
    authorize_url: Annotated[
        str,
        field(
            "Sign-in address",
            hint="Where a person agrees.",
            example="https://login.example.com/oauth2/authorize",
            when={"kind": ("oauth",)},
        ),
    ] = ""
    token_url: Annotated[
        str,
        field(
            "Token address",
            hint="Where tokens come from.",
            example="https://login.example.com/oauth2/token",
            when={"kind": _GRANTED},
        ),
    ] = ""
    scopes: Annotated[
        list[str],
        field("Scopes", hint="What to ask for, and no more.", example=["orders.read"], when={"kind": _GRANTED}),
    ] = []
    client_in: Annotated[
        Literal["body", "header"],
        field(
            "Client id goes in the", hint="As the service's documentation says.", advanced=True, when={"kind": _GRANTED}
        ),
    ] = "body"

    def __post_init__(self) -> None:
        if not self.hosts or any("/" in host or ":" in host for host in self.hosts):
            raise ValueError("Name at least one host, without scheme, port or path, such as api.example.com.")
        if self.kind == "signature":
            _signing_key(self)
        if self.kind in _GRANTED:
            _require_addresses(self)


def access(connection: Connection) -> OAuth | None:
    """Say how tokens are granted, for the kinds that use them."""
    if connection.kind not in _GRANTED:
        return None
    return OAuth(
        token_url=connection.token_url,
        client_id=connection.client_id,
        client_secret=connection.secret,
        authorize_url=connection.authorize_url if connection.kind == "oauth" else "",
        scopes=dict.fromkeys(connection.scopes, ""),
        client_in=connection.client_in,
    )


async def call(context: Context[Any, Any], method: str, url: str, options: Options) -> Response:
    """Send a request under the connection's credentials; a granted token that is refused is renewed once."""
    connection = context.connection
    if not isinstance(connection, Connection):
        return await context.http.request(method, url, **options)
    if connection.kind not in _GRANTED:
        _sign(connection, options)
        return await context.http.request(method, url, **options)
    token = await context.access_token()
    asked = _with_token(options, token)
    asked["accepts"] = (UNAUTHORIZED,)
    answer = await context.http.request(method, url, **asked)
    if answer.status != UNAUTHORIZED:
        return answer
    renewed = await context.access_token(refused=token)
    return await context.http.request(method, url, **_with_token(options, renewed))


def _with_token(options: Options, token: str) -> Options:
    return {**options, "headers": {**options.get("headers", {}), "Authorization": f"Bearer {token}"}}


def _require_addresses(connection: Connection) -> None:
    if not connection.client_id:
        raise ValueError("Give the client id that the service made for you.")
    if not _is_address(connection.token_url):
        raise ValueError("Give the whole token address, such as https://login.example.com/oauth2/token.")
    if connection.kind == "oauth" and not _is_address(connection.authorize_url):
        raise ValueError("Give the whole sign-in address, such as https://login.example.com/oauth2/authorize.")


def _is_address(text: str) -> bool:
    url = URL(text)
    return url.scheme in {"http", "https"} and bool(url.host)


def _sign(connection: Connection, options: Options) -> None:
    """Add the connection's credentials to a request."""
    secret = connection.secret.reveal()
    headers = dict(options.get("headers", {}))
    match connection.kind:
        case "bearer":
            headers["Authorization"] = f"Bearer {secret}"
        case "basic":
            headers["Authorization"] = "Basic " + base64.b64encode(f"{connection.username}:{secret}".encode()).decode()
        case "header":
            headers[connection.name] = secret
        case "query":
            options["params"] = {**dict(options.get("params", {})), connection.name: secret}
        case _:
            pass
    options["headers"] = headers


def signed_body(connection: Connection, key: str, content: bytes, options: Options) -> None:
    """Sign what is sent under the Standard Webhooks specification, when the connection says so."""
    if connection.kind != "signature":
        return
    moment = str(int(time.time()))
    digest = hmac.new(_signing_key(connection), f"{key}.{moment}.".encode() + content, hashlib.sha256).digest()
    options["headers"] = {
        **options.get("headers", {}),
        "webhook-id": key,
        "webhook-timestamp": moment,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


def _signing_key(connection: Connection) -> bytes:
    try:
        return base64.b64decode(connection.secret.reveal().removeprefix("whsec_"), validate=True)
    except binascii.Error as error:
        raise ValueError("A signing secret is base64, often with whsec_ in front.") from error
