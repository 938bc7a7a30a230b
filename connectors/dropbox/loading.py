"""Dropbox's SDK, loaded when it is first needed."""

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import TYPE_CHECKING, Any

from connectors.dropbox.connection import Connection
from connectors.sdk import Context

if TYPE_CHECKING:
    from connectors.dropbox.client import Client


async def client_for(context: Context[Connection, Any]) -> Client:
    """Return Dropbox's SDK on this connection; it takes a second to load, so a thread does that once."""
    module = await asyncio.to_thread(import_module, "connectors.dropbox.client")
    client: Client = module.Client(context)
    return client
