"""The files of a folder on an SFTP server: listed with limits, read only when they are whole."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

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
from connectors.sdk.files.outgoing import require_folder
from connectors.sdk.intervals import interval
from connectors.sftp.connection import Connection
from connectors.sftp.session import server

if TYPE_CHECKING:
    import asyncssh

DEEPEST = 20
MOST_CHOICES = 500


async def folders(context: Context[Connection, Any]) -> Sequence[str]:
    """Return the folders where the account begins."""
    async with server(context) as sftp:
        here = str(await sftp.realpath("."))
        listed = [entry async for entry in _entries(sftp, here)]
    found = [_below(here, name) for name, attributes in listed if _is_folder(attributes)]
    return sorted([here, *found])[:MOST_CHOICES]


class Watched(Settings):
    """Which folder to watch, and which files in it."""

    folder: Annotated[
        str,
        field(
            "Folder",
            hint="From the top, such as /srv/in; or from where the account begins, such as in.",
            example="/srv/in",
            choices=folders,
        ),
    ]
    below: Annotated[bool, field("Folders below too")] = False
    pattern: Pattern = "*"
    types: Types = []
    existing: Existing = "read"
    every: Every = "1m"
    quiet: Quiet = 2.0

    def __post_init__(self) -> None:
        require_folder(self.folder)
        interval(self.every)
        if not 0 <= self.quiet <= 60:
            raise ValueError("Between 0 and 60 seconds may pass until a file counts as whole.")


class Files:
    """The wanted files of one folder, over one connection."""

    def __init__(self, sftp: asyncssh.SFTPClient, settings: Watched) -> None:
        self._sftp = sftp
        self._settings = settings
        self._met = 0

    async def files(self) -> Sequence[Found]:
        """Return the files that fit; links, and names of what is still being written, are passed over."""
        self._met = 0
        return [found async for found in self._walk(self._settings.folder.rstrip("/") or "/", 0)]

    async def content(self, found: Found) -> bytes | None:
        """Return a file's content; None when it has gone, or is not what was listed any more."""
        import asyncssh

        try:
            async with self._sftp.open(found.path, "rb") as file:
                content: Any = await file.read(LARGEST_FILE + 1)
                now = await file.stat()
        except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
            return None
        whole = _version(now) == found.version and len(content) == found.size
        return bytes(content) if whole else None

    async def _walk(self, folder: str, depth: int) -> AsyncIterator[Found]:
        async for name, attributes in _entries(self._sftp, folder):
            self._met += 1
            if self._met > 2 * MOST_FILES:
                raise SettingsError(f"There are too many files below {self._settings.folder}. Watch a smaller folder.")
            path = _below(folder, name)
            if _is_folder(attributes):
                if self._settings.below and depth < DEEPEST and not name.startswith("."):
                    async for found in self._walk(path, depth + 1):
                        yield found
            elif _is_file(attributes) and not is_unfinished(name) and self._is_wanted(name):
                yield _found(path, attributes)

    def _is_wanted(self, name: str) -> bool:
        return fits(name, self._settings.pattern, self._settings.types)


async def changed_files(context: Context[Connection, Watched], cursor: str | None) -> AsyncIterator[Item]:
    """Yield the files of a folder that are new or have changed since the cursor."""
    settings = context.settings
    async with server(context) as sftp:
        place = Files(sftp, settings)
        async for item in appeared(place, cursor, existing=settings.existing, quiet=settings.quiet):
            yield item


async def _entries(sftp: asyncssh.SFTPClient, folder: str) -> AsyncIterator[tuple[str, Any]]:
    """List a folder; a name that would lead elsewhere is none, and no server lists without end."""
    count = 0
    async for entry in sftp.scandir(folder):
        name = str(entry.filename)
        if name in {"", ".", ".."} or "/" in name or "\0" in name:
            continue
        count += 1
        if count > MOST_FILES:
            raise SettingsError(f"There are more than {MOST_FILES:,} files in {folder}. Watch a folder with fewer.")
        yield name, entry.attrs


def _below(folder: str, name: str) -> str:
    return f"{folder.rstrip('/')}/{name}"


def _is_folder(attributes: Any) -> bool:
    import asyncssh

    return bool(attributes.type == asyncssh.FILEXFER_TYPE_DIRECTORY)


def _is_file(attributes: Any) -> bool:
    import asyncssh

    return bool(attributes.type == asyncssh.FILEXFER_TYPE_REGULAR)


def _found(path: str, attributes: Any) -> Found:
    readable = path.isprintable() and not any("\ud800" <= letter <= "\udfff" for letter in path)
    changed = datetime.fromtimestamp(min(attributes.mtime or 0, 32_503_680_000), UTC)
    # Names that differ only in what no text can show must not become one
    own = "" if readable else quote(path.encode("utf-8", "surrogateescape"))
    return Found(path=path, size=attributes.size or 0, version=_version(attributes), changed=changed, id=own)


def _version(attributes: Any) -> str:
    return f"{attributes.size or 0}-{attributes.mtime or 0}"
