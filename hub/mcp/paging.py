"""Lists that a model reads in parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import msgspec

from hub.errors import InvalidError, NotFoundError, Problem
from hub.ids import parse

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


def check_cursor(prefix: str, cursor: str | None) -> None:
    """Refuse a cursor that cannot be one of a list of these ids."""
    try:
        if cursor is not None:
            parse(prefix, cursor)
    except NotFoundError as error:
        raise foreign_cursor() from error


def foreign_cursor() -> InvalidError:
    """Return the refusal of a cursor that no answer of this list gave."""
    message = "This cursor is none of ours."
    return InvalidError(message, errors=[Problem("cursor", "Leave it out.")])
