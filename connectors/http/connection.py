"""What a connection adds to a request: credentials, and a signature where the receiver wants one."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import time
from typing import Annotated, Literal

from connectors.sdk import Secret, Settings, field
from connectors.sdk.http import Options


class Connection(Settings):
    """Credentials for a web service, sent to the hosts named here and to no other."""

    hosts: Annotated[
        list[str],
        field("Hosts", hint="The only hosts that calls with this connection may reach.", example=["api.example.com"]),
    ]
    kind: Annotated[
        Literal["bearer", "basic", "header", "query", "signature"],
        field(
            "Signs in by",
            hint="bearer: a token; basic: user name and password; header or query: a key under a name; "
            "signature: requests signed as the Standard Webhooks specification says.",
        ),
    ] = "bearer"
    secret: Annotated[Secret, field("Token, password or key")]
    username: Annotated[str, field("User name", when={"kind": ("basic",)})] = ""
    name: Annotated[
        str, field("Name", hint="The name of the header or parameter.", when={"kind": ("header", "query")})
    ] = "X-API-Key"

    def __post_init__(self) -> None:
        if not self.hosts or any("/" in host or ":" in host for host in self.hosts):
            raise ValueError("Name at least one host, without scheme, port or path, such as api.example.com.")
        if self.kind == "signature":
            _signing_key(self)


def sign(connection: Connection, options: Options) -> None:
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
        case "signature":
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
