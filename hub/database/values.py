"""JSON on its way into and out of jsonb columns, and words on their way into text columns."""

from __future__ import annotations

import re
from typing import Any, TypeVar

import msgspec

from connectors.sdk.texts import storable

T = TypeVar("T")

# jsonb cannot hold U+0000, which msgspec writes as an escape; an escaped backslash before `u0000` is only text.
_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")


def to_jsonb(value: Any) -> str:
    """Encode a value for a jsonb column; a NUL character becomes the replacement character."""
    encoded = _ENCODER.encode(value)
    if rb"\u0000" in encoded:
        encoded = _NUL.sub(rb"\1\\ufffd", encoded)
    return encoded.decode()


def to_text(said: str | None) -> str | None:
    """Return what a service or a template said as a text column takes it."""
    return None if said is None else storable(said)


def from_jsonb(text: str | None) -> Any:
    """Decode a jsonb column; null stays None."""
    return None if text is None else msgspec.json.decode(text)


def struct_from_jsonb(text: str, kind: type[T]) -> T:
    """Decode a jsonb column into a struct."""
    return msgspec.json.decode(text, type=kind)


def _encode_other(value: Any) -> Any:
    raise TypeError(f"A value of type {type(value).__name__} cannot be kept as JSON.")


_ENCODER = msgspec.json.Encoder(enc_hook=_encode_other, decimal_format="number")
