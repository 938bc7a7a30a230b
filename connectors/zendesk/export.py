"""Zendesk's export of tickets as they change: a position of its own, page by page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime

import msgspec

from connectors.sdk import Context, Item
from connectors.sdk.cursors.following import At
from connectors.sdk.records.entries import content_of
from connectors.zendesk.connection import Connection, call
from connectors.zendesk.settings import Follow
from connectors.zendesk.tickets import Several, Ticket, Tickets

PAGE = "500"
# Zendesk refuses to begin less than a minute ago
TOO_RECENT = 60


class Position(msgspec.Struct, omit_defaults=True):
    """How far the export was read, and since when tickets count as new."""

    after: str | None = None
    start: int = 0
    new_since: datetime | None = None


class _Page(msgspec.Struct):
    tickets: list[Ticket]
    after_cursor: str | None = None
    end_of_stream: bool = True


async def exported(context: Context[Connection, Follow], cursor: str | None, at: At) -> AsyncIterator[Item]:
    """Yield tickets in the order in which they changed, the position with the last of each page."""
    tickets = Tickets(context)
    skipped = cursor is None and context.settings.existing == "skip"
    position = await _newest(context, tickets) if skipped else _position(cursor)
    while True:
        page = (await call(context, "GET", "incremental/tickets/cursor", {"params": _asked(position)})).read(_Page)
        position.after = page.after_cursor or position.after
        following = msgspec.json.encode(position).decode()
        items = [] if skipped else [one for one in (_item(tickets, t, at, position) for t in page.tickets) if one]
        for item in items[:-1]:
            yield item
        if items:
            yield msgspec.structs.replace(items[-1], cursor=following)
        elif following != cursor:
            yield Item(content=None, cursor=following)
        cursor = following
        if page.end_of_stream or not page.after_cursor:
            return


def _position(cursor: str | None) -> Position:
    return msgspec.json.decode(cursor, type=Position) if cursor else Position()


def _asked(position: Position) -> dict[str, str]:
    asked = {"per_page": PAGE, "exclude_deleted": "true"}
    return asked | ({"cursor": position.after} if position.after else {"start_time": str(position.start)})


async def _newest(context: Context[Connection, Follow], tickets: Tickets) -> Position:
    """Begin where the newest change is; tickets that were created by then are not new."""
    params = {"sort": "-updated_at", "page[size]": "1"}
    found = (await call(context, "GET", "tickets", {"params": params})).read(Several)
    if not found.tickets:
        return Position()
    changed = tickets.shown(found.tickets[0]).changed
    return Position(start=int(changed.timestamp()) - TOO_RECENT if changed else 0, new_since=changed)


def _item(tickets: Tickets, ticket: Ticket, at: At, position: Position) -> Item | None:
    entry = tickets.shown(ticket)
    if at == "created" and position.new_since and entry.created and entry.created <= position.new_since:
        return None
    key = entry.id if at == "created" else f"{entry.id} {ticket.updated_at}"
    return Item(key=key, title=entry.title[:100], content=content_of(entry), subject=entry.id)
