"""Tools for connectors: what recipes can be built of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec

from connectors.sdk.registry import find_connector, registry
from connectors.sdk.sheet import PartSummary, sheet_of, summary_of
from hub.connections import Connections
from hub.errors import NotFoundError
from hub.mcp.paging import part
from hub.mcp.tools import Cursor, Limit, tool
from hub.members import Member, Verb

Name = Annotated[str | None, msgspec.Meta(description="One connector by name, with every setting of its parts.")]


class ConnectorLine(msgspec.Struct, frozen=True, kw_only=True):
    """A service that recipes can talk to, and the names of its parts as `uses` takes them."""

    name: str
    title: str
    text: str
    needs_connection: bool
    uses: list[str]


class PartSettings(msgspec.Struct, frozen=True, kw_only=True):
    """A trigger, lookup or target, and the JSON Schema of what `with` takes."""

    summary: PartSummary
    settings: Mapping[str, Any]


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
    connections: Connections, member: Member, *, name: Name = None, limit: Limit = 50, cursor: Cursor = None
) -> ConnectorList:
    """List the services that recipes can talk to, with their triggers, lookups and targets.

    Pass `name` to get one connector with the settings of its parts and the connections there are: what you need for
    writing a step of a recipe.
    """
    if name is not None:
        return ConnectorList(items=[], connector=await _in_full(connections, member, name))
    lines = [_line(one.name) for one in registry().values()]
    page = part(lines, limit, cursor, lambda one: one.name)
    return ConnectorList(items=page.items, next_cursor=page.next_cursor)


async def _in_full(connections: Connections, member: Member, name: str) -> ConnectorView:
    connector = find_connector(name)
    if connector is None:
        raise NotFoundError(f"There is no connector {name[:60]!r}.")
    sheet = sheet_of(connector)
    own = [one.name for one in await connections.list(member) if one.connector == name]
    return ConnectorView(
        name=sheet.summary.name,
        title=sheet.summary.title,
        text=sheet.summary.text,
        needs_connection=sheet.summary.needs_connection,
        connections=own,
        parts=[PartSettings(summary=one.summary, settings=one.schema) for one in sheet.parts],
    )


def _line(name: str) -> ConnectorLine:
    summary = summary_of(registry()[name])
    return ConnectorLine(
        name=summary.name,
        title=summary.title,
        text=summary.text,
        needs_connection=summary.needs_connection,
        uses=[one.uses for one in summary.parts],
    )


TOOLS = (list_connectors,)
