"""Dropbox: files that are new or have changed, and files to save."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

from connectors.dropbox.changes import Watched, changed_files, wait
from connectors.dropbox.connection import Connection
from connectors.dropbox.loading import client_for
from connectors.dropbox.upload import Upload, find_upload, preview_upload, undo_upload, upload_file
from connectors.sdk import Category, Change, Connector, Context, Effect, Item, OAuth, Receipt, Record

# Uploads in flight at once, unless the recipe sets another number
CONCURRENCY = 4

connector = Connector(
    "dropbox",
    "Dropbox",
    icon="move_to_inbox",
    connection=Connection,
    category=Category.FILES,
    tried="a local peer held to the route table of Dropbox's own SDK",
)


@connector.hosts
def hosts(connection: Connection) -> Sequence[str]:
    """Name Dropbox's hosts."""
    return connection.hosts()


@connector.oauth
def access(connection: Connection) -> OAuth:
    """Say how Dropbox grants access."""
    return connection.access()


@connector.check
async def check(_: Connection, context: Context[Connection, Any]) -> None:
    """Look into the account's top folder."""
    client = await client_for(context)
    await client.files_list_folder("", limit=1)


@connector.trigger("New or changed file", every=300.0)
async def file_changed(context: Context[Connection, Watched], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each file that is new in a folder or has a new version.

    Gives the `file`, its `name`, `path`, `size`, date `changed` and `version`. One larger than 25 MB has no content but
    a `problem`.
    """
    async for item in changed_files(context, cursor):
        yield item


@file_changed.watch
async def watch(context: Context[Connection, Watched]) -> None:
    """Wait until Dropbox says that something has changed."""
    await wait(context)


@connector.target("Save a file", effect=Effect.CREATE, concurrency=CONCURRENCY)
async def save_file(context: Context[Connection, Upload], record: Record) -> Receipt:
    """Save one file, as a new version where there is one already.

    Gives its `path`, `name`, `id`, `version` and `size`.
    """
    return await upload_file(context, record)


@save_file.preview
async def preview(context: Context[Connection, Upload], records: Sequence[Record]) -> list[list[Change]]:
    """Say which file would be added or changed."""
    return await preview_upload(context, records)


@save_file.find
async def find(context: Context[Connection, Upload], record: Record, token: str | None) -> Receipt | None:
    """Look for a file with this content where it was to be saved."""
    return await find_upload(context, record, token)


@save_file.undo
async def undo(context: Context[Connection, Upload], receipt: Receipt) -> Receipt:
    """Bring back the version before, or remove the file."""
    return await undo_upload(context, receipt)
