"""How callers prove who they are; checked on the raw bytes, in constant time, and not too long after the signing."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from connectors.sdk import CredentialsError, Secret, Settings, WebhookRequest, field

Scheme = Literal["standard", "github", "stripe", "slack", "shopify", "calendly", "typeform", "hmac", "token", "basic"]
_HASHES = {"sha256": hashlib.sha256, "sha1": hashlib.sha1, "sha512": hashlib.sha512}
# Senders that sign the body alone: the header, what stands before the signature, how it is written
_ON_BODY = {
    "github": ("x-hub-signature-256", "sha256=", "hex"),
    "shopify": ("x-shopify-hmac-sha256", "", "base64"),
    "typeform": ("typeform-signature", "sha256=", "base64"),
}
# Senders that sign a time with it, both in one header
_TIMED = {"stripe": "stripe-signature", "calendly": "calendly-webhook-signature"}
_REFUSED = "The call is not signed as this connection expects."


HMAC: Mapping[str, Sequence[str]] = {"scheme": ("hmac",)}


class Connection(Settings):
    """What the sender signs its calls with."""

    scheme: Annotated[
        Scheme,
        field(
            "Signature",
            hint="The sender's way of signing; standard means the Standard Webhooks specification, "
            "token a fixed text in a header, basic a user name and password.",
        ),
    ] = "standard"
    secret: Annotated[
        Secret,
        field(
            "Secret",
            hint="The signing secret, token or password. While it is being changed, give both, one a line.",
            multiline=True,
        ),
    ]
    username: Annotated[str, field("User name", when={"scheme": ("basic",)})] = ""
    header: Annotated[
        str,
        field(
            "Header", hint="Only for hmac and token: where the signature stands.", example="X-Signature", advanced=True
        ),
    ] = ""
    algorithm: Annotated[Literal["sha256", "sha1", "sha512"], field("Hash", advanced=True, when=HMAC)] = "sha256"
    encoding: Annotated[Literal["hex", "base64"], field("Written as", advanced=True, when=HMAC)] = "hex"
    prefix: Annotated[
        str, field("Prefix", hint="Only for hmac: what stands before the signature.", example="sha256=", advanced=True)
    ] = ""
    tolerance: Annotated[
        int,
        field(
            "Oldest call",
            hint="Signed calls older than so many seconds are refused, where a time is signed.",
            advanced=True,
        ),
    ] = 300

    def __post_init__(self) -> None:
        if not self.secret.reveal().strip():
            raise ValueError("Give the secret that the sender signs with.")
        if self.scheme == "hmac" and not self.header:
            raise ValueError("Name the header that holds the signature.")

    @property
    def hidden_headers(self) -> frozenset[str]:
        """Headers that carry the secret itself and must not be kept with the item."""
        return frozenset({self.header.lower() or "x-token"}) if self.scheme == "token" else frozenset()


def verify(request: WebhookRequest, connection: Connection) -> None:
    """Raise CredentialsError unless the call was signed with the connection's secret."""
    if connection.scheme == "basic":
        proven = _basic(request, connection)
    elif connection.scheme == "token":
        proven = _token(request, connection)
    else:
        proven = _signed(request, connection)
    if not proven:
        raise CredentialsError(_REFUSED)


def _signed(request: WebhookRequest, connection: Connection) -> bool:
    """Compare what the sender wrote with the signature over the bytes that came."""
    given, signed, encoding = _claim(request, connection)
    algorithm = _HASHES[connection.algorithm if connection.scheme == "hmac" else "sha256"]
    for key in _keys(connection):
        digest = hmac.new(key, signed, algorithm).digest()
        expected = digest.hex().encode() if encoding == "hex" else base64.b64encode(digest)
        if any(hmac.compare_digest(expected, candidate) for candidate in given):
            return True
    return False


def _claim(request: WebhookRequest, connection: Connection) -> tuple[list[bytes], bytes, str]:
    """Return the signatures given, the bytes they should cover, and how they are written."""
    headers, body, scheme = request.headers, request.body, connection.scheme
    if scheme in _ON_BODY:
        header, prefix, encoding = _ON_BODY[scheme]
        return _after(prefix, [headers.get(header, "")]), body, encoding
    if scheme in _TIMED:
        return _timed([part.strip() for part in headers.get(_TIMED[scheme], "").split(",")], body, connection)
    if scheme == "standard":
        moment = _fresh(headers.get("webhook-timestamp", ""), connection)
        start = f"{headers.get('webhook-id', '')}.{moment}.".encode()
        return _after("v1,", headers.get("webhook-signature", "").split(" ")), start + body, "base64"
    if scheme == "slack":
        moment = _fresh(headers.get("x-slack-request-timestamp", ""), connection)
        return _after("v0=", [headers.get("x-slack-signature", "")]), f"v0:{moment}:".encode() + body, "hex"
    return _after(connection.prefix, [headers.get(connection.header.lower(), "")]), body, connection.encoding


def _timed(parts: list[str], body: bytes, connection: Connection) -> tuple[list[bytes], bytes, str]:
    """Read a header such as t=1700000000,v1=0a1b: the time stands before the body in what is signed."""
    moment = _fresh(next((part[2:] for part in parts if part.startswith("t=")), ""), connection)
    return _after("v1=", parts), f"{moment}.".encode() + body, "hex"


def _after(prefix: str, candidates: list[str]) -> list[bytes]:
    return [text[len(prefix) :].encode() for text in candidates if text.startswith(prefix) and len(text) > len(prefix)]


def _fresh(moment: str, connection: Connection) -> str:
    """Return a signed time as it was written, unless it is too far from now."""
    if not (moment.isdecimal() and len(moment) < 16) or abs(time.time() - int(moment)) > connection.tolerance:
        raise CredentialsError("The call's signature is too old or has no time. Check the sender's clock.")
    return moment


def _keys(connection: Connection) -> list[bytes]:
    secrets = [line.strip() for line in connection.secret.reveal().splitlines() if line.strip()]
    if connection.scheme != "standard":
        return [secret.encode() for secret in secrets]
    return [_standard_key(secret) for secret in secrets]


def _standard_key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        return secret.encode()


def _token(request: WebhookRequest, connection: Connection) -> bool:
    given = request.headers.get(connection.header.lower() or "x-token", "").removeprefix("Bearer ").encode()
    return _is_one_of(given, connection)


def _basic(request: WebhookRequest, connection: Connection) -> bool:
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    try:
        name, _, password = base64.b64decode(encoded, validate=True).partition(b":")
    except (binascii.Error, ValueError):
        return False
    right_name = hmac.compare_digest(name, connection.username.encode())
    return scheme.lower() == "basic" and _is_one_of(password, connection) and right_name


def _is_one_of(given: bytes, connection: Connection) -> bool:
    keys = [line.strip().encode() for line in connection.secret.reveal().splitlines() if line.strip()]
    return any(hmac.compare_digest(given, key) for key in keys)
