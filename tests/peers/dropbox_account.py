"""A Dropbox account for the peer: folders, files with all their versions, and a journal that cursors are places in."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from dropbox import files
from dropbox.content_hash import content_hash

START = datetime(2026, 11, 22, 10, 0, 0)  # noqa: DTZ001  # the SDK takes moments in UTC without a zone


class RefusedError(Exception):
    """A typed refusal: what the route's error type must be able to say."""

    def __init__(self, error: Any) -> None:
        super().__init__(str(error))
        self.error = error


class Account:
    """What is there; `changed` tells who waits, and a new `epoch` makes all cursors void."""

    def __init__(self) -> None:
        self.epoch = 0
        self.folders: dict[str, str] = {}
        self.versions: dict[str, list[tuple[files.FileMetadata, bytes]]] = {}
        self.gone: set[str] = set()
        self.changed = asyncio.Event()
        self._journal: list[str] = []
        self._limits: dict[str, tuple[str, bool, int]] = {}
        self._revisions = 0

    def put(self, path: str, content: bytes, *, age: int = 0) -> files.FileMetadata:
        """Write a version of a file, as someone else does."""
        self._revisions += 1
        lower, last = path.lower(), self.versions.get(path.lower())
        known = last[0][0].id if last and lower not in self.gone else f"id:{self._revisions:022d}"
        changed = START + timedelta(seconds=self._revisions - age)
        entry = files.FileMetadata(
            name=path.rpartition("/")[2],
            id=known,
            client_modified=changed,
            server_modified=changed,
            rev=f"{self._revisions:016x}",
            size=len(content),
            path_lower=lower,
            path_display=path,
            is_downloadable=True,
            content_hash=content_hash(content),
        )
        self.versions.setdefault(lower, []).append((entry, content))
        self.gone.discard(lower)
        self._tell(lower)
        return entry

    def make_folder(self, path: str) -> None:
        """Make a folder."""
        self.folders[path.lower()] = path
        self._tell(path.lower())

    def remove(self, path: str) -> None:
        """Delete a file, as someone else does."""
        self.gone.add(path.lower())
        self._tell(path.lower())

    def tell_again(self, path: str) -> None:
        """Let the journal name a file once more that has not changed."""
        self._tell(path.lower())

    def content(self, path: str) -> bytes:
        """Return what is in a file now."""
        return self.versions[path.lower()][-1][1]

    @property
    def paths(self) -> list[str]:
        """All files that are there."""
        return sorted(self.versions[lower][-1][0].path_display for lower in self.versions if lower not in self.gone)

    @property
    def state(self) -> list[tuple[str, str]]:
        """All files and what is in them."""
        return [(path, content_hash(self.content(path))) for path in self.paths]

    def _tell(self, lower: str) -> None:
        self._journal.append(lower)
        self.changed.set()

    def entry(self, lower: str) -> Any:
        """Return the file at a path as it is now, if there is one."""
        return self.versions[lower][-1][0] if lower in self.versions and lower not in self.gone else None

    def current(self, lower: str, error: Callable[[Any], Any]) -> tuple[Any, bytes]:
        """Return a file and its content, or refuse."""
        if self.entry(lower) is None:
            raise RefusedError(error(files.LookupError.not_found))
        return self.versions[lower][-1]

    def version(self, rev: str, error: Any) -> tuple[Any, bytes]:
        """Return a file as it was in one version."""
        for versions in self.versions.values():
            for entry, content in versions:
                if entry.rev == rev:
                    return entry, content
        raise RefusedError(error)

    def folder(self, lower: str) -> files.FolderMetadata:
        """Tell of a folder."""
        display = self.folders[lower]
        name = display.rpartition("/")[2]
        return files.FolderMetadata(name=name, id=f"id:folder{len(lower)}", path_lower=lower, path_display=display)

    def require_folder(self, lower: str, error: Callable[[Any], Any]) -> None:
        """Refuse what is no folder."""
        if self.entry(lower) is not None:
            raise RefusedError(error(files.LookupError.not_folder))
        if lower and lower not in self.folders and not any(path.startswith(f"{lower}/") for path in self.versions):
            raise RefusedError(error(files.LookupError.not_found))

    def cursor(self, argument: Any, place: int) -> str:
        """Make a cursor for a folder at a place of the journal; -1 is its end."""
        place = place if place >= 0 else len(self._journal)
        key = f"{argument.path.lower()} {argument.recursive} {argument.limit}"
        self._limits[key] = argument.path.lower(), argument.recursive, argument.limit or 500
        return f"{self.epoch}|{place}|{key}"

    def is_known(self, cursor: str) -> bool:
        """Tell whether a cursor is still good."""
        epoch, _, _ = cursor.split("|", 2)
        return epoch == str(self.epoch)

    def page(self, cursor: str) -> files.ListFolderResult:
        """List what the journal names from a cursor on, each thing once and as it is now."""
        _, place, key = cursor.split("|", 2)
        folder, deep, limit = self._limits[key]
        found: dict[str, Any] = {}
        at = int(place)
        while at < len(self._journal) and len(found) < limit:
            lower = self._journal[at]
            rest = lower.removeprefix(f"{folder}/") if lower.startswith(f"{folder}/") else ""
            if rest and (deep or "/" not in rest):
                found[lower] = self._told(lower)
            at += 1
        return files.ListFolderResult(
            entries=list(found.values()), cursor=f"{self.epoch}|{at}|{key}", has_more=at < len(self._journal)
        )

    def _told(self, lower: str) -> Any:
        if lower in self.folders:
            return self.folder(lower)
        entry = self.entry(lower)
        if entry is not None:
            return entry
        last = self.versions[lower][-1][0]
        return files.DeletedMetadata(name=last.name, path_lower=lower, path_display=last.path_display)
