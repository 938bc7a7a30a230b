"""Google Drive: files in as they appear and change, files out as new ones and new versions."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any

import msgspec

from connectors.google._calls import ask
from connectors.google._connection import Connection, family
from connectors.google._drive_changes import Watched, files_since
from connectors.google._drive_files import (
    DRIVE,
    PAGE,
    Exports,
    File,
    described,
    identity,
    item_of,
    one,
    page,
    quoted,
)
from connectors.google._drive_offers import Place
from connectors.google._drive_upload import Upload, changes, found, take_back, write
from connectors.sdk import (
    Category,
    Change,
    Context,
    Effect,
    Item,
    NoSettings,
    Receipt,
    Record,
    Settings,
    SettingsError,
    field,
)
from connectors.sdk.files.arrivals import Pattern, Types, fits, moment

MOST = 1_000
# Uploads in flight at once
CONCURRENCY = 4

connector = family(
    DRIVE, "add_to_drive", category=Category.FILES, tried="a local peer held to Google's discovery document drive:v3"
)


class _About(msgspec.Struct, frozen=True):
    user: Any


@connector.check
async def check(connection: Connection, context: Context[Connection, NoSettings]) -> None:  # noqa: ARG001  # as declared
    """Ask whose drive it is."""
    await ask(context, DRIVE, "about.get", _About, fields="user")


@connector.trigger("New or changed file", every=60.0)
async def file_changed(context: Context[Connection, Watched], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each file that appears in a folder or whose content changes.

    Gives the `file`, its `name`, `size`, `version`, `id`, `media_type`, `url`, the `folder` it is in, the date
    `changed` and who it was `changed_by`. A file larger than 25 MB, or one that Google does not hand out, has a
    `problem` in place of its content.
    """
    async for item in files_since(context, cursor):
        yield item


class Listing(Place):
    """Which files to list."""

    pattern: Pattern = "*"
    types: Types = []
    words: Annotated[
        str, field("Words", hint="Only files that contain them.", example="{{ trigger.number }}", templated=True)
    ] = ""
    most: Annotated[int, field("Most files", advanced=True)] = 100

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1 <= self.most <= MOST:
            raise ValueError(f"Between 1 and {MOST:,} files may be listed.")


@connector.lookup("List files")
async def list_files(context: Context[Connection, Listing]) -> dict[str, Any]:
    """List the files of a folder, newest change first.

    Gives `files` (each with `id`, `name`, `size`, `changed`, `url` and more), their `count`, and whether there are
    `more`.
    """
    settings = context.settings
    parts = ["trashed = false", *([f"{quoted(settings.place)} in parents"] if settings.place else [])]
    parts += [f"fullText contains {quoted(settings.words)}"] if settings.words.strip() else []
    exports, token, listed = Exports(), "", list[File]()
    while len(listed) <= settings.most:
        answer = await page(context, " and ".join(parts), settings.drive, token, PAGE)
        listed += [
            file
            for file in answer.files
            if file.is_file and fits(file.named(exports), settings.pattern, settings.types)
        ]
        token = answer.next_page_token
        if not token:
            break
    newest = sorted(listed[: settings.most], key=lambda file: str(file.modified_time), reverse=True)
    return {"files": [_told(file) for file in newest], "count": len(newest), "more": len(listed) > settings.most}


class Download(Settings):
    """Which file to read."""

    id: Annotated[str, field("File", hint="Its id, or its link.", example="{{ trigger.id }}", templated=True)]
    exports: Annotated[Exports, field("Google's documents", advanced=True)] = msgspec.field(default_factory=Exports)


@connector.lookup("Read a file")
async def download(context: Context[Connection, Download]) -> Any:
    """Read one file.

    Gives the `file`, its `name`, `size`, `version`, `id`, `media_type`, `url`, `folder`, `changed` and `changed_by`.
    """
    try:
        name = identity(context.settings.id)
    except ValueError as error:
        raise SettingsError(str(error)) from error
    item = await item_of(context, await one(context, name), context.settings.exports)
    if isinstance(item.content["file"], dict):
        raise SettingsError(str(item.content["file"]["problem"]))
    return item.content


@connector.target("Write a file", effect=Effect.CREATE, concurrency=CONCURRENCY)
async def upload_file(context: Context[Connection, Upload], record: Record) -> Receipt:
    """Write a file into a folder, as a new one or as a new version.

    Gives its `id`, `name` and `url`, and whether it was `added`.
    """
    return await write(context, record)


@upload_file.preview
async def preview(context: Context[Connection, Upload], records: Sequence[Record]) -> list[list[Change]]:
    """Look whether there is a file of the name already."""
    return await changes(context, records)


@upload_file.find
async def find(context: Context[Connection, Upload], record: Record, token: str | None) -> Receipt | None:
    """Look for the file that carries the delivery's key."""
    return await found(context, record, token)


@upload_file.undo
async def undo(context: Context[Connection, Upload], receipt: Receipt) -> Receipt:
    """Put the file into the bin, or its earlier version back, where nobody has changed it since."""
    return await take_back(context, receipt)


def _told(file: File) -> dict[str, Any]:
    return {
        "name": file.name,
        "size": file.length if file.size else None,
        "changed": moment(file.modified_time),
        **described(file),
    }
