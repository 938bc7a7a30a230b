"""Files of a drive over Microsoft Graph: by path, by id, and what has changed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any, TypeVar
from urllib.parse import quote

import msgspec

from connectors.microsoft._family import Connection, Page, ResyncError, graph, pages, part
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
    is_unfinished,
)
from connectors.sdk.files.outgoing import folder_path, require_folder
from connectors.sdk.intervals import interval
from connectors.sdk.network.http import Options

T = TypeVar("T")
SECONDS = 120.0
NOT_FOUND = 404
_FIELDS = "id,name,size,eTag,cTag,file,folder,deleted,parentReference,lastModifiedDateTime"


class Watched(Settings):
    """Which files to look for, and where."""

    folder: Annotated[
        str, field("Folder", hint="Its path from the top of the drive; empty for all of it.", example="/Invoices/In")
    ] = ""
    below: Annotated[bool, field("Folders below too")] = True
    pattern: Pattern = "*"
    types: Types = []
    existing: Existing = "read"
    every: Every = "5m"

    def __post_init__(self) -> None:
        """Refuse folders that climb up, and unreadable intervals."""
        require_folder(self.folder)
        interval(self.every)


class Parent(msgspec.Struct, frozen=True, rename="camel"):
    """Where a file is: the folder's id, and its path where Graph tells it."""

    id: str = ""
    path: str = ""


class DriveItem(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A file or folder; `cTag` is another one once a file's content changes, `eTag` after any change."""

    id: str
    name: str = ""
    size: int = 0
    e_tag: str = ""
    c_tag: str = ""
    file: dict[str, Any] | None = None
    deleted: dict[str, Any] | None = None
    parent_reference: Parent = Parent()
    last_modified_date_time: datetime | None = None

    @property
    def folder_path(self) -> str:
        """The folder's path from the top, as far as Graph tells it."""
        _, _, path = self.parent_reference.path.partition("root:")
        return path

    def found(self) -> Found:
        """Return it as triggers tell of files."""
        return Found(
            path=f"{self.folder_path}/{self.name}",
            size=self.size,
            version=self.c_tag or self.e_tag,
            changed=self.last_modified_date_time,
            id=self.id,
        )


class _Drive(msgspec.Struct, frozen=True):
    id: str


class _Position(msgspec.Struct, frozen=True):
    """Where to ask next, and which folder that is about; `skips` while only the base line is taken."""

    link: str
    folder: str


class Drive:
    """The drive of the connection's account."""

    def __init__(self, context: Context[Connection, Any], identity: str) -> None:
        self.context = context
        self.root = f"drives/{part(identity)}"

    async def at(self, path: str) -> DriveItem | None:
        """Return what stands at a path from the top."""
        place = f"{self.root}/root:{quote(path, safe='/')}:" if path else f"{self.root}/items/root"
        options = Options(params={"$select": _FIELDS}, accepts=(NOT_FOUND,))
        answer = await graph(self.context, "GET", place, options)
        return None if answer.status == NOT_FOUND else answer.read(DriveItem)

    async def content(self, item: DriveItem) -> bytes | None:
        """Return a file's content; None once it has gone."""
        options = Options(accepts=(NOT_FOUND,), timeout=SECONDS)
        answer = await graph(self.context, "GET", f"{self.root}/items/{part(item.id)}/content", options)
        return None if answer.status == NOT_FOUND else answer.content


async def drive_of(context: Context[Connection, Any]) -> Drive:
    """Return the account's drive."""
    answer = await graph(context, "GET", "{me}/drive", Options(params={"$select": "id"}))
    return Drive(context, answer.read(_Drive).id)


async def changed_files(context: Context[Connection, Watched], cursor: str | None) -> AsyncIterator[Item]:
    """Yield the files that are new in a folder or have new content, page by page of the drive's own changes."""
    drive, settings = await drive_of(context), context.settings
    position = msgspec.json.decode(cursor, type=_Position) if cursor else await _begin(drive, settings)
    if cursor is None and settings.existing == "skip":
        newest = f"{drive.root}/items/{part(position.folder)}/delta(token='latest')"
        async for page in pages(context, newest, Options(), DriveItem):
            if page.delta:
                yield Item(content=None, cursor=_cursor(page.delta, position.folder))
        return
    try:
        async for page in pages(context, position.link, Options(), DriveItem):
            async for item in _arrivals(drive, settings, position, page):
                yield item
    except ResyncError:
        # Its place is forgotten: everything is listed again, and what was read before is known by its key
        begun = await _begin(drive, settings)
        async for page in pages(context, begun.link, Options(), DriveItem):
            async for item in _arrivals(drive, settings, begun, page):
                yield item


async def _begin(drive: Drive, settings: Watched) -> _Position:
    folder = await drive.at(folder_path(settings.folder))
    if folder is None or folder.file is not None:
        raise SettingsError(f"There is no folder {settings.folder} in this drive.")
    return _Position(f"{drive.root}/items/{part(folder.id)}/delta", folder.id)


async def _arrivals(drive: Drive, settings: Watched, position: _Position, page: Page[DriveItem]) -> AsyncIterator[Item]:
    for item in page.value:
        if not _wanted(item, settings, position.folder):
            continue
        found = item.found()
        if found.size > LARGEST_FILE:
            yield arrival(found, None)
            continue
        content = await drive.content(item)
        if content is not None:
            yield arrival(found, content)
    link = page.next or page.delta
    if link and link != position.link:
        yield Item(content=None, cursor=_cursor(link, position.folder))


def _wanted(item: DriveItem, settings: Watched, folder: str) -> bool:
    if item.file is None or item.deleted is not None or is_unfinished(item.name):
        return False
    inside = settings.below or item.parent_reference.id == folder
    return inside and fits(item.name, settings.pattern, settings.types)


def _cursor(link: str, folder: str) -> str:
    return msgspec.json.encode(_Position(link, folder)).decode()
