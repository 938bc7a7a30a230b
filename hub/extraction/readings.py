"""Readings of a workspace: made once for each source and way of reading, kept sealed, seen and corrected by people."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from pathlib import PurePath
from time import perf_counter
from uuid import UUID

import msgspec

from hub.audit import Audit
from hub.database import transaction
from hub.errors import HubError, StaleError
from hub.extraction.correcting import Change, correct
from hub.extraction.readers import Options, Readers
from hub.extraction.reading import Reading
from hub.extraction.sources import Given
from hub.extraction.stored_readings import CHANGED, PREFIX, Kept, StoredReadings, source_of
from hub.extraction.views import ReadingView, view_of
from hub.files import Files
from hub.ids import show
from hub.members import Member, Verb
from hub.sealing import Vault
from hub.usage import Usage, Used

# Endings by which a reader tells kinds of plain text apart.
_TELLING = frozenset({".md", ".markdown", ".csv", ".tsv", ".txt"})


class StoredReading(msgspec.Struct, frozen=True, kw_only=True):
    """A reading with its id, its file and the milliseconds it took, 0 when it was there already."""

    id: UUID
    file: str | None = None
    reading: Reading
    took_ms: int


class Readings:
    """Reads sources in the jail, keeps what was read, and lets people put it right before anything is extracted."""

    def __init__(self, *, files: Files, readers: Readers, vault: Vault, usage: Usage, audit: Audit) -> None:
        self._files = files
        self._readers = readers
        self._stored = StoredReadings(vault)
        self._usage = usage
        self._audit = audit

    async def read(self, workspace: UUID, given: Given) -> StoredReading:
        """Read a source in a way, or take what was so read of it before, with the corrections made since."""
        if given.reading is not None:
            found = await self._stored.find(workspace, given.reading)
            file = show("fil", found.file) if found.file else None
            return StoredReading(id=found.id, file=file, reading=found.reading, took_ms=0)
        given.options.check()
        content = given.text.encode() if given.text is not None else await self._files.open(workspace, given.file or "")
        source = await source_of(content, _way(given))
        kept = await self._stored.of_source(workspace, source)
        if kept:
            return StoredReading(id=kept.id, reading=kept.reading, took_ms=0)
        start = perf_counter()
        try:
            reading = await self._readers.read(content, given.name, given.options)
        except HubError:
            await self._settle(workspace, given, "failed", start)
            raise
        took = await self._settle(workspace, given, "read", start)
        identity = await self._stored.keep(workspace, given.file, source, reading, took)
        await self._usage.record(workspace, [_used(reading)])
        return StoredReading(id=identity, reading=reading, took_ms=took)

    async def of_file(self, member: Member, file: str, options: Options | None = None) -> ReadingView:
        """Read a stored file and show what was read; nothing is extracted and no language model sees it."""
        member.authorize(Verb.EXTRACT)
        described = await self._files.describe(member, file)
        given = Given(name=described.name, file=described.id, options=options or Options())
        read = await self.read(member.workspace, given)
        return await self.find(member, show(PREFIX, read.id))

    async def find(self, member: Member, reference: str) -> ReadingView:
        """Show a reading as it is used now, corrections included."""
        member.authorize(Verb.READ)
        return view_of(await self._stored.find(member.workspace, reference))

    async def correct(
        self, member: Member, reference: str, changes: Sequence[Change], revision: int | None = None
    ) -> ReadingView:
        """Change words, lines or pages; the original is kept, and later extractions use the corrected text."""
        member.authorize(Verb.REVIEW)
        kept = await self._found(member, reference, revision)
        corrected = await asyncio.to_thread(correct, kept.reading, changes)
        async with transaction():
            await self._stored.correct(member.workspace, kept, corrected, member.user)
            await self._audit.record(member, "reading.corrected", reference, {"changes": len(changes)})
        return await self.find(member, reference)

    async def restore(self, member: Member, reference: str, revision: int | None = None) -> ReadingView:
        """Drop all corrections: the reading is again what the reader made of the source."""
        member.authorize(Verb.REVIEW)
        kept = await self._found(member, reference, revision)
        if kept.corrected_at is not None:
            async with transaction():
                await self._stored.restore(member.workspace, kept)
                await self._audit.record(member, "reading.restored", reference)
        return await self.find(member, reference)

    async def _found(self, member: Member, reference: str, revision: int | None) -> Kept:
        kept = await self._stored.find(member.workspace, reference)
        if revision is not None and revision != kept.revision:
            raise StaleError(CHANGED)
        return kept

    async def _settle(self, workspace: UUID, given: Given, status: str, start: float) -> int:
        took = round((perf_counter() - start) * 1000)
        if given.file:
            await self._files.settle(workspace, given.file, status=status, took_ms=took)
        return took


def _used(reading: Reading) -> Used:
    """What was read: pages, or seconds of a recording."""
    seconds = reading.metadata.properties.get("duration")
    if seconds and reading.media_type.startswith("audio/"):
        return Used(kind="speech", quantity=math.ceil(float(seconds)), unit="seconds")
    return Used(kind="pages", quantity=max(1, len(reading.pages)), unit="pages")


def _way(given: Given) -> str:
    """What besides the content decides how a source is read."""
    ending = PurePath(given.name.lower()).suffix
    told = given.options.fingerprint
    return f"{told}{ending}" if ending in _TELLING and ending != ".txt" else told
