"""Reading a draft's trigger for real, without moving the cursor of what is live."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any

import msgspec

from connectors.sdk import ConnectorError, Context, Item, Settings, TemporaryError, Trigger, TriggerKind, fill
from connectors.sdk.registry import find_trigger
from hub.connections import OpenConnection
from hub.errors import InvalidError, Problem, UnavailableError
from hub.members import Member
from hub.runs.catalogue import Catalogue
from hub.runs.trying.drafts import Draft
from hub.runs.trying.fingerprints import digest
from hub.runs.trying.store import plain

LOOK_LIMIT = 30.0
MOST_ITEMS = 2_000
MOST_SEEN = 5_000


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A trigger as the draft sets it, with its connection."""

    member: Member
    trigger: Trigger
    settings: Settings
    opened: OpenConnection | None


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """How far a poll was read, and fingerprints of what it had brought by then."""

    cursor: str | None = None
    seen: Sequence[str] = ()


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """What one look brought: the first item that is new, or how far it came."""

    item: Item | None
    position: Position


class Reader:
    """Asks triggers; what services say is told in the words of our own errors."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    async def source(self, member: Member, draft: Draft) -> Source:
        """Return the draft's trigger, ready to be asked."""
        trigger = draft.document.spec.trigger
        part = find_trigger(trigger.uses)
        if part is None:
            raise InvalidError(
                f"There is no trigger {trigger.uses!r}.", errors=[Problem("spec.trigger.uses", "Unknown.")]
            )
        try:
            settings = fill(part.settings, trigger.settings)
        except msgspec.ValidationError as error:
            problem = Problem("spec.trigger.with", str(error))
            raise InvalidError("The trigger's settings are not complete yet.", errors=[problem]) from error
        opened = await self._catalogue.opened(member.workspace, trigger.connection)
        return Source(member=member, trigger=part, settings=settings, opened=opened)

    async def newest(self, source: Source, count: int) -> list[Item]:
        """Read what there is now and return the last items of it, the newest last."""
        if source.trigger.kind is TriggerKind.CALENDAR:
            now = datetime.now(UTC)
            return [Item(title=f"Due {now:%Y-%m-%d %H:%M}", content={"due": now.isoformat()})]
        if source.trigger.kind is not TriggerKind.POLL:
            raise InvalidError("This trigger cannot be read: items are given to it. Give a sample.")
        kept: deque[Item] = deque(maxlen=count)
        async for item in self._read(source, None):
            if item.content is not None:
                kept.append(item)
        return list(kept)

    async def base(self, source: Source, cursor: str | None) -> Position:
        """Read to the end of what there is, so that a later look knows what is new."""
        return (await self._look(source, Position(cursor=cursor), base=True)).position

    async def look(self, source: Source, position: Position) -> Look:
        """Read from a position on until something new comes."""
        return await self._look(source, position, base=False)

    async def _look(self, source: Source, position: Position, *, base: bool) -> Look:
        seen, cursor = dict.fromkeys(position.seen), position.cursor
        async for item in self._read(source, position.cursor):
            cursor = cursor if item.cursor is None else item.cursor
            if item.content is None:
                continue
            mark = _mark(item)
            if mark not in seen and not base:
                return Look(item=item, position=position)
            seen[mark] = None
        return Look(item=None, position=Position(cursor=cursor, seen=list(seen)[-MOST_SEEN:]))

    async def _read(self, source: Source, cursor: str | None) -> AsyncIterator[Item]:
        """Ask the trigger; it may take a while and bring much, both up to a limit."""
        context: Context[Any, Any] = self._catalogue.contexts.make(
            source.member.workspace, source.opened, source.trigger.connector, source.settings
        )
        count = 0
        try:
            async with asyncio.timeout(LOOK_LIMIT), aclosing(source.trigger.function(context, cursor)) as items:
                async for item in items:
                    yield item
                    count += 1
                    if count >= MOST_ITEMS:
                        return
        except TemporaryError as error:
            raise UnavailableError(error.message, retry_after=error.retry_after or 10.0) from error
        except ConnectorError as error:
            raise InvalidError(error.message) from error
        except TimeoutError as error:
            raise UnavailableError("The service took too long to answer.", retry_after=10.0) from error


def _mark(item: Item) -> str:
    return digest(item.key if item.key is not None else plain(item.content))[:16]
