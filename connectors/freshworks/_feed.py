"""Following tickets: what was created or changed since the last look, and which of it is wanted."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any

import msgspec

from connectors.freshworks._settings import Follow
from connectors.freshworks._tickets import MARK, Tickets
from connectors.sdk import Context, Item
from connectors.sdk.cursors.following import At
from connectors.sdk.cursors.since import Since
from connectors.sdk.records.entries import Entry, content_of

_TITLE = 100


class Position(msgspec.Struct, omit_defaults=True):
    """How far the changes were read, and up to when every ticket that was created is known."""

    since: str = ""
    known: datetime | None = None


class _Wanted:
    """Which tickets a trigger takes."""

    def __init__(self, settings: Follow) -> None:
        self._settings = settings
        self._numbers: Mapping[str, frozenset[Any]] = {}

    async def prepare(self, tickets: Tickets) -> None:
        """Turn the words for statuses and priorities into their numbers."""
        words = {"status": self._settings.statuses, "priority": self._settings.priorities}
        self._numbers = {
            name: frozenset([await tickets.names.number(name, one) for one in several])
            for name, several in words.items()
            if several
        }

    def takes(self, entry: Entry) -> bool:
        """Tell whether a ticket has one of the statuses, priorities, groups and types."""
        values, settings = entry.values, self._settings
        kinds = {one.strip().casefold() for one in settings.types}
        return (
            all(values.get(name) in several for name, several in self._numbers.items())
            and (not settings.groups or str(values.get("group_id")) in {one.strip() for one in settings.groups})
            and (not kinds or str(values.get("type")).casefold() in kinds)
        )


async def feed(context: Context[Any, Any], cursor: str | None, at: At) -> AsyncIterator[Item]:
    """Yield tickets in the order in which they changed; the cursor moves with each page where they come in order.

    A ticket counts as new unless it was created before the point up to which all are known; so a reading that was
    interrupted, and goes on where it had changed last, takes none for old that it has not seen.
    """
    settings: Follow = context.settings
    tickets = Tickets(context)
    skipped = cursor is None and settings.existing == "skip"
    position = msgspec.json.decode(cursor, type=Position) if cursor else Position()
    if skipped:
        position.known = await tickets.now()
    since = Since(position.known) if skipped else Since.load(position.since)
    wanted = _Wanted(settings)
    await wanted.prepare(tickets)
    waiting: Item | None = None
    async for page in tickets.changed_since(since.start):
        for entry in page:
            if entry.changed is None or not since.is_new(entry.id, entry.changed) or skipped:
                continue
            if not _counts(entry, at, position) or not wanted.takes(entry):
                continue
            if waiting is not None:
                yield waiting
            waiting = await item_of(tickets, entry, at)
        if tickets.product.sorted_by_change and waiting is not None:
            cursor = _written(since, position.known)
            yield msgspec.structs.replace(waiting, cursor=cursor)
            waiting = None
    reached = [moment for moment in (position.known, since.start) if moment is not None]
    following = _written(since, max(reached)) if reached else None
    if waiting is not None:
        yield msgspec.structs.replace(waiting, cursor=following)
    elif following is not None and following != cursor:
        yield Item(content=None, cursor=following)


async def item_of(tickets: Tickets, entry: Entry, at: At, event: str = "") -> Item:
    """Return a ticket as an item, with words beside its numbers."""
    content = content_of(entry)
    words = {
        f"{name}_name": await tickets.names.word(name, entry.values.get(name))
        for name in ("status", "priority", "source")
    }
    content["fields"] = {name: value for name, value in entry.values.items() if name != MARK} | words
    when = entry.changed.isoformat() if entry.changed else ""
    key = entry.id if at == "created" else " ".join(part for part in (entry.id, when, event) if part)
    return Item(key=key, title=entry.title[:_TITLE], content=content, subject=entry.id)


def _counts(entry: Entry, at: At, position: Position) -> bool:
    return at == "changed" or position.known is None or (entry.created is not None and entry.created > position.known)


def _written(since: Since, known: datetime | None) -> str:
    return msgspec.json.encode(Position(since.dump(), known)).decode()
