"""Lists that a model reads in parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import msgspec

from hub.ids import foreign_cursor

T = TypeVar("T")


class Page(msgspec.Struct, Generic[T], frozen=True):
    """Some of a list; `next_cursor` is null on the last page."""

    items: Sequence[T]
    next_cursor: str | None = None


def part(found: Sequence[T], limit: int, cursor: str | None, name_of: Callable[[T], str]) -> Page[T]:
    """Return what comes after the cursor in a list that is short enough to be read whole."""
    names = [name_of(one) for one in found]
    if cursor is not None and cursor not in names:
        raise foreign_cursor()
    start = 0 if cursor is None else names.index(cursor) + 1
    end = start + limit
    return Page(found[start:end], names[end - 1] if end < len(found) else None)
