"""Stored credentials and the contexts of connector calls."""

from hub.connections.contexts import Contexts
from hub.connections.service import Connections, ConnectionSummary, OpenConnection

__all__ = ["ConnectionSummary", "Connections", "Contexts", "OpenConnection"]
