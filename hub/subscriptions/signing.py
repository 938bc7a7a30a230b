"""Signatures of the Standard Webhooks specification: HMAC-SHA256 over id, time and body."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence

PREFIX = "whsec_"
SECRET_BYTES = 32


def new_secret() -> str:
    """Return a fresh secret as receivers enter it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signed_headers(message: str, moment: int, body: bytes, keys: Sequence[str]) -> Mapping[str, str]:
    """Return the three headers of a message; it is signed with every secret that is valid now, the newest first."""
    signatures = " ".join(f"v1,{signature(message, moment, body, key)}" for key in keys)
    return {"webhook-id": message, "webhook-timestamp": str(moment), "webhook-signature": signatures}


def signature(message: str, moment: int, body: bytes, key: str) -> str:
    """Return one signature in base64."""
    signed = f"{message}.{moment}.".encode() + body
    digest = hmac.new(base64.b64decode(key.removeprefix(PREFIX)), signed, hashlib.sha256).digest()
    return base64.b64encode(digest).decode()
