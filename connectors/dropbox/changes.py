"""What has changed in a Dropbox folder since a cursor, page by page, and waiting for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from connectors.dropbox.connection import Connection
from connectors.dropbox.loading import client_for
from connectors.sdk import Context, Item, Settings, SettingsError, field
from connectors.sdk.files.arrivals import (
    LARGEST_FILE,
    Every,
    Existing,
    Found,
    Pattern,
    Types,
    arrival,
    fits,
    moment,
)
from connectors.sdk.files.outgoing import folder_path, require_folder
from connectors.sdk.intervals import interval

if TYPE_CHECKING:
    from connectors.dropbox.client import Client

# A page is kept as a whole, so it is short; Dropbox gives about as many entries as it is asked for
PAGE = 100
WHOLE_PAGE = 1000
WAIT_SECONDS = 300


async def folders(context: Context[Connection, Any]) -> Sequence[str]:
    """Return the folders at the top of the account and right below them."""
    from dropbox.files import FolderMetadata

    client = await client_for(context)
    page = await client.files_list_folder("", recursive=True, limit=1000)
    paths = [entry.path_display for entry in page.entries if isinstance(entry, FolderMetadata)]
    return sorted((path for path in paths if path and path.count("/") <= 2), key=str.lower)


class Watched(Settings):
    """Which folder to watch, and which files in it."""

    folder: Annotated[
        str, field("Folder", hint="Its path from the top; empty for everything.", example="/Invoices", choices=folders)
    ] = ""
    below: Annotated[bool, field("Folders below too")] = True
    pattern: Pattern = "*"
    types: Types = []
    existing: Existing = "read"
    every: Every = "5m"

    def __post_init__(self) -> None:
        require_folder(self.folder)
        interval(self.every)


class Position(msgspec.Struct, frozen=True):
    """Dropbox's own cursor, and when the newest file that it led past was changed, should Dropbox forget it.

    `floor` is that date while a folder is listed anew that had been skipped at the start.
    """

    cursor: str
    newest: str = ""
    floor: str = ""


async def changed_files(context: Context[Connection, Watched], cursor: str | None) -> AsyncIterator[Item]:
    """Yield the files of a folder that are new or have changed since the cursor."""
    settings, client = context.settings, await client_for(context)
    if cursor is None and settings.existing == "skip":
        yield Item(content=None, cursor=msgspec.json.encode(await _end(client, settings)).decode())
        return
    known = msgspec.json.decode(cursor, type=Position) if cursor else Position("")
    page = await _onwards(client, known.cursor) if cursor else None
    floor = known.floor
    if page is None:
        page, floor = await _begin(client, settings), known.newest if settings.existing == "skip" else ""
    while True:
        for entry in _wanted(page.entries, settings):
            item = await _item(client, entry) if _date(entry) >= floor else None
            if item is not None:
                yield item
        known = Position(page.cursor, _newest(known, page), floor if page.has_more else "")
        following = msgspec.json.encode(known).decode()
        if following != cursor:
            yield Item(content=None, cursor=following)
        if not page.has_more:
            return
        page = await client.files_list_folder_continue(page.cursor)


async def wait(context: Context[Connection, Watched]) -> None:
    """Return when Dropbox says that something in the folder has changed."""
    settings, client = context.settings, await client_for(context)
    latest = await client.files_list_folder_get_latest_cursor(folder_path(settings.folder), recursive=settings.below)
    while True:
        told = await client.files_list_folder_longpoll(latest.cursor, timeout=WAIT_SECONDS)
        if told.changes:
            return
        await asyncio.sleep(told.backoff or 0)


async def _end(client: Client, settings: Watched) -> Position:
    """Pass over everything that is there."""
    page = await _begin(client, settings, WHOLE_PAGE)
    known = Position(page.cursor, _newest(Position(""), page))
    while page.has_more:
        page = await client.files_list_folder_continue(page.cursor)
        known = Position(page.cursor, _newest(known, page))
    return known


def _newest(known: Position, page: Any) -> str:
    return max([known.newest, *map(_date, page.entries)])


async def _begin(client: Client, settings: Watched, limit: int = PAGE) -> Any:
    from connectors.dropbox.client import RefusalError

    try:
        return await client.files_list_folder(folder_path(settings.folder), recursive=settings.below, limit=limit)
    except RefusalError as error:
        if error.words[-1] not in {"not_found", "not_folder"}:
            raise
        raise SettingsError(f"There is no folder {settings.folder} in this Dropbox. Choose another.") from error


async def _onwards(client: Client, cursor: str) -> Any:
    """Go on from a cursor; None when Dropbox has forgotten it."""
    from connectors.dropbox.client import RefusalError

    try:
        return await client.files_list_folder_continue(cursor)
    except RefusalError as error:
        if error.words[0] != "reset":
            raise
        return None


def _wanted(entries: Sequence[Any], settings: Watched) -> list[Any]:
    from dropbox.files import FileMetadata

    return [
        entry
        for entry in entries
        if isinstance(entry, FileMetadata) and fits(entry.name, settings.pattern, settings.types)
    ]


async def _item(client: Client, entry: Any) -> Item | None:
    """Read a file in the version that was told; None when that version has gone."""
    from connectors.dropbox.client import RefusalError

    found = found_in(entry)
    if not entry.is_downloadable:
        return arrival(found, None, problem="Dropbox keeps this as a document of its own, which cannot be downloaded.")
    if entry.size > LARGEST_FILE:
        return arrival(found, None)
    try:
        _, content = await client.files_download(f"rev:{entry.rev}")
    except RefusalError as error:
        return None if error.words[-1] == "not_found" else arrival(found, None, problem=error.message)
    return arrival(found, content)


def found_in(entry: Any) -> Found:
    """Return what Dropbox tells of a file in the words that all services share."""
    path = entry.path_display or entry.path_lower or entry.name
    return Found(path=path, size=entry.size, version=entry.rev, changed=entry.server_modified, id=entry.id)


def _date(entry: Any) -> str:
    return moment(getattr(entry, "server_modified", None)) or ""
