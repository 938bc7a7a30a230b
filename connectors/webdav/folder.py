"""The files of a folder on a WebDAV server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Annotated, Any

from connectors.sdk import Context, Item, Settings, SettingsError, field
from connectors.sdk.files.arrivals import (
    LARGEST_FILE,
    MOST_FILES,
    Every,
    Existing,
    Found,
    Pattern,
    Quiet,
    Types,
    appeared,
    fits,
    is_unfinished,
)
from connectors.sdk.files.outgoing import folder_path, require_folder
from connectors.sdk.intervals import interval
from connectors.webdav.client import Client
from connectors.webdav.connection import Connection
from connectors.webdav.parsing import Entry

DEEPEST = 20
MOST_FOLDERS = 2_000


async def folders(context: Context[Connection, Any]) -> Sequence[str]:
    """Return the folders at the top."""
    return sorted(f"/{entry.name}" for entry in await Client(context).listed("") if entry.is_folder)


class Watched(Settings):
    """Which folder to watch, and which files in it."""

    folder: Annotated[
        str,
        field(
            "Folder",
            hint="Its path below the connection's address; empty for all of it.",
            example="/in",
            choices=folders,
        ),
    ] = ""
    below: Annotated[bool, field("Folders below too")] = False
    pattern: Pattern = "*"
    types: Types = []
    existing: Existing = "read"
    every: Every = "5m"
    quiet: Quiet = 2.0

    def __post_init__(self) -> None:
        require_folder(self.folder)
        interval(self.every)
        if not 0 <= self.quiet <= 60:
            raise ValueError("Between 0 and 60 seconds may pass until a file counts as whole.")


class Files:
    """The wanted files of one folder."""

    def __init__(self, client: Client, settings: Watched) -> None:
        self._client = client
        self._settings = settings

    async def files(self) -> Sequence[Found]:
        """Return the files that fit; names of what is still being written are passed over."""
        found: list[Found] = []
        waiting = [(folder_path(self._settings.folder), 0)]
        for number, (folder, depth) in enumerate(waiting):
            if number >= MOST_FOLDERS or len(found) > MOST_FILES:
                raise SettingsError(f"There are too many files below {self._settings.folder or '/'}. Watch less.")
            for entry in await self._client.listed(folder):
                path = f"{folder}/{entry.name}"
                if entry.is_folder:
                    deeper = self._settings.below and depth < DEEPEST and not entry.name.startswith(".")
                    waiting += [(path, depth + 1)] if deeper else []
                elif not is_unfinished(entry.name) and fits(entry.name, self._settings.pattern, self._settings.types):
                    found.append(_found(path, entry))
        return found

    async def content(self, found: Found) -> bytes | None:
        """Return a file's content; None when it has gone, or is not what was listed any more."""
        answer = await self._client.content(found.path, LARGEST_FILE)
        if answer is None:
            return None
        tag = bare(answer.headers.get("ETag", ""))
        changed = tag and " " not in found.version and tag != found.version
        return None if changed or (found.size and len(answer.content) != found.size) else answer.content


async def changed_files(context: Context[Connection, Watched], cursor: str | None) -> AsyncIterator[Item]:
    """Yield the files of a folder that are new or have changed since the cursor."""
    settings = context.settings
    place = Files(Client(context), settings)
    async for item in appeared(place, cursor, existing=settings.existing, quiet=settings.quiet):
        yield item


def bare(tag: str) -> str:
    """Return an ETag without its quotes and without what servers add when they pack an answer."""
    return tag.strip().removeprefix("W/").strip('"').removesuffix("-gzip")


def version_of(entry: Entry) -> str:
    """Return what changes with the content: the ETag, or size and date from servers that give none."""
    return bare(entry.tag) or f"{entry.size or 0} {entry.modified}"


def _found(path: str, entry: Entry) -> Found:
    return Found(path=path, size=entry.size or 0, version=version_of(entry), changed=_date(entry.modified))


def _date(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
