"""WebDAV: files that are new or have changed on Nextcloud, ownCloud or a NAS, and files to write there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

from connectors.sdk import Category, Change, Connector, Context, Effect, Item, Receipt, Record
from connectors.sdk.network.urls import host_of
from connectors.webdav.client import Client
from connectors.webdav.connection import Connection
from connectors.webdav.folder import Watched, changed_files
from connectors.webdav.upload import Upload, find_upload, preview_upload, undo_upload, upload_file

# Files in flight at once, unless the recipe sets another number
CONCURRENCY = 4

connector = Connector(
    "webdav", "WebDAV", icon="folder_shared", connection=Connection, category=Category.FILES, tried="WsgiDAV, SeaweedFS"
)


@connector.hosts
def hosts(connection: Connection) -> Sequence[str]:
    """Name the server."""
    return [host_of(connection.address)]


@connector.check
async def check(_: Connection, context: Context[Connection, Any]) -> None:
    """Look into the folder of the address."""
    await Client(context).listed("")


@connector.trigger("New or changed file", every=300.0)
async def file_changed(context: Context[Connection, Watched], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each file that is new in a folder of the server or has changed.

    Gives the `file`, its `name`, `path`, `size`, date `changed` and `version`. A file is read once nobody writes to it
    any more; one larger than 25 MB has no content but a `problem`.
    """
    async for item in changed_files(context, cursor):
        yield item


@connector.target("Write a file", effect=Effect.CREATE, concurrency=CONCURRENCY)
async def write_file(context: Context[Connection, Upload], record: Record) -> Receipt:
    """Write one file, if what is there still is what was seen.

    Gives its `path`, `name`, `size`, `version` and where a replaced file was `kept`.
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
