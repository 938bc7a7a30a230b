"""Drive's feed of changes: first what is there already, then every change, with a position that outlives crashes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Annotated, Literal

import msgspec

from connectors.google._calls import ask, read, send
from connectors.google._connection import Connection
from connectors.google._drive_files import DRIVE, FILE, FOLDER, PAGE, Exports, File, every, item_of, one, page, quoted
from connectors.google._drive_offers import Place
from connectors.sdk import Context, Item, SettingsError, field
from connectors.sdk.cursors.seen import Seen
from connectors.sdk.files.arrivals import Every, Existing, Pattern, Types, fits
from connectors.sdk.intervals import interval

MOST_FOLDERS = 10_000


class Watched(Place):
    """Which files to watch for."""

    subfolders: Annotated[bool, field("Subfolders", hint="Look into the folders below as well.")] = True
    pattern: Pattern = "*"
    types: Types = []
    notice: Annotated[
        Literal["new", "changed"],
        field("Start for", hint="new: each file once; changed: new files, and again whenever their content changes."),
    ] = "changed"
    existing: Existing = "read"
    exports: Annotated[Exports, field("Google's documents", advanced=True)] = msgspec.field(default_factory=Exports)
    every: Every = "1m"

    def __post_init__(self) -> None:
        super().__post_init__()
        interval(self.every)


class Position(msgspec.Struct, frozen=True, omit_defaults=True):
    """How far was read: the token of the feed, the folders still to be listed ("" is everywhere), and the page there.

    `folders` are the watched folder and all below it; `drive` is the shared drive they are in, "" for none; `since` is
    when watching began, when older files do not count.
    """

    changes: str
    drive: str = ""
    todo: Sequence[str] = ()
    page: str = ""
    folders: str = ""
    since: datetime | None = None

    def dump(self) -> str:
        """Return the position as a cursor."""
        return msgspec.json.encode(self).decode()


class _Start(msgspec.Struct, frozen=True, rename="camel"):
    start_page_token: str


class _Change(msgspec.Struct, frozen=True, rename="camel"):
    file: File | None = None


class _Changes(msgspec.Struct, frozen=True, rename="camel"):
    changes: Sequence[_Change] = ()
    next_page_token: str = ""
    new_start_page_token: str = ""


async def files_since(context: Context[Connection, Watched], cursor: str | None) -> AsyncIterator[Item]:
    """Yield the files that are there on a first read, and those that appear or change afterwards."""
    position = msgspec.json.decode(cursor, type=Position) if cursor else await _begin(context)
    if cursor is None:
        yield Item(content=None, cursor=position.dump())
    while True:
        while position.todo:
            found, position = await _listed(context, position)
            async for item in _items(context, found, position):
                yield item
        before = position
        found, position, more = await _changed(context, position)
        async for item in _items(context, found, position, moved=position != before):
            yield item
        if not more and not position.todo:
            return


async def _begin(context: Context[Connection, Watched]) -> Position:
    """Take the feed's position before anything is listed, so that nothing can fall in between."""
    settings = context.settings
    drive = settings.drive or await _drive_of(context)
    answer = await send(context, DRIVE, "changes.getStartPageToken", driveId=drive or None, supportsAllDrives=True)
    token, folder = read(answer, _Start).start_page_token, settings.place
    if settings.existing == "read":
        known = Seen()
        known.add(folder)
        return Position(token, drive=drive, todo=(folder,), folders=known.dump())
    since = _moment(answer.headers.get("Date", "")) if settings.notice == "new" else None
    return Position(token, drive=drive, folders=(await _tree(context, drive)).dump(), since=since)


async def _drive_of(context: Context[Connection, Watched]) -> str:
    """Return the shared drive that the folder is in, which has a feed of its own."""
    if not context.settings.place:
        return ""
    folder = await one(context, context.settings.place)
    if folder.mime_type != FOLDER or folder.trashed:
        raise SettingsError(f"{folder.name} is no folder, or is in the bin. Choose another one.")
    return folder.drive_id


async def _listed(context: Context[Connection, Watched], position: Position) -> tuple[list[File], Position]:
    """Return the next page of the folder that is being listed, and the position after it."""
    settings, folder = context.settings, position.todo[0]
    query = f"{quoted(folder)} in parents and trashed = false" if folder else "trashed = false"
    try:
        found = await page(context, query, position.drive, position.page)
    except SettingsError:
        if not position.page:
            raise
        return [], msgspec.structs.replace(position, page="")  # tokens of lists run out: the folder is listed anew
    below: list[str] = []
    known = Seen.load(position.folders, MOST_FOLDERS)
    if folder and settings.subfolders:
        below = [file.id for file in found.files if file.mime_type == FOLDER and file.id not in known]
        _note(known, below)
    token = found.next_page_token
    todo = (*position.todo, *below) if token else (*position.todo[1:], *below)
    after = msgspec.structs.replace(position, todo=todo, page=token, folders=known.dump())
    return [file for file in found.files if _fits(settings, file)], after


async def _changed(context: Context[Connection, Watched], position: Position) -> tuple[list[File], Position, bool]:
    """Return the wanted files on the next page of changes, the position after it, and whether there are more pages."""
    settings = context.settings
    found = await ask(
        context,
        DRIVE,
        "changes.list",
        _Changes,
        pageToken=position.changes,
        pageSize=PAGE,
        includeRemoved=False,
        fields=f"nextPageToken,newStartPageToken,changes(file({FILE}))",
        driveId=position.drive or None,
        supportsAllDrives=True,
        includeItemsFromAllDrives=True,
    )
    files = [change.file for change in found.changes if change.file is not None and not change.file.trashed]
    known, entered = await _moved(context, files, position)
    after = msgspec.structs.replace(
        position,
        changes=found.next_page_token or found.new_start_page_token or position.changes,
        todo=entered,
        folders=known.dump(),
    )
    wanted = [file for file in files if _fits(settings, file) and _inside(settings, file, known)]
    fresh = [file for file in wanted if not _is_older(file, position.since)]
    return fresh, after, bool(found.next_page_token)


async def _moved(
    context: Context[Connection, Watched], files: Sequence[File], position: Position
) -> tuple[Seen, list[str]]:
    """Follow folders that came into the watched one, which are to be listed, or left it."""
    settings, entered = context.settings, list[str]()
    known = Seen.load(position.folders, MOST_FOLDERS)
    if not settings.place or not settings.subfolders:
        return known, entered
    for folder in files:
        if folder.mime_type != FOLDER or folder.id == settings.place:
            continue
        inside = _inside(settings, folder, known)
        if inside and folder.id not in known:
            _note(known, [folder.id])
            entered.append(folder.id)
        elif not inside and folder.id in known:
            known = await _tree(context, position.drive)
    return known, entered


async def _tree(context: Context[Connection, Watched], drive: str) -> Seen:
    """Return the watched folder and all folders below it."""
    settings, known = context.settings, Seen(most=MOST_FOLDERS)
    known.add(settings.place)
    todo = [settings.place] if settings.place and settings.subfolders else []
    while todo:
        query = f"{quoted(todo.pop())} in parents and trashed = false and mimeType = {quoted(FOLDER)}"
        below = [found.id async for found in every(context, query, drive) if found.id not in known]
        _note(known, below)
        todo += below
    return known


async def _items(
    context: Context[Connection, Watched], files: Sequence[File], position: Position, *, moved: bool = True
) -> AsyncIterator[Item]:
    """Yield the items of one page; the position goes on with the last of them."""
    settings = context.settings
    for number, file in enumerate(files, 1):
        key = file.id if settings.notice == "new" else f"{file.id}|{file.version}"
        cursor = position.dump() if number == len(files) else None
        yield await item_of(context, file, settings.exports, key=key, cursor=cursor)
    if not files and moved:
        yield Item(content=None, cursor=position.dump())


def _note(known: Seen, folders: Sequence[str]) -> None:
    for folder in folders:
        known.add(folder)
    if len(known) > MOST_FOLDERS:
        raise SettingsError(
            f"There are more than {MOST_FOLDERS:,} folders below this one. Watch one with fewer, or no subfolders."
        )


def _fits(settings: Watched, file: File) -> bool:
    return file.is_file and fits(file.named(settings.exports), settings.pattern, settings.types)


def _inside(settings: Watched, file: File, known: Seen) -> bool:
    return not settings.place or any(parent in known for parent in file.parents)


def _is_older(file: File, since: datetime | None) -> bool:
    return since is not None and file.created_time is not None and file.created_time < since


def _moment(text: str) -> datetime | None:
    """Read the service's own clock, which its answers tell."""
    try:
        return parsedate_to_datetime(text).astimezone(UTC)
    except ValueError:
        return None
