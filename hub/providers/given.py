"""What people give a provider, checked before it is stored: the address and the key."""

from __future__ import annotations

from urllib.parse import urlsplit

from connectors.sdk.network.urls import require_address
from hub.errors import InvalidError, Problem
from hub.providers.presets import Preset


def address_of(base_url: str) -> str:
    """Return a base address without its last slash; InvalidError when it is none."""
    plain = base_url.strip().rstrip("/")
    try:
        require_address(plain)
        parts = urlsplit(plain)
        _ = parts.port
    except ValueError as error:
        raise InvalidError(str(error), errors=[Problem("base_url", str(error))]) from error
    if parts.query or parts.fragment:
        message = "Give the address up to its version, such as https://api.openai.com/v1, without ? and #."
        raise InvalidError(message, errors=[Problem("base_url", message)])
    if "RESOURCE" in plain:
        message = "Put the name of your Azure resource where the address says RESOURCE."
        raise InvalidError(message, errors=[Problem("base_url", message)])
    return plain


def checked_key(key: str | None, preset: Preset) -> str | None:
    """Return the key as it can stand in a header; InvalidError when it cannot, or when a needed one is missing."""
    plain = (key or "").strip()
    if not plain and preset.needs_key:
        message = f"{preset.title} needs a key. Get one at {preset.key_url}."
        raise InvalidError(message, errors=[Problem("key", message)])
    if not plain.isascii() or not plain.isprintable():
        message = "A key has no line breaks and only plain letters, digits and marks. Copy it again."
        raise InvalidError(message, errors=[Problem("key", message)])
    return plain or None


def same_place(one: str, other: str) -> bool:
    """Tell whether two addresses lead to the same server."""
    first, second = urlsplit(one), urlsplit(other)
    return (first.scheme, first.netloc.casefold()) == (second.scheme, second.netloc.casefold())
