"""What goes into the jail to be read, and how much of it a reader takes."""

import hashlib

import msgspec

from hub.extraction.readers.options import Options
from hub.extraction.reading import ReadingError

PAGES = 2_000
WORDS = 400_000
CHARACTERS = 8_000_000
MEGABYTES = 100


class Source(msgspec.Struct, frozen=True):
    """A document's bytes, how to read it, and its name: a label that decides only between kinds of plain text."""

    content: bytes
    name: str = ""
    options: Options = Options()

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
