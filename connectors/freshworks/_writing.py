"""Writing tickets: which one a record is, what would change, and how it is taken back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.freshworks._files import uploads
from connectors.freshworks._settings import Write
from connectors.freshworks._tickets import Tickets
from connectors.sdk import Change, Context, Receipt, Record
from connectors.sdk.network.multipart import Upload
from connectors.sdk.records import entries
from connectors.sdk.records.entries import Writing


async def write(context: Context[Any, Any], record: Record) -> Receipt:
    """Open a ticket, or change the one with the same key."""
    files = await uploads(context, context.settings.files)
    return await (await _writing(context, record, files)).write()


async def preview(context: Context[Any, Any], records: Sequence[Record]) -> list[list[Change]]:
    """Compare the fields with those of the ticket that has the key."""
    return [await (await _writing(context, record)).preview() for record in records]


async def find(context: Context[Any, Any], record: Record, _: str | None) -> Receipt | None:
    """Look for the ticket by its key, or by the tag that it was opened with."""
    return await (await _writing(context, record)).find()


async def undo(context: Context[Any, Any], receipt: Receipt) -> Receipt:
    """Put the fields back, or the ticket into the trash, where nobody has changed it since."""
    return await entries.take_back(Tickets(context), receipt)


async def _writing(context: Context[Any, Any], record: Record, files: Sequence[Upload] = ()) -> Writing:
    """Return what writes one record; a new ticket is told by our tag, where it may have one, else by its key."""
    settings: Write = context.settings
    tickets = Tickets(context, files=files, tagged=settings.tag)
    key = "" if settings.mode == "insert" and settings.tag else settings.key
    return Writing(tickets, settings.mode, key, await tickets.translated(record))
