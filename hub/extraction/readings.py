"""Readings of a workspace: made once for each source and way of reading, kept sealed, taken again when asked again."""

from __future__ import annotations

from time import perf_counter
from uuid import UUID

import msgspec

from hub.errors import HubError
from hub.extraction import store
from hub.extraction.readers import Readers
from hub.extraction.reading import Reading
from hub.extraction.sources import Given
from hub.files import Files
from hub.sealing import Vault
from hub.usage import Usage, Used


class StoredReading(msgspec.Struct, frozen=True, kw_only=True):
    """A reading with its id and the milliseconds it took, 0 when it was there already."""

    id: UUID
    reading: Reading
    took_ms: int


class Readings:
    """Reads sources in the jail and keeps what was read."""

    def __init__(self, *, files: Files, readers: Readers, vault: Vault, usage: Usage) -> None:
        self._files = files
        self._readers = readers
        self._vault = vault
        self._usage = usage

    async def read(self, workspace: UUID, given: Given) -> StoredReading:
        """Read a source, or take the reading that was stored when it was read before."""
        content = given.text.encode() if given.text is not None else await self._files.open(workspace, given.file or "")
        kept = await store.reading_of(self._vault, workspace, content)
        if kept:
            return StoredReading(id=kept[1], reading=kept[0], took_ms=0)
        start = perf_counter()
        try:
            reading = await self._readers.read(content, given.name)
        except HubError:
            await self._settle(workspace, given, "failed", start)
            raise
        took = await self._settle(workspace, given, "read", start)
        identity = await store.keep_reading(self._vault, workspace, given.file, reading, took)
        used = Used(kind="pages", quantity=max(1, len(reading.pages)), unit="pages")
        await self._usage.record(workspace, [used])
        return StoredReading(id=identity, reading=reading, took_ms=took)

    async def _settle(self, workspace: UUID, given: Given, status: str, start: float) -> int:
        took = round((perf_counter() - start) * 1000)
        if given.file:
            await self._files.settle(workspace, given.file, status=status, took_ms=took)
        return took
