"""New incidents and what happens to those that are there, followed by the times that PagerDuty tells."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

from connectors.pagerduty.connection import Connection, call
from connectors.pagerduty.incidents import (
    LONGEST,
    SECOND,
    Incident,
    Moment,
    Pairs,
    Reference,
    Services,
    Statuses,
    Teams,
    Urgency,
    edge,
    end_of,
    narrowed,
    opened,
    place,
    sane,
    span,
    told,
)
from connectors.sdk import Context, Item, field
from connectors.sdk.cursors.following import At, Following, follow
from connectors.sdk.cursors.since import Since
from connectors.sdk.records.entries import Entry

# Of a span of time with more, only a part is read at once
MOST_AT_ONCE = 1_000
# Calling people is no change of an incident
_NO_CHANGES = frozenset({"notify_log_entry"})


class Opened(Following):
    """Which new incidents start a run."""

    existing: Annotated[
        Literal["read", "skip"], field("Incidents already there", hint="What to do with them when the recipe starts.")
    ] = "skip"
    services: Services = []
    teams: Teams = []
    urgency: Urgency = "all"


class Changed(Opened):
    """Which incidents start a run when they change."""

    statuses: Statuses = []


class Happening(msgspec.Struct, kw_only=True):
    """One line of an incident's log."""

    id: str
    type: str = ""
    summary: str | None = None
    created_at: Moment
    agent: Reference | None = None
    incident: Incident | None = None


class _Log(msgspec.Struct):
    log_entries: list[Happening]
    more: bool = False
    total: int | None = None


class _Timeline:
    """Incidents in the order in which they were opened."""

    def __init__(self, context: Context[Connection, Opened]) -> None:
        settings = context.settings
        self._context = context
        self._narrow = narrowed(settings.services, settings.teams, settings.urgency)

    async def since(self, start: datetime | None, at: At) -> AsyncIterator[Sequence[Entry]]:  # noqa: ARG002  # one time
        """Yield pages of the incidents that were opened since a moment."""
        start = start or await edge(self._context, self._narrow, "asc")
        if start is None:
            return
        async for page in opened(self._context, self._narrow, start):
            yield [_entry(one) for one in page]

    async def newest(self, at: At) -> datetime | None:  # noqa: ARG002  # one time
        """Return when the newest was opened."""
        return await edge(self._context, self._narrow, "desc")


async def follow_opened(context: Context[Connection, Opened], cursor: str | None) -> AsyncIterator[Item]:
    """Yield the incidents that are new since the cursor, which moves with each page."""
    skip = context.settings.existing == "skip"
    async for item in follow(_Timeline(context), cursor, "created", skip=skip):
        yield item if item.content is None else msgspec.structs.replace(item, content=item.content["fields"])


async def follow_changed(context: Context[Connection, Changed], cursor: str | None) -> AsyncIterator[Item]:
    """Yield the incidents to which something has happened since the cursor, each once a look.

    PagerDuty cannot be asked for incidents by their last change, so their log is read, in spans of time.
    """
    skips = cursor is None and context.settings.existing == "skip"
    since = Since.load(cursor)
    start = since.start or await edge(context, [], "desc" if skips else "asc")
    if start is not None:
        async for log in _logs(context, start):
            fresh = [one for one in log if since.is_new(one.id, sane(one.created_at))]
            items = [] if skips else [item for one in _by_incident(fresh) if (item := _item(context.settings, one))]
            for item in items[:-1]:
                yield item
            if items:
                cursor = since.dump()
                yield msgspec.structs.replace(items[-1], cursor=cursor)
    if since.dump() != cursor and (cursor is not None or skips or start is not None):
        yield Item(content=None, cursor=since.dump())


async def _logs(context: Context[Connection, Changed], start: datetime) -> AsyncIterator[list[Happening]]:
    """Yield what happened since a moment, span by span; in a span the earliest first.

    The log comes in an order that nobody promises and no more than 10,000 lines of it, so a span with many lines is
    cut down before it is read.
    """
    length = LONGEST
    while True:
        until, is_last = end_of(start, length)
        first = await _log(context, start, until, 0)
        if (first.total or 0) > MOST_AT_ONCE and length > 2 * SECOND:
            length = max((until - start) / 8, 2 * SECOND)
            continue
        lines, page = list(first.log_entries), first
        while page.more and page.log_entries:
            page = await _log(context, start, until, len(lines))
            lines += page.log_entries
        yield sorted(lines, key=lambda one: (one.created_at, one.id))
        if is_last:
            return
        start, length = until - SECOND, min(length * 2, LONGEST)


async def _log(context: Context[Connection, Changed], start: datetime, until: datetime, offset: int) -> _Log:
    asked: Pairs = [*span(start, until), *place(offset), ("include[]", "incidents"), ("total", "true")]
    asked += [("team_ids[]", one) for one in context.settings.teams]
    return (await call(context, "GET", "log_entries", asked)).read(_Log)


def _by_incident(lines: Sequence[Happening]) -> list[list[Happening]]:
    """Gather what happened by incident, the one with the earliest last line first."""
    found: dict[str, list[Happening]] = {}
    for line in lines:
        if line.incident is not None and line.type not in _NO_CHANGES:
            found.setdefault(line.incident.id, []).append(line)
    return sorted(found.values(), key=lambda several: (several[-1].created_at, several[-1].id))


def _item(settings: Changed, lines: Sequence[Happening]) -> Item | None:
    """Return the item of an incident with what happened to it, None when it is not asked for."""
    last = lines[-1]
    incident = last.incident
    if incident is None or not _fits(settings, incident):
        return None
    happened = [
        {
            "type": line.type.removesuffix("_log_entry"),
            "text": line.summary or "",
            "by": line.agent.text if line.agent else "",
            "at": line.created_at.isoformat(),
        }
        for line in lines
    ]
    return Item(
        key=f"{incident.id} {last.id}",
        title=incident.text[:100],
        content=told(incident) | {"happened": happened},
        subject=incident.id,
    )


def _fits(settings: Changed, incident: Incident) -> bool:
    """Tell whether an incident is among those that were asked for."""
    service = incident.service.id if incident.service else ""
    return (
        (not settings.services or service in settings.services)
        and settings.urgency in ("all", incident.urgency)
        and (not settings.statuses or incident.status in settings.statuses)
    )


def _entry(incident: Incident) -> Entry:
    values: dict[str, Any] = told(incident)
    return Entry(id=incident.id, values=values, title=incident.text, created=sane(incident.created_at))
