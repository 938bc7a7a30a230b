"""Following the records of a business service by the time at which they were created or changed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Annotated, Literal, Protocol

import msgspec

from connectors.sdk.cursors.since import Since
from connectors.sdk.intervals import interval
from connectors.sdk.items import Item
from connectors.sdk.records.entries import Entry, content_of
from connectors.sdk.settings import Settings, Shape, field

At = Literal["created", "changed"]


class Following(Settings):
    """How a trigger follows records."""

    existing: Annotated[
        Literal["read", "skip"], field("Records already there", hint="What to do with them when the recipe starts.")
    ] = "read"
    every: Annotated[str, field("Ask every", hint="How often to look.", advanced=True, shape=Shape.DURATION)] = "5m"

    def __post_init__(self) -> None:
        """Refuse an interval that cannot be."""
        interval(self.every)


class Timeline(Protocol):
    """Records in the order of a time of theirs."""

    def since(self, start: datetime | None, at: At) -> AsyncIterator[Sequence[Entry]]:
        """Yield pages of the records created or changed at or after a moment; oldest first where `ordered`."""
        ...

    async def newest(self, at: At) -> datetime | None:
        """Return the time of the newest record."""
        ...


async def follow(
    timeline: Timeline, cursor: str | None, at: At, *, skip: bool, ordered: bool = True, overlap: float = 300.0
) -> AsyncIterator[Item]:
    """Yield records that are new since the cursor, which moves with each page, or at the end of an unordered list.

    What comes later than its own moment by less than `overlap` seconds is still found.
    """
    skipped = cursor is None and skip
    since = Since(await timeline.newest(at), overlap=overlap) if skipped else Since.load(cursor, overlap=overlap)
    waiting: Item | None = None
    async for page in timeline.since(since.start, at):
        for entry in page:
            when = entry.created if at == "created" else entry.changed
            state = entry.id if at == "created" else f"{entry.id} {entry.version}".strip()
            if when is None or not since.is_new(state, when) or skipped:
                continue
            if waiting is not None:
                yield waiting
            key = entry.id if at == "created" else f"{state} {when.isoformat()}"
            waiting = Item(key=key, title=entry.title[:100], content=content_of(entry), subject=entry.id)
        if ordered and waiting is not None:
            cursor = since.dump()
            yield msgspec.structs.replace(waiting, cursor=cursor)
            waiting = None
    following = since.dump()
    if waiting is not None:
        yield msgspec.structs.replace(waiting, cursor=following)
    elif following != cursor and (cursor is not None or skipped):
        yield Item(content=None, cursor=following)
