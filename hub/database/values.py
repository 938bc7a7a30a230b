"""JSON on its way into and out of jsonb columns."""

from __future__ import annotations

import re
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")

# jsonb cannot hold U+0000, which msgspec writes as an escape; an escaped backslash before `u0000` is only text.
_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")


def to_jsonb(value: Any) -> str:
    """Encode a value for a jsonb column; a NUL character becomes the replacement character."""
    encoded = _ENCODER.encode(value)
    if rb"\u0000" in encoded:
        encoded = _NUL.sub(rb"\1\\ufffd", encoded)
    return encoded.decode()


def from_jsonb(text: str | None) -> Any:
    """Decode a jsonb column; null stays None."""
    return None if text is None else msgspec.json.decode(text)


def struct_from_jsonb(text: str, kind: type[T]) -> T:
    """Decode a jsonb column into a struct."""
    return msgspec.json.decode(text, type=kind)


def _encode_other(value: Any) -> Any:
    raise TypeError(f"A value of type {type(value).__name__} cannot be kept as JSON.")


_ENCODER = msgspec.json.Encoder(enc_hook=_encode_other, decimal_format="number")
