"""One reader for each kind of source, picked by content and run in the jail."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from hub.extraction.readers.lots import Part, reading_of
from hub.extraction.readers.options import Options
from hub.extraction.readers.source import Source, check_size
from hub.extraction.reading import Reading, ReadingError
from hub.jail import Jail, JailError, Limits

if TYPE_CHECKING:
    from hub.extraction.speech.service import Speech

__all__ = ["Options", "Readers"]

DEFAULTS = Options()
READ = "hub.extraction.readers.lots:read_lot"
# Images take more memory than texts, the engine for photos most of it.
LIMITS = Limits(seconds=60, cpu_seconds=60)
IMAGE_MEMORY = 1536 << 20
IMAGES = re.compile(rb".{0,1019}%PDF-|\x89PNG|\xff\xd8\xff|GIF8|II\*\x00|MM\x00\*|BM|RIFF.{4}WEBP", re.DOTALL)
REASONS = {
    "time": "Reading the document took longer than {seconds:g} seconds. Split it or make it simpler.",
    "memory": "Reading the document needs more memory than it may use. Split it or make it smaller.",
    "output": "The document holds more than can be kept. Split it.",
    "crash": "The document is broken in a way that cannot be read. Export it again from the program that made it.",
}


class Readers:
    """Reads documents; whatever a document does, the caller gets a reading or a `ReadingError`.

    Recordings go to `speech`, where there is one.
    """

    def __init__(self, jail: Jail, limits: Limits = LIMITS, speech: Speech | None = None) -> None:
        self._jail = jail
        self._limits = limits
        self._speech = speech

    async def read(self, content: bytes, name: str = "", options: Options = DEFAULTS) -> Reading:
        """Read a document; the name is only a label."""
        check_size(len(content))
        options.check()
        if self._speech and self._speech.understands(content):
            return await self._speech.read(content, options)
        parts = reading_of(Source(content, name, options))
        limits = self._limits_for(content)
        try:
            source = next(parts)
            while True:
                source = parts.send(await self._jail.run(READ, source, Part, limits))
        except StopIteration as whole:
            reading: Reading = whole.value
            return reading
        except JailError as error:
            raise self._reason(error) from error

    def read_now(self, content: bytes, name: str = "", options: Options = DEFAULTS) -> Reading:
        """The same for a program without an event loop; it blocks."""
        check_size(len(content))
        options.check()
        parts = reading_of(Source(content, name, options))
        limits = self._limits_for(content)
        try:
            source = next(parts)
            while True:
                source = parts.send(self._jail.run_now(READ, source, Part, limits))
        except StopIteration as whole:
            reading: Reading = whole.value
            return reading
        except JailError as error:
            raise self._reason(error) from error

    def _limits_for(self, content: bytes) -> Limits:
        if not IMAGES.match(content[:1024]):
            return self._limits
        return msgspec.structs.replace(self._limits, memory=max(self._limits.memory, IMAGE_MEMORY))

    def _reason(self, error: JailError) -> ReadingError:
        reason = REASONS.get(error.kind, error.message)
        return ReadingError(reason.format(seconds=self._limits.seconds) if error.kind == "time" else reason)
