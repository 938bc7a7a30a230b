"""Directories that connectors may watch and write: below the operator's roots, never through a link."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
import stat
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TypeVar

from connectors.sdk import FolderFile, SettingsError, TemporaryError

T = TypeVar("T")

DEEPEST = 20
MOST_FILES = 100_000
MOST_LISTED = 500
LOCK_PAUSE = 0.02
LOCK_LIMIT = 60.0
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


class Folders:
    """The directories below the allowed roots; every step on the way is opened by itself, so links lead nowhere."""

    def __init__(self, roots: Sequence[Path]) -> None:
        self._roots = [(root, root.resolve()) for root in roots]

    async def list(self, directory: str, pattern: str) -> Sequence[FolderFile]:
        """Return the files of a directory that match a glob, oldest change first."""
        return await asyncio.to_thread(self._list, directory, pattern.split("/"))

    async def read(self, directory: str, path: str) -> bytes:
        """Return a file's content."""
        return await asyncio.to_thread(self._on_file, directory, path, os.O_RDONLY, _read_all)

    async def part(self, directory: str, path: str, start: int, size: int) -> bytes:
        """Return some of a file's content: at most `size` bytes from `start` on."""
        return await asyncio.to_thread(
            self._on_file, directory, path, os.O_RDONLY, lambda file: _read_part(file, start, size)
        )

    async def directories(self) -> Sequence[str]:
        """Return the allowed roots and the directories right below them."""
        return await asyncio.to_thread(self._directories)

    async def size(self, directory: str, name: str) -> int:
        """Return a file's length in bytes, 0 when there is none."""
        return await asyncio.to_thread(self._size, directory, name)

    async def append(self, directory: str, name: str, content: bytes) -> int:
        """Add to the end of a file, made when missing, and return the new length; kept on disk on return."""
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        return await asyncio.to_thread(self._on_file, directory, name, flags, lambda file: _append(file, content))

    async def truncate(self, directory: str, name: str, size: int) -> None:
        """Cut a file back to a length."""
        await asyncio.to_thread(self._on_file, directory, name, os.O_WRONLY, lambda file: _truncate(file, size))

    async def replace(self, directory: str, name: str, content: bytes) -> None:
        """Write a whole file so that readers see the old or the new one, never a half."""
        await asyncio.to_thread(self._replace, directory, name, content)

    @asynccontextmanager
    async def hold(self, directory: str, name: str) -> AsyncIterator[None]:
        """Let one writer at a time at a file, over all workers that see the directory."""
        lock = await asyncio.to_thread(self._on_file, directory, f".{name}.lock", os.O_RDWR | os.O_CREAT, os.dup)
        try:
            await _lock(lock, name)
            yield
        finally:
            os.close(lock)

    def _list(self, directory: str, pattern: Sequence[str]) -> Sequence[FolderFile]:
        found: list[FolderFile] = []
        with _told(directory), self._opened(directory) as place:
            _collect(place, "", pattern, found)
        return sorted(found, key=lambda file: (file.changed, file.path))

    def _directories(self) -> Sequence[str]:
        found: list[str] = []
        for named, _ in self._roots:
            found.append(str(named))
            with suppress(OSError), self._opened(str(named)) as place, os.scandir(place) as entries:
                inside = sorted(one.name for one in entries if one.is_dir(follow_symlinks=False))
                found += [f"{named}/{name}" for name in inside[:MOST_LISTED] if not name.startswith(".")]
        return found

    def _size(self, directory: str, name: str) -> int:
        with _told(directory):
            try:
                with self._opened(directory) as place:
                    return os.stat(_segment(name), dir_fd=place, follow_symlinks=False).st_size
            except FileNotFoundError:
                return 0

    def _replace(self, directory: str, name: str, content: bytes) -> None:
        draft = f".{_segment(name)}.part"
        with _told(directory), self._opened(directory, make=True) as place:
            with suppress(FileNotFoundError):
                os.unlink(draft, dir_fd=place)
            with _file(place, draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL) as file:
                _write_all(file, content)
            os.replace(draft, name, src_dir_fd=place, dst_dir_fd=place)
            os.fsync(place)

    def _on_file(self, directory: str, path: str, flags: int, work: Callable[[int], T]) -> T:
        makes = bool(flags & os.O_CREAT)
        inner, _, name = path.rpartition("/")
        with _told(directory), self._opened(f"{directory}/{inner}" if inner else directory, make=makes) as place:
            with _file(place, _segment(name), flags) as file:
                done = work(file)
            if makes:
                os.fsync(place)
            return done

    @contextmanager
    def _opened(self, directory: str, *, make: bool = False) -> Iterator[int]:
        root, parts = self._below_root(directory)
        place = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            for part in parts:
                following = _step(place, part, make=make)
                os.close(place)
                place = following
            yield place
        finally:
            os.close(place)

    def _below_root(self, directory: str) -> tuple[Path, Sequence[str]]:
        """Return the root that a directory lies below, and the steps down from there."""
        if not self._roots:
            raise SettingsError("No directories are allowed. The operator can name them with PATCHDECK_FOLDER_ROOTS.")
        given = Path(directory)
        if ".." in given.parts or "\0" in directory:
            raise SettingsError("A directory may not be named with '..'.")
        if not given.is_absolute():
            return self._roots[0][1], given.parts
        for named, real in self._roots:
            for root in (named, real):
                if given.is_relative_to(root):
                    return real, given.relative_to(root).parts
        raise SettingsError(
            f"{directory} is not below an allowed directory. The operator can allow it with PATCHDECK_FOLDER_ROOTS."
        )


def _step(place: int, name: str, *, make: bool) -> int:
    if make:
        with suppress(FileExistsError):
            os.mkdir(name, 0o750, dir_fd=place)
    return os.open(name, _DIRECTORY, dir_fd=place)


def _segment(name: str) -> str:
    if not name or name in {".", ".."} or "/" in name or "\0" in name:
        raise SettingsError("A file name may not be empty or lead to another directory.")
    return name


@contextmanager
def _file(place: int, name: str, flags: int) -> Iterator[int]:
    file = os.open(name, flags | _FILE, 0o640, dir_fd=place)
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise SettingsError(f"{name} is not an ordinary file.")
        yield file
    finally:
        os.close(file)


def _collect(place: int, path: str, pattern: Sequence[str], found: list[FolderFile]) -> None:
    """Add the ordinary files below an open directory that match what is left of a pattern."""
    here, rest = pattern[0], pattern[1:]
    if here == "**":
        _collect(place, path, rest or ["*"], found)
    with os.scandir(place) as entries:
        listed = sorted(entries, key=lambda entry: entry.name)
    for entry in listed:
        if entry.name.startswith(".") and not here.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False) and (here == "**" or (rest and fnmatchcase(entry.name, here))):
            _descend(place, f"{path}{entry.name}/", entry.name, pattern if here == "**" else rest, found)
        elif not rest and here != "**" and entry.is_file(follow_symlinks=False) and fnmatchcase(entry.name, here):
            if len(found) == MOST_FILES:
                raise SettingsError(f"There are more than {MOST_FILES:,} files in the directory.")
            with suppress(FileNotFoundError):
                known = entry.stat(follow_symlinks=False)
                found.append(FolderFile(path=path + entry.name, size=known.st_size, changed=known.st_mtime_ns))


def _descend(place: int, path: str, name: str, pattern: Sequence[str], found: list[FolderFile]) -> None:
    if path.count("/") > DEEPEST:
        return
    with suppress(FileNotFoundError):
        inner = os.open(name, _DIRECTORY, dir_fd=place)
        try:
            _collect(inner, path, pattern, found)
        finally:
            os.close(inner)


def _read_all(file: int) -> bytes:
    with os.fdopen(os.dup(file), "rb") as stream:
        return stream.read()


def _read_part(file: int, start: int, size: int) -> bytes:
    with os.fdopen(os.dup(file), "rb") as stream:
        stream.seek(start)
        return stream.read(size)


def _append(file: int, content: bytes) -> int:
    _write_all(file, content)
    return os.fstat(file).st_size


def _truncate(file: int, size: int) -> None:
    os.ftruncate(file, size)
    os.fsync(file)


def _write_all(file: int, content: bytes) -> None:
    left = memoryview(content)
    while left:
        left = left[os.write(file, left) :]
    os.fsync(file)


async def _lock(lock: int, name: str) -> None:
    try:
        async with asyncio.timeout(LOCK_LIMIT):
            while not _locked(lock):
                await asyncio.sleep(LOCK_PAUSE)
    except TimeoutError as error:
        raise TemporaryError(f"Another writer holds {name} for too long.") from error


def _locked(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _told(directory: str) -> Iterator[None]:
    """Say what the system refuses in words for a user."""
    try:
        yield
    except FileNotFoundError as error:
        raise SettingsError(f"There is no such file or directory in {directory}.") from error
    except OSError as error:
        if error.errno in {errno.ELOOP, errno.ENOTDIR}:
            raise SettingsError(f"{directory} leads through a link or is not a directory.") from error
        if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENAMETOOLONG}:
            raise SettingsError(f"The hub may not do this in {directory}: {os.strerror(error.errno)}.") from error
        raise TemporaryError(f"{directory} cannot be used at the moment: {error.strerror}.") from error
