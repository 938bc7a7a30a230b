"""Stored credentials and the contexts of connector calls."""

from hub.connections.contexts import Contexts
from hub.connections.grants import Grants, Returned
from hub.connections.service import Access, Connections, ConnectionSummary, OpenConnection

__all__ = ["Access", "ConnectionSummary", "Connections", "Contexts", "Grants", "OpenConnection", "Returned"]
