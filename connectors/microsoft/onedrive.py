"""OneDrive: files that are new or have changed, files to save, and rows of Excel tables."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from connectors.microsoft import _excel_rows
from connectors.microsoft._drive import Watched, changed_files
from connectors.microsoft._excel import Sheet
from connectors.microsoft._family import GRAPH, Connection, family
from connectors.microsoft._family import hosts as graph_hosts
from connectors.microsoft._upload import Upload, find_upload, preview_upload, undo_upload, upload_file
from connectors.sdk import Category, Change, Context, Effect, Item, Receipt, Record, Rejected

CONCURRENCY = 4
# Where Graph sends those who read a file's content
DOWNLOADS = ("*.sharepoint.com", "*.1drv.com", "*.storage.live.com", "*.microsoftpersonalcontent.com")

connector = family(
    "onedrive",
    "OneDrive",
    icon="cloud_sync",
    scopes={"Files.ReadWrite": "To read your files, and to add files and versions to any folder you choose."},
    probe="{me}/drive",
    category=Category.FILES,
    tried="a local peer held to Microsoft's OpenAPI description of Graph 1.0",
)


@connector.hosts
def hosts(connection: Connection) -> Sequence[str]:
    """Name Graph's host, and those that files are read from."""
    own = graph_hosts(connection)
    return [*own, *DOWNLOADS] if connection.address == GRAPH else own


@connector.trigger("New or changed file", every=300.0)
async def file_changed(context: Context[Connection, Watched], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each file that is new in a folder or has new content.

    Gives the `file`, its `name`, `path`, `size`, date `changed` and `version`. One larger than 25 MB has no content but
    a `problem`.
    """
    async for item in changed_files(context, cursor):
        yield item


@connector.target("Save a file", effect=Effect.CREATE, concurrency=CONCURRENCY)
async def save_file(context: Context[Connection, Upload], _: Record) -> Receipt:
    """Save one file, as a new version where there is one already.

    Gives its `path`, `name`, `id`, `size`, date `changed` and `version`.
    """
    return await upload_file(context)


@save_file.preview
async def preview(context: Context[Connection, Upload], records: Sequence[Record]) -> list[list[Change]]:
    """Say which file would be added or changed."""
    return await preview_upload(context, records)


@save_file.find
async def find(context: Context[Connection, Upload], _: Record, token: str | None) -> Receipt | None:
    """Look for a file with this content where it was to be saved."""
    return await find_upload(context, token)


@save_file.undo
async def undo(context: Context[Connection, Upload], receipt: Receipt) -> Receipt:
    """Bring back the version before, or remove the file."""
    return await undo_upload(context, receipt)


@connector.target("Write rows to Excel", effect=Effect.CHANGE)
async def write_rows(context: Context[Connection, Sheet], records: Sequence[Record]) -> list[Receipt | Rejected]:
    """Add rows to a table of an Excel workbook, or change those with the same key.

    Gives how many `rows` were written, how many `added` and `changed`, and their `numbers` in the table.
    """
    return await _excel_rows.write(context, records)


@write_rows.preview
async def preview_rows(context: Context[Connection, Sheet], records: Sequence[Record]) -> list[list[Change]]:
    """Compare the rows with those that are there."""
    return await _excel_rows.preview(context, records)


@write_rows.find
async def find_rows(context: Context[Connection, Sheet], record: Record, _: str | None) -> Receipt | None:
    """Look for rows with the same values."""
    return await _excel_rows.find(context, record)


@write_rows.undo
async def undo_rows(context: Context[Connection, Sheet], receipt: Receipt) -> Receipt:
    """Put the rows back as they were, where nobody has changed them since."""
    return await _excel_rows.undo(context, receipt)
