"""Connections over REST; secrets go in and never come out."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Controller, Request, Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from hub.api.access import COOKIE
from hub.api.etags import IfMatch, created, expected_revision, tagged
from hub.api.paging import DEFAULT_LIMIT, Cursor, Limit, Page, part
from hub.connections import Connections, ConnectionSummary, ConnectionUses, Grants, Uses
from hub.errors import InvalidError
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


class HandOff(msgspec.Struct, frozen=True, kw_only=True):
    """Where to send the person, who comes back to `redirect_url` in the same browser."""

    address: str
    redirect_url: str


class ConnectionController(Controller):
    """Store, test and remove connections."""

    path = "/connections"

    @get("/", opt={"verb": Verb.READ})
    async def list_connections(
        self,
        connections: NamedDependency[Connections],
        member: NamedDependency[Member],
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> Page[ConnectionSummary]:
        """List connections by name."""
        return part(await connections.list(member), limit, cursor, lambda one: one.id)

    @post("/", opt={"verb": Verb.EDIT_CONNECTIONS})
    async def add_connection(
        self, connections: NamedDependency[Connections], member: NamedDependency[Member], data: JSONBody[NewConnection]
    ) -> Response[ConnectionSummary]:
        """Store a connection."""
        added = await connections.add(member, data.name, data.connector, data.settings, data.rate_limit)
        return created(added, added.revision, f"connections/{added.id}")

    @get("/{connection_id:str}", opt={"verb": Verb.READ})
    async def show_connection(
        self,
        connections: NamedDependency[Connections],
        member: NamedDependency[Member],
        connection_id: FromPath[str],
    ) -> Response[ConnectionSummary]:
        """Show a connection without its secrets."""
        found = await connections.show(member, parse("con", connection_id))
        return tagged(found, found.revision)

    @patch("/{connection_id:str}", opt={"verb": Verb.EDIT_CONNECTIONS})
    async def change_connection(
        self,
        connections: NamedDependency[Connections],
        member: NamedDependency[Member],
        connection_id: FromPath[str],
        data: JSONBody[ConnectionChange],
        if_match: IfMatch = None,
    ) -> Response[ConnectionSummary]:
        """Replace a connection's settings."""
        connection, revision = parse("con", connection_id), expected_revision(if_match)
        changed = await connections.change(member, connection, data.settings, revision=revision)
        return tagged(changed, changed.revision)

    @delete("/{connection_id:str}", opt={"verb": Verb.EDIT_CONNECTIONS})
    async def remove_connection(
        self,
        connections: NamedDependency[Connections],
        member: NamedDependency[Member],
        connection_id: FromPath[str],
    ) -> None:
        """Remove a connection that nothing uses."""
        await connections.remove(member, parse("con", connection_id))

    @get("/{connection_id:str}/uses", opt={"verb": Verb.READ})
    async def show_uses(
        self,
        connection_uses: NamedDependency[Uses],
        member: NamedDependency[Member],
        connection_id: FromPath[str],
    ) -> ConnectionUses:
        """Show which recipes name a connection, when it was last used, and what last went wrong."""
        return await connection_uses.show(member, parse("con", connection_id))

    @post("/{connection_id:str}/test", status_code=200, opt={"verb": Verb.USE_CONNECTIONS})
    async def test_connection(
        self,
        connections: NamedDependency[Connections],
        member: NamedDependency[Member],
        connection_id: FromPath[str],
    ) -> ConnectionSummary:
        """Ask the service whether the credentials work."""
        return await connections.test(member, parse("con", connection_id))

    @post("/{connection_id:str}/grant", status_code=200, opt={"verb": Verb.EDIT_CONNECTIONS})
    async def grant_connection(
        self,
        request: Request[Any, Any, Any],
        grants: NamedDependency[Grants],
        member: NamedDependency[Member],
        connection_id: FromPath[str],
    ) -> HandOff:
        """Begin to connect by signing in at the service; with a session, since a person has to come back in it."""
        session = request.cookies.get(COOKIE)
        if not session:
            raise InvalidError("Only a person who is signed in here can connect: a key cannot agree to anything.")
        address = await grants.begin(member, parse("con", connection_id), session)
        return HandOff(address=address, redirect_url=grants.redirect_url)

    @delete("/{connection_id:str}/grant", opt={"verb": Verb.EDIT_CONNECTIONS})
    async def give_up_connection(
        self,
        grants: NamedDependency[Grants],
        member: NamedDependency[Member],
        connection_id: FromPath[str],
    ) -> None:
        """Forget what the service granted."""
        await grants.give_up(member, parse("con", connection_id))


CONTROLLERS = [ConnectionController]
