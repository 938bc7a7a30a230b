"""Stored credentials and the contexts of connector calls."""

from hub.connections.contexts import Contexts
from hub.connections.grants import Grants, Returned
from hub.connections.health import ConnectionHealth, Health
from hub.connections.service import Connections, OpenConnection
from hub.connections.uses import ConnectionUses, Use, UseFailure, Uses
from hub.connections.views import Access, ConnectionSummary

__all__ = [
    "Access",
    "ConnectionHealth",
    "ConnectionSummary",
    "ConnectionUses",
    "Connections",
    "Contexts",
    "Grants",
    "Health",
    "OpenConnection",
    "Returned",
    "Use",
    "UseFailure",
    "Uses",
]
