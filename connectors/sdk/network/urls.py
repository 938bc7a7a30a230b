"""Addresses people type into settings: scheme and host are fixed, only what follows may come from a template."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_FIXED = re.compile(r"https?://[^/?#{}\\@\s]+(?=[/?#]|$)", re.IGNORECASE)
_UPWARDS = re.compile(r"/(\.|%2e){2}(/|%2f|\?|#|$)", re.IGNORECASE)
LONGEST = 8000


def require_address(url: str) -> None:
    """Raise ValueError unless a URL begins with a fixed http(s) host and does not climb up its path."""
    if not _FIXED.match(url):
        raise ValueError(
            "Begin the address with http:// or https:// and a fixed host without user name, such as https://example.com/."
        )
    if _UPWARDS.search(url):
        raise ValueError("An address may not climb up its path with '..'.")
    if len(url) > LONGEST:
        raise ValueError(f"An address may have {LONGEST} characters at most.")


def host_of(address: str) -> str:
    """Return the host name of an address that `require_address` took."""
    return urlsplit(address).hostname or ""
