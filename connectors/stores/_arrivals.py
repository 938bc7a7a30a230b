"""Which objects are new or changed: the whole listing each time, page by page, remembering only the recent ones."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from connectors.sdk import Item, SettingsError
from connectors.sdk.cursors.seen import Seen
from connectors.sdk.files.arrivals import LARGEST_FILE, Found, arrival, fits, moment
from connectors.sdk.texts import storable
from connectors.stores._objects import Page, Store, UnreadableError, is_addressable
from connectors.stores._settings import Watched

# A large upload may carry the date at which it began; one that took longer than this is not noticed
OVERLAP = timedelta(days=1)
_NEVER = datetime(1, 1, 2, tzinfo=UTC)
_MOST = 10_000_000


class Position(msgspec.Struct, omit_defaults=True):
    """How far a bucket has been read.

    Everything from before `until` was listed, and so was what `seen` holds of the time around it. A listing that is
    under way began at `started` by the store's clock, has come as far as `after`, and has met `met`.
    """

    until: datetime | None = None
    seen: str = ""
    started: datetime | None = None
    after: str | None = None
    met: str = ""
    skips: bool = False


class _Pass:
    """One listing of the bucket from its beginning to its end, over as many calls as it takes."""

    def __init__(self, position: Position) -> None:
        self.position = position
        self._known = Seen.load(position.seen, _MOST)
        self._met = Seen.load(position.met, _MOST)
        self.fresh = False

    def begin(self, page: Page) -> None:
        """Take the moment at which the store answered first for the beginning."""
        if self.position.started is None:
            self.position.started = page.asked or self.position.until or _NEVER

    def is_new(self, found: Found) -> bool:
        """Note an object that was listed and tell whether it has not been read yet."""
        changed, position = found.changed or _NEVER, self.position
        new = not position.skips and (
            position.until is None or (changed >= position.until - OVERLAP and found.key not in self._known)
        )
        new = new and found.key not in self._met
        if position.started is None or changed >= position.started - OVERLAP:
            self._met.add(found.key)
        self.fresh = self.fresh or new
        return new

    def so_far(self, after: str | None) -> str:
        """Return the cursor of a listing that has come so far, None: to its end."""
        if after is None:
            self.position = Position(until=self.position.started, seen=self._met.dump())
        else:
            self.position.after, self.position.met = after, self._met.dump()
        return msgspec.json.encode(self.position).decode()


async def changed_objects(store: Store, settings: Watched, cursor: str | None) -> AsyncIterator[Item]:
    """Yield the objects that are new or have changed, in the order of the store's listing."""
    position = msgspec.json.decode(cursor, type=Position) if cursor else Position(skips=settings.existing == "skip")
    reading, after = _Pass(position), position.after
    # A listing that finds nothing new leaves the cursor as it is: repeating it costs nothing
    keeps = cursor is None or after is not None
    while True:
        try:
            page = await store.page(settings.folder, after)
        except SettingsError:
            if after is None:
                raise
            # The store no longer knows its own mark: this listing begins again
            reading, after = _Pass(Position(until=position.until, seen=position.seen, skips=position.skips)), None
            continue
        reading.begin(page)
        fresh = [found for found in page.objects if reading.is_new(found) and _wanted(found, settings)]
        for found in fresh:
            item = await _item(store, settings, found)
            if item is not None:
                yield item
        after = page.after
        if keeps or reading.fresh:
            yield Item(content=None, cursor=reading.so_far(after))
        if after is None:
            return


async def _item(store: Store, settings: Watched, found: Found) -> Item | None:
    """Read an object; None when it has gone or changed since it was listed, which the next listing tells."""
    if not is_addressable(found.path):
        return _unread(found, "Its path has a part '.' or '..', which addresses cannot hold.")
    if not settings.read:
        return _unread(found, "")
    if found.size > LARGEST_FILE:
        return arrival(found, None)
    try:
        content = await store.read(found.path, found.version)
    except UnreadableError as error:
        return _unread(found, error.message)
    return None if content is None else arrival(found, content)


def _unread(found: Found, problem: str) -> Item:
    item = arrival(found, None)
    file: dict[str, Any] = {"file": None, "name": storable(found.name), "size": found.size, "problem": problem}
    return msgspec.structs.replace(item, content={**item.content, "file": file if problem else None})


def _wanted(found: Found, settings: Watched) -> bool:
    return not found.path.endswith("/") and fits(found.name, settings.pattern, settings.types)


def shown(found: Found) -> dict[str, Any]:
    """Return an object as lists show it."""
    return {
        "path": storable(found.path),
        "name": storable(found.name),
        "size": found.size,
        "changed": moment(found.changed),
        "version": storable(found.version),
    }
