"""Writing tickets: which one a record is, and how it is taken back."""

from __future__ import annotations

from typing import Any

from connectors.freshworks._files import uploads
from connectors.freshworks._settings import Write
from connectors.freshworks._tickets import Tickets
from connectors.sdk import Context, Receipt, Record
from connectors.sdk.records import entries
from connectors.sdk.records.entries import Writing


async def writing(context: Context[Any, Any], record: Record, workspace: str = "") -> Writing:
    """Return what writes one record; a new ticket is told by our tag, where it may have one, else by its key."""
    settings: Write = context.settings
    files = await uploads(context, settings.files)
    tickets = Tickets(context, workspace=workspace, files=files, tagged=settings.tag)
    key = "" if settings.mode == "insert" and settings.tag else settings.key
    return Writing(tickets, settings.mode, key, await tickets.translated(record))


async def take_back(context: Context[Any, Any], receipt: Receipt) -> Receipt:
    """Give a ticket its former values, or put it into the trash where it was opened, while it is as it was written."""
    return await entries.take_back(Tickets(context), receipt)
