"""SFTP: files that are new or have changed on an SSH server, and files to write there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

from connectors.sdk import Category, Change, Connector, Context, Effect, Item, Receipt, Record
from connectors.sftp.connection import Connection
from connectors.sftp.folder import Watched, changed_files
from connectors.sftp.session import server
from connectors.sftp.upload import Upload, find_upload, preview_upload, undo_upload, upload_file

# Files in flight at once over one connection, unless the recipe sets another number
CONCURRENCY = 4

connector = Connector(
    "sftp", "SFTP", icon="terminal", connection=Connection, category=Category.FILES, tried="OpenSSH 9.2"
)


@connector.hosts
def hosts(connection: Connection) -> Sequence[str]:
    """Name the server."""
    return [connection.host]


@connector.check
async def check(_: Connection, context: Context[Connection, Any]) -> None:
    """Sign in, or tell the key that the server shows."""
    async with server(context) as sftp:
        await sftp.realpath(".")


@connector.trigger("New or changed file", every=60.0)
async def file_changed(context: Context[Connection, Watched], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each file that is new in a folder of the server or has changed.

    Gives the `file`, its `name`, `path`, `size`, date `changed` and `version`. A file is read once nobody writes to it
    any more; one larger than 25 MB has no content but a `problem`.
    """
    async for item in changed_files(context, cursor):
        yield item


@connector.target("Write a file", effect=Effect.CREATE, concurrency=CONCURRENCY)
async def write_file(context: Context[Connection, Upload], record: Record) -> Receipt:
    """Write one file, which readers see whole or not at all.

    Gives its `path`, `name`, `size` and where a replaced file was `kept`.
    """
    return await upload_file(context, record)


@write_file.preview
async def preview(context: Context[Connection, Upload], records: Sequence[Record]) -> list[list[Change]]:
    """Say which file would be added or changed."""
    return await preview_upload(context, records)


@write_file.find
async def find(context: Context[Connection, Upload], record: Record, token: str | None) -> Receipt | None:
    """Look for a file with this content where it was to be written."""
    return await find_upload(context, record, token)


@write_file.undo
async def undo(context: Context[Connection, Upload], receipt: Receipt) -> Receipt:
    """Remove the file, or bring the replaced one back."""
    return await undo_upload(context, receipt)
