"""Lists in pages: `?limit=&cursor=`, answered with the items and the cursor of the next page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from litestar.params import QueryParameter

from hub.ids import foreign_cursor

T = TypeVar("T")

Limit = Annotated[int, QueryParameter(ge=1, le=500, description="How many to return at most.")]
Cursor = Annotated[str | None, QueryParameter(description="`next_cursor` of the page before.")]
OfRecipe = Annotated[str | None, QueryParameter(name="recipe", description="Only those of this recipe, by id or name.")]
DEFAULT_LIMIT = 50


class Page(msgspec.Struct, Generic[T], frozen=True):
    """Some of a list; `next_cursor` is null on the last page."""

    items: Sequence[T]
    next_cursor: str | None = None


def page(found: Sequence[T], limit: int, cursor_of: str = "id") -> Page[T]:
    """Make a page of up to `limit + 1` things that were asked for: the one too many tells that there are more."""
    if len(found) <= limit:
        return Page(found)
    return Page(found[:limit], str(getattr(found[limit - 1], cursor_of)))


def part(found: Sequence[T], limit: int, cursor: str | None, cursor_of: Callable[[T], Any]) -> Page[T]:
    """Make a page of a list that is short enough to be read whole: what comes after the cursor, up to the limit."""
    names = [str(cursor_of(one)) for one in found]
    if cursor is not None and cursor not in names:
        raise foreign_cursor()
    start = 0 if cursor is None else names.index(cursor) + 1
    end = start + limit
    return Page(found[start:end], names[end - 1] if end < len(found) else None)
