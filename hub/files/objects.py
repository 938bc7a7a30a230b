"""Where sealed content lies: one protocol, a directory or an S3 bucket behind it."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from hub.errors import InvalidError
from hub.files.accounts import S3Account

S3 = "s3://"


class ObjectStore(Protocol):
    """Keeps bytes under keys of ours; a put is on disk when it returns.

    A store that is full or down raises `UnavailableError`, a key that is not there `NotFoundError`.
    """

    async def put(self, key: str, content: bytes) -> None:
        """Keep the content, whole or not at all."""
        ...

    async def get(self, key: str) -> bytes:
        """The content kept under the key."""
        ...

    async def delete(self, key: str) -> None:
        """Forget the key; one that is not there is fine."""
        ...


def open_store(address: str, account: S3Account | None = None) -> ObjectStore:
    """The store at `s3://bucket/prefix` or in a directory, which is made when missing."""
    if not address.startswith(S3):
        from hub.files.directory import DirectoryStore

        return DirectoryStore(Path(address))
    from hub.files.s3 import S3Objects

    bucket, _, prefix = address.removeprefix(S3).partition("/")
    if not bucket:
        raise InvalidError("PATCHDECK_FILE_STORE names no bucket; write s3://bucket/prefix.")
    return S3Objects(bucket, prefix.strip("/"), account or S3Account())
