"""Domain events: written with the work, read by pages, streams and triggers."""

from hub.outbox.bell import Bell
from hub.outbox.service import Event, Outbox

__all__ = ["Bell", "Event", "Outbox"]
