"""A value found in a piece of text, with the characters it stands in."""

from __future__ import annotations

from typing import Generic, TypeVar

import msgspec

T_co = TypeVar("T_co", covariant=True)


class Found(msgspec.Struct, Generic[T_co], frozen=True):
    """A value and where in the searched text it was written."""

    start: int
    end: int
    value: T_co
