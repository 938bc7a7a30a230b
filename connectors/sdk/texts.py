"""Text from elsewhere, made fit to be kept: databases take neither NUL characters nor halves of characters."""

from __future__ import annotations

import re

_ESCAPED_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")


def storable(text: str) -> str:
    """Return text without NUL characters, and with a ? for what is no character."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def storable_json(encoded: bytes) -> bytes:
    """Return JSON without escaped NUL characters."""
    while b"\\u0000" in encoded and (cleaned := _ESCAPED_NUL.sub(rb"\1", encoded)) != encoded:
        encoded = cleaned
    return encoded
