"""Connections over REST; secrets go in and never come out."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Controller, Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from hub.api.paging import Page
from hub.connections import Connections, ConnectionSummary
from hub.ids import parse
from hub.members import Member, Verb


class NewConnection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A connection to store."""

    name: str
    connector: str
    settings: dict[str, Any] = {}
    rate_limit: float | None = None


class ConnectionChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """New settings; a secret that is left out stays as it is."""

    settings: dict[str, Any]
    revision: int | None = None


class ConnectionController(Controller):
    """Store, test and remove connections."""

    path = "/connections"

    @get("/", opt={"verb": Verb.READ})
    async def list_connections(
        self, connections: NamedDependency[Connections], member: NamedDependency[Member]
    ) -> Page[ConnectionSummary]:
        """List connections by name, all on one page."""
        return Page(await connections.list(member))

    @post("/", opt={"verb": Verb.EDIT_CONNECTIONS})
    async def add_connection(
        self, connections: NamedDependency[Connections], member: NamedDependency[Member], data: JSONBody[NewConnection]
    ) -> Response[ConnectionSummary]:
        """Store a connection."""
        added = await connections.add(member, data.name, data.connector, data.settings, data.rate_limit)
        return Response(added, headers={"Location": f"/api/v1/connections/{added.id}"}, status_code=201)

    @get("/{connection_id:str}", opt={"verb": Verb.READ})
    async def show_connection(
        self,
        connections: NamedDependency[Connections],
        member: NamedDependency[Member],
        connection_id: FromPath[str],
    ) -> ConnectionSummary:
        """Show a connection without its secrets."""
        return await connections.show(member, parse("con", connection_id))

    @patch("/{connection_id:str}", opt={"verb": Verb.EDIT_CONNECTIONS})
    async def change_connection(
        self,
        connections: NamedDependency[Connections],
        member: NamedDependency[Member],
        connection_id: FromPath[str],
        data: JSONBody[ConnectionChange],
    ) -> ConnectionSummary:
        """Replace a connection's settings."""
        return await connections.change(member, parse("con", connection_id), data.settings, revision=data.revision)

    @delete("/{connection_id:str}", opt={"verb": Verb.EDIT_CONNECTIONS})
    async def remove_connection(
        self,
        connections: NamedDependency[Connections],
        member: NamedDependency[Member],
        connection_id: FromPath[str],
    ) -> None:
        """Remove a connection that nothing uses."""
        await connections.remove(member, parse("con", connection_id))

    @post("/{connection_id:str}/test", status_code=200, opt={"verb": Verb.USE_CONNECTIONS})
    async def test_connection(
        self,
        connections: NamedDependency[Connections],
        member: NamedDependency[Member],
        connection_id: FromPath[str],
    ) -> ConnectionSummary:
        """Ask the service whether the credentials work."""
        return await connections.test(member, parse("con", connection_id))


CONTROLLERS = [ConnectionController]
