"""Objects as files in a directory: written beside, forced to disk, then put in place."""

from __future__ import annotations

import asyncio
import errno
import os
import secrets
from pathlib import Path

from hub.errors import NotFoundError, UnavailableError

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
AGAIN = 30.0


class DirectoryStore:
    """Keeps each object in a file named by its key, for the owner's eyes only."""

    def __init__(self, root: Path) -> None:
        self._root = root

    async def put(self, key: str, content: bytes) -> None:
        """Keep the content, whole or not at all."""
        try:
            await asyncio.to_thread(_write, self._root / key, content)
        except OSError as error:
            raise _unavailable(error, "nothing was stored") from error

    async def get(self, key: str) -> bytes:
        """The content kept under the key."""
        try:
            return await asyncio.to_thread((self._root / key).read_bytes)
        except FileNotFoundError as error:
            raise NotFoundError("The content of this file is not in the file store any more.") from error
        except OSError as error:
            raise _unavailable(error, "nothing was read") from error

    async def delete(self, key: str) -> None:
        """Forget the key; one that is not there is fine."""
        try:
            await asyncio.to_thread((self._root / key).unlink, missing_ok=True)
        except OSError as error:
            raise _unavailable(error, "nothing was deleted") from error


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _unavailable(error: OSError, outcome: str) -> UnavailableError:
    if error.errno in FULL:
        return UnavailableError(f"The disk of the file store is full; {outcome}. Free some space.", retry_after=AGAIN)
    return UnavailableError(f"The file store does not work ({error.strerror}); {outcome}.", retry_after=AGAIN)
