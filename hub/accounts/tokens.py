"""Random tokens of sessions, links and keys; only their SHA-256 is stored.

With 238 bits and more of chance in each there is nothing to guess, so the slow hash that passwords need would cost
time at every call and protect nothing.
"""

from __future__ import annotations

import hashlib
import secrets
import string

LIVE = "pd_live_"
TEST = "pd_test_"
SHOWN = 12
_LETTERS = string.ascii_letters + string.digits


def new_token() -> str:
    """Return a token for a cookie or a link."""
    return secrets.token_urlsafe(32)


def new_key(*, test: bool) -> str:
    """Return an API key, letters and digits behind its prefix, so that it is copied by a double click."""
    return (TEST if test else LIVE) + "".join(secrets.choice(_LETTERS) for _ in range(40))


def digest(token: str) -> bytes:
    """Return what is stored in a token's stead."""
    return hashlib.sha256(token.encode()).digest()
