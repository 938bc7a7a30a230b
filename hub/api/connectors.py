"""The services that can be talked to, and what each asks for."""

from __future__ import annotations

from litestar import Controller, get
from litestar.params import FromPath

from connectors.sdk.registry import find_connector, registry
from connectors.sdk.sheet import ConnectorSheet, ConnectorSummary, sheet_of, summary_of
from hub.api.paging import DEFAULT_LIMIT, Cursor, Limit, Page, part
from hub.errors import NotFoundError
from hub.members import Verb


class ConnectorController(Controller):
    """List connectors; show the fields of their forms."""

    path = "/connectors"
    tags = ["connectors"]

    @get("/", opt={"verb": Verb.READ})
    async def list_connectors(self, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Page[ConnectorSummary]:
        """List all connectors with their triggers, lookups and targets."""
        found = [summary_of(connector) for connector in registry().values()]
        return part(found, limit, cursor, lambda one: one.name)

    @get("/{name:str}", opt={"verb": Verb.READ})
    async def show_connector(self, name: FromPath[str]) -> ConnectorSheet:
        """Show one connector with every setting of its connection and parts."""
        connector = find_connector(name)
        if connector is None:
            raise NotFoundError("There is no such connector.")
        return sheet_of(connector)


CONTROLLERS = (ConnectorController,)
