"""Lists in pages: `?limit=&cursor=`, answered with the items and the cursor of the next page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Generic, TypeVar

import msgspec
from litestar.params import QueryParameter

T = TypeVar("T")

Limit = Annotated[int, QueryParameter(ge=1, le=500, description="How many to return at most.")]
Cursor = Annotated[str | None, QueryParameter(description="`next_cursor` of the page before.")]
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
