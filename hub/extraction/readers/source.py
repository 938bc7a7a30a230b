"""What goes into the jail to be read, and how much of it a reader takes."""

from __future__ import annotations

import hashlib
from time import process_time

import msgspec

from hub.extraction.readers.options import Options
from hub.extraction.reading import ReadingError

PAGES = 2_000
WORDS = 400_000
CHARACTERS = 8_000_000
MEGABYTES = 100
# Inside one source: how deep its files may lie in each other, how many are read, how much they unpack to, for how many
# seconds of work.
DEPTH, FILES, ROOM, SECONDS = 4, 500, 90 << 20, 40.0


class Room(msgspec.Struct):
    """What may still be read of the files inside a source; all of them share one."""

    files: int = FILES
    octets: int = ROOM
    until: float = msgspec.field(default_factory=lambda: process_time() + SECONDS)

    @property
    def left(self) -> bool:
        """Whether another file may be read."""
        return self.files > 0 and self.octets > 0 and process_time() < self.until


class Lot(msgspec.Struct):
    """Until when pages are recognised in one call, by the monotonic clock, and the page to go on with."""

    until: float
    rest: int | None = None


class Source(msgspec.Struct, frozen=True):
    """A document's bytes, how to read it, and its name: a label that decides only between kinds of plain text.

    `depth` counts the files around it; `room` is made when the first file inside is read; `lot` is there when
    long scans are read in several calls.
    """

    content: bytes
    name: str = ""
    options: Options = Options()
    depth: int = 0
    room: Room | None = None
    lot: Lot | None = None

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the content."""
        return hashlib.sha256(self.content).hexdigest()


def check_size(size: int) -> None:
    """Refuse what is empty or larger than a document may be."""
    if size == 0:
        raise ReadingError("The file is empty.")
    if size > MEGABYTES << 20:
        raise ReadingError(
            f"The file has {size >> 20} MB; up to {MEGABYTES} MB can be read. Split it or make it smaller."
        )
