"""How monitoring systems prove who calls: a token, a name with a password, or a signature over what is sent."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import time
from typing import Annotated, Literal

from connectors.sdk import CredentialsError, NoSettings, Secret, Settings, WebhookRequest, field

_REFUSED = "The call does not carry what this connection expects. Check the token or password at the sender."
_OTHER = "The connection of this recipe is of another kind, so calls cannot be verified."


class Caller(Settings):
    """What the sender proves itself with."""

    kind: Annotated[
        Literal["bearer", "basic", "header"],
        field(
            "Signs in by",
            hint="bearer: Authorization with a token; basic: user name and password; header: a text in another header.",
        ),
    ] = "bearer"
    secret: Annotated[Secret, field("Token or password", hint="Make up a long one and give it to the sender.")]
    username: Annotated[str, field("User name", when={"kind": ("basic",)})] = ""
    header: Annotated[str, field("Header", when={"kind": ("header",)})] = "X-Token"

    def __post_init__(self) -> None:
        if not self.secret.reveal().strip():
            raise ValueError("Give the token or password that the sender calls with.")


def verify(request: WebhookRequest, connection: Settings | None) -> None:
    """Raise CredentialsError unless the call proves who it is; without a connection who knows the address may call."""
    if connection is None or isinstance(connection, NoSettings):
        return
    if not isinstance(connection, Caller):
        raise CredentialsError(_OTHER)
    secret = connection.secret.reveal().strip()
    if connection.kind == "header":
        proven = _equal(request.headers.get(connection.header.lower(), ""), secret)
    else:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        expected = secret if connection.kind == "bearer" else basic(connection.username, secret)
        proven = scheme.lower() == connection.kind and _equal(given.strip(), expected)
    if not proven:
        raise CredentialsError(_REFUSED)


def signed(given: str, key: str, content: bytes) -> bool:
    """Tell whether a signature in hexadecimal is the HMAC-SHA256 of what came."""
    try:
        return hmac.compare_digest(bytes.fromhex(given), hmac.new(key.encode(), content, hashlib.sha256).digest())
    except (ValueError, binascii.Error):
        return False


def fresh(moment: str, tolerance: float) -> bool:
    """Tell whether a signed time in seconds since 1970 is not too far from now."""
    return moment.isdecimal() and len(moment) < 12 and abs(time.time() - int(moment)) <= tolerance


def basic(username: str, secret: str) -> str:
    """Return what a user name and a password are in a header."""
    return base64.b64encode(f"{username}:{secret}".encode()).decode()


def _equal(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(), expected.encode())
