"""Tools for connectors: what recipes can be built of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Annotated, Any

import msgspec

from connectors.sdk.registry import find_connector, registry
from connectors.sdk.sheet import PartSheet, PartSummary, sheet_of, summary_of
from hub.connections import Connections
from hub.errors import NotFoundError
from hub.mcp.paging import part
from hub.mcp.tools import Cursor, Limit, tool
from hub.members import Member, Verb

Name = Annotated[
    str | None,
    msgspec.Meta(description="One connector by name, or one part such as `http.send`, with every setting."),
]
Search = Annotated[
    str,
    msgspec.Meta(max_length=200, description="Words such as `mail` or `sheet`: only connectors that have them all."),
]
# What of a connector's settings is read at once; of parts beyond that there is a line each
_ROOM = 8_500


class ConnectorLine(msgspec.Struct, frozen=True, kw_only=True):
    """A service that recipes can talk to, and the names of its parts as `uses` takes them."""

    name: str
    title: str
    category: str
    text: str
    needs_connection: bool
    uses: list[str]


class PartSettings(msgspec.Struct, frozen=True, kw_only=True):
    """A trigger, lookup or target, and the JSON Schema of what `with` takes; null: ask for this part by its `uses`."""

    summary: PartSummary
    settings: Mapping[str, Any] | None


class ConnectorView(msgspec.Struct, frozen=True, kw_only=True):
    """One connector in full; `connections` are the names that recipes may say as `connection`."""

    name: str
    title: str
    text: str
    needs_connection: bool
    connections: list[str]
    parts: list[PartSettings]


class ConnectorList(msgspec.Struct, frozen=True, kw_only=True):
    """Connectors in a line each, or one of them in full."""

    items: Sequence[ConnectorLine]
    next_cursor: str | None = None
    connector: ConnectorView | None = None


@tool("List connectors", Verb.READ)
async def list_connectors(
    connections: Connections,
    member: Member,
    *,
    name: Name = None,
    search: Search = "",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ConnectorList:
    """List the services that recipes can talk to, with their triggers, lookups and targets.

    Pass `search` to find services by words, then `name` to get one connector, or one part of it, with the settings of
    its parts and the connections there are: what you need for writing a step of a recipe.
    """
    if name is not None:
        return ConnectorList(items=[], connector=await _in_full(connections, member, name))
    words = search.casefold().split()
    lines = [_line(one.name) for one in registry().values() if all(word in _words(one.name) for word in words)]
    page = part(lines, limit, cursor, lambda one: one.name)
    return ConnectorList(items=page.items, next_cursor=page.next_cursor)


async def _in_full(connections: Connections, member: Member, asked: str) -> ConnectorView:
    name, _, part_name = asked.partition(".")
    connector = find_connector(name)
    if connector is None:
        raise NotFoundError(f"There is no connector {name[:60]!r}.")
    sheet = sheet_of(connector)
    parts = [one for one in sheet.parts if not part_name or one.summary.uses == asked]
    if not parts:
        raise NotFoundError(
            f"{connector.title} has no {part_name[:60]!r}. List it by its name {name} to see its parts."
        )
    held = [(one.name, find_connector(one.connector)) for one in await connections.list(member)]
    return ConnectorView(
        name=sheet.summary.name,
        title=sheet.summary.title,
        text=sheet.summary.text,
        needs_connection=sheet.summary.needs_connection,
        connections=[one for one, kind in held if kind is not None and kind.family == connector.family],
        parts=_fitting(parts),
    )


def _fitting(parts: Sequence[PartSheet]) -> list[PartSettings]:
    """Return parts with their settings as long as there is room; the first always."""
    found: list[PartSettings] = []
    room = _ROOM
    for one in parts:
        room -= len(msgspec.json.encode(one.schema))
        found.append(PartSettings(summary=one.summary, settings=one.schema if room > 0 or not found else None))
    return found


@cache
def _words(name: str) -> str:
    """Return all words by which a connector can be found."""
    summary = summary_of(registry()[name])
    told = (f"{one.uses} {one.title} {one.text}" for one in summary.parts)
    return " ".join((name, summary.title, summary.family, summary.category, summary.text, *told)).casefold()


def _line(name: str) -> ConnectorLine:
    summary = summary_of(registry()[name])
    return ConnectorLine(
        name=summary.name,
        title=summary.title,
        category=summary.category,
        text=summary.text,
        needs_connection=summary.needs_connection,
        uses=[one.uses for one in summary.parts],
    )


TOOLS = (list_connectors,)
