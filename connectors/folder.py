"""Folder: files that appear in a watched directory."""

from __future__ import annotations

import asyncio
import mimetypes
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from connectors.sdk import Attachment, Connector, Context, FolderFile, Item, NoSettings, Settings, Shape, field
from connectors.sdk.cursors.seen import Seen
from connectors.sdk.intervals import interval
from connectors.sdk.texts import storable

# A file that is still written to changes within this time
SETTLE = 0.5
LARGEST_FILE = 100 * 1024 * 1024
MOST_AT_ONCE = 200

connector = Connector("folder", "Folder", icon="folder_open")


async def directories(context: Context[NoSettings, Any]) -> Sequence[str]:
    """Return the directories that the operator allows."""
    return await context.folder.directories()


class Watched(Settings):
    """Which directory to watch, and which files in it."""

    directory: Annotated[
        str,
        field(
            "Directory",
            hint="Below one of the directories that the operator allows.",
            example="/srv/inbox",
            choices=directories,
        ),
    ]
    pattern: Annotated[
        str, field("Files", hint="A pattern of names; **/ also looks into directories below.", example="*.pdf")
    ] = "*"
    existing: Annotated[
        Literal["read", "skip"], field("Files already there", hint="What to do with them when the recipe starts.")
    ] = "read"
    every: Annotated[str, field("Look every", hint="How often to look.", advanced=True, shape=Shape.DURATION)] = "2s"

    def __post_init__(self) -> None:
        if not self.directory.strip() or "\0" in self.directory or ".." in self.directory.split("/"):
            raise ValueError("Name a directory, without '..'.")
        if not self.pattern.strip() or self.pattern.startswith("/") or ".." in self.pattern.split("/"):
            raise ValueError("A pattern is made of names such as *.pdf or **/*.csv.")
        interval(self.every)


@connector.trigger("File added", every=2.0)
async def file_added(context: Context[NoSettings, Watched], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each new file, such as a PDF, that appears in a directory or is written anew.

    Gives the `file`, its `name`, `path`, `size` and date `changed`. A file is read once nobody writes to it any more;
    one larger than 100 MB has no content but a `problem`.
    """
    settings = context.settings
    known = Seen.load(cursor or "")
    listed = await context.folder.list(settings.directory, settings.pattern)
    skips = cursor is None and settings.existing == "skip"
    fresh = await _settled(context, [found for found in listed if not skips and _key(found) not in known])
    seen = Seen()
    for found in listed:
        if skips or _key(found) in known:
            seen.add(_key(found))
    for number, found in enumerate(fresh, 1):
        seen.add(_key(found))
        yield await _item(context, found, seen.dump() if number == len(fresh) else None)
    if not fresh and seen.dump() != cursor:
        yield Item(content=None, cursor=seen.dump())


async def _settled(context: Context[NoSettings, Watched], found: Sequence[FolderFile]) -> list[FolderFile]:
    """Return those that nobody writes to any more, the oldest first and not too many at once."""
    if not found:
        return []
    await asyncio.sleep(SETTLE)
    now = set(await context.folder.list(context.settings.directory, context.settings.pattern))
    return [one for one in found if one in now][:MOST_AT_ONCE]


async def _item(context: Context[NoSettings, Watched], found: FolderFile, cursor: str | None) -> Item:
    name = storable(found.path.rpartition("/")[2])
    content: dict[str, Any] = {
        "file": None,
        "name": name,
        "path": storable(found.path),
        "size": found.size,
        "changed": datetime.fromtimestamp(found.changed / 1e9, UTC)
        .isoformat(timespec="seconds")
        .replace("+00:00", "Z"),
    }
    if found.size > LARGEST_FILE:
        problem = f"The file is larger than {LARGEST_FILE // 1024 // 1024} MB and was not read."
        content["file"] = {"file": None, "name": name, "size": found.size, "problem": problem}
    else:
        media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        held = await context.folder.read(context.settings.directory, found.path)
        content["file"] = Attachment(name=name, media_type=media_type, content=held)
    return Item(key=_key(found), title=name, content=content, cursor=cursor)


def _key(found: FolderFile) -> str:
    return storable(f"{found.path}|{found.size}|{found.changed}")
