"""Turns: what teaches in a workspace waits for its turn before it takes a connection to the database."""

from __future__ import annotations

import asyncio
from uuid import UUID
from weakref import WeakValueDictionary


class Turns:
    """Locks of this process, one for each workspace that teaches.

    The database lets the lessons of a workspace go one after another as well (`Layouts.hold`), for all processes; but
    whoever waits there holds a connection, and a hundred corrections at once would leave none for other workspaces.
    """

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()

    def of(self, workspace: UUID) -> asyncio.Lock:
        """Return the lock of a workspace, to be held around the transaction and never within one."""
        return self._locks.setdefault(workspace, asyncio.Lock())
